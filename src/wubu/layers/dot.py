"""`Dot`: products of two inputs, summed over an axis, sample by sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.layers.layer import Layer
from wubu.layers.merging import check_list
from wubu.ops.prepare import normal_axis


class Dot(Layer):
    """y[b, i, j] = sum over k of x1[b, i, k] * x2[b, k, j], for any axis k of each.

    Args:
        axes: the axis that is summed over, the same in both inputs, or (first, second).
            Axis 0 is the batch and cannot be summed over.
        normalize: divide vectors along these axes by their length first, so that the
            output is the cosine of their angle.
        options: name, dtype of every layer.

    Shapes:
        A list of two, (batch, ..., n, ...) and (batch, ..., n, ...) -> (batch, the
        other axes of the first, those of the second), or (batch, 1) if there are none.

    Raises:
        ArgumentError: axes that are no numbers, or the batch; not two inputs.
        ShapeError: the axes are of different lengths, or there is no such axis.

    Example:
        >>> import wubu
        >>> a, b = wubu.tensor([[1.0, 2.0]]), wubu.tensor([[3.0, 4.0]])
        >>> Dot(axes=1)([a, b]).tolist()
        [[11.0]]
    """

    def __init__(
        self, axes: int | Sequence[int], normalize: bool = False, **options: Any
    ) -> None:
        super().__init__(**options)
        pair: list[Any] = list(axes) if isinstance(axes, list | tuple) else [axes, axes]
        whole = [isinstance(a, int | np.integer) and a != 0 for a in pair]
        if len(pair) != 2 or not all(whole):
            raise ArgumentError(
                "axes says over which axis to sum",
                expected="a number, or one for each of two inputs; not 0, the batch",
                got=repr(axes)[:60],
            )
        self.axes = axes if isinstance(axes, int) else tuple(pair)
        self.normalize = normalize
        self._pair = pair

    def build(self, input_shape: list[tuple[int | None, ...]]) -> None:
        check_list(input_shape, 2)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        x, y = inputs
        a, b = (normal_axis(k, z.ndim) for k, z in zip(self._pair, inputs, strict=True))
        if x.shape[a] != y.shape[b] or not a or not b:
            raise ShapeError(
                "its inputs do not fit together",
                expected=f"axis {a} of the first as long as axis {b} of the second",
                got=f"{x.shape} and {y.shape}",
                fix="change axes, or the lengths",
            )
        if self.normalize:
            x, y = ops.normalize(x, a), ops.normalize(y, b)
        found = ops.dot_general(x, y, contract=((a,), (b,)), batch=((0,), (0,)))
        return found if found.ndim > 1 else ops.expand_dims(found, 1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """None: the axes of the output are other ones."""


def dot(inputs: Any, axes: int | Sequence[int] = -1, **options: Any) -> Any:
    """`Dot(axes, **options)(inputs)`, the functional form."""
    return Dot(axes, **options)(inputs)
