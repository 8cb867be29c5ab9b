"""`Permute` and `RepeatVector`: the same numbers along other axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.arguments import positive_integer
from wubu.layers.layer import Layer


class Permute(Layer):
    """The axes of a sample in another order.

    Args:
        dims: for each axis of the output which axis of the input it is, counted from 1,
            since axis 0 is the batch: (2, 1) swaps the two axes of a sample.
        options: name, dtype of every layer.

    Shapes:
        (batch, n1, n2, ...) -> (batch, n[dims[0]], n[dims[1]], ...)

    Raises:
        ArgumentError: `dims` are not the numbers from 1 up, each once.
        ShapeError: an input with another number of axes.

    Example:
        >>> import wubu
        >>> Permute((2, 1))(wubu.zeros((32, 10, 64))).shape
        (32, 64, 10)
    """

    def __init__(self, dims: Sequence[int], **options: Any) -> None:
        super().__init__(**options)
        given: list[Any] = list(dims) if isinstance(dims, list | tuple) else [dims]
        whole = all(isinstance(n, int | np.integer) for n in given)
        if not whole or sorted(given) != list(range(1, len(given) + 1)):
            raise ArgumentError(
                "dims says which axis of a sample comes where",
                expected="each of 1, 2, 3 ... once; axis 0 is the batch and stays",
                got=repr(dims)[:60],
            )
        self.dims = tuple(int(n) for n in given)
        self.input_ndim = len(self.dims) + 1

    def call(self, inputs: Tensor) -> Tensor:
        return ops.transpose(inputs, (0, *self.dims))


class RepeatVector(Layer):
    """Every sample n times, one behind the other in time.

    Args:
        n: how often.
        options: name, dtype of every layer.

    Shapes:
        (batch, features) -> (batch, n, features)

    Raises:
        ArgumentError: `n` is no positive integer.

    Example:
        >>> RepeatVector(2)([[1.0, 2.0]]).tolist()
        [[[1.0, 2.0], [1.0, 2.0]]]
    """

    input_ndim = 2

    def __init__(self, n: int, **options: Any) -> None:
        super().__init__(**options)
        self.n = positive_integer("n", n)

    def call(self, inputs: Tensor) -> Tensor:
        batch, features = inputs.shape
        shape = (batch, self.n, features)
        return ops.broadcast_to(ops.expand_dims(inputs, 1), shape)
