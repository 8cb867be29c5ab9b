"""`Flatten` and `Reshape`: the same elements of a sample in another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.layers.arguments import image_format
from wubu.layers.layer import Layer


class Flatten(Layer):
    """All axes of a sample joined into one.

    Args:
        data_format: "channels_last" (default), or "channels_first", which moves
            channels last first, so that both formats give the same order.
        options: name, dtype of every layer.

    Shapes:
        (batch, ...) -> (batch, features); (batch,) -> (batch, 1).

    Example:
        >>> import wubu
        >>> Flatten()(wubu.zeros((32, 28, 28))).shape
        (32, 784)
    """

    input_ndim = (1, None)

    def __init__(self, data_format: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.data_format = image_format(data_format)

    def call(self, inputs: Tensor) -> Tensor:
        if self.data_format == "channels_first" and inputs.ndim > 1:
            inputs = ops.moveaxis(inputs, 1, -1)
        return ops.reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))


class Reshape(Layer):
    """Every sample in another shape.

    Args:
        target_shape: of one sample, without the batch axis. One axis may be -1 and is
            worked out.
        options: name, dtype of every layer.

    Shapes:
        (batch, ...) -> (batch, *target_shape)

    Raises:
        ShapeError: another number of elements.

    Example:
        >>> import wubu
        >>> Reshape((-1, 4))(wubu.zeros((32, 28))).shape
        (32, 7, 4)
    """

    input_ndim = (1, None)

    def __init__(self, target_shape: Sequence[int], **options: Any) -> None:
        super().__init__(**options)
        given = (target_shape,) if isinstance(target_shape, int) else target_shape
        axes = tuple(given)
        good = all(isinstance(n, int | np.integer) and n >= -1 for n in axes)
        if not good or axes.count(-1) > 1:
            raise ArgumentError(
                "target_shape is the shape of one sample",
                expected="positive integers, of which one may be -1",
                got=repr(target_shape),
            )
        self.target_shape = tuple(int(n) for n in axes)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.reshape(inputs, (inputs.shape[0], *self._resolved(inputs.shape[1:])))

    def _resolved(self, sample: tuple[int, ...]) -> tuple[int, ...]:
        """The target for samples of this shape, -1 worked out."""
        size = math.prod(sample)
        rest = math.prod(n for n in self.target_shape if n != -1)
        free = size // rest if rest and -1 in self.target_shape else 1
        if free * rest != size:
            raise ShapeError(
                "a sample has another number of elements",
                expected=f"{size}, as in (batch, {', '.join(map(str, sample))})",
                got=f"target_shape={self.target_shape}",
                fix="let one axis be -1 and it is worked out",
            )
        return tuple(free if n == -1 else n for n in self.target_shape)
