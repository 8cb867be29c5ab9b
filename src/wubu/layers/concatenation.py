"""`Concatenate`: inputs one behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.layer import Layer
from wubu.layers.merging import check_list, whole_mask
from wubu.ops.prepare import normal_axis


class Concatenate(Layer):
    """Inputs one behind the other along an axis.

    Args:
        axis: along which they are joined; they agree in all others.
        options: name, dtype of every layer.

    Shapes:
        A list of (batch, ..., n1), (batch, ..., n2) ... -> (batch, ..., n1 + n2 + ...).

    Raises:
        ShapeError: inputs that differ in another axis.

    Example:
        >>> import wubu
        >>> Concatenate()([wubu.zeros((1, 2)), wubu.ones((1, 1))]).tolist()
        [[0.0, 0.0, 1.0]]
    """

    def __init__(self, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis

    def build(self, input_shape: list[tuple[int | None, ...]]) -> None:
        check_list(input_shape)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        return ops.concatenate(list(inputs), axis=self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Tensor | None:
        """True where some feature comes from a place that is not masked."""
        if mask is None:
            return None
        axis = normal_axis(self.axis, inputs[0].ndim)
        parts = [whole_mask(x, m) for x, m in zip(inputs, mask, strict=True)]
        return ops.any(ops.concatenate(parts, axis=axis), axis=-1)


def concatenate(inputs: Any, axis: int = -1, **options: Any) -> Any:
    """`Concatenate(axis, **options)(inputs)`, the functional form."""
    return Concatenate(axis, **options)(inputs)
