"""`Softmax`: shares that sum to 1, as a layer."""

from __future__ import annotations

from typing import Any

from wubu import activations
from wubu.core.tensor import Tensor
from wubu.layers.layer import Layer


class Softmax(Layer):
    """exp(x) / sum(exp(x)) over an axis.

    Args:
        axis: over which the outputs sum to 1.
        options: name, dtype of every layer.

    Shapes:
        (batch, ...) -> the same.

    Example:
        >>> Softmax()([[0.0, 0.0]]).tolist()
        [[0.5, 0.5]]
    """

    def __init__(self, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis

    def call(self, inputs: Tensor) -> Tensor:
        return activations.softmax(inputs, self.axis)
