"""`ReLU`: the linear unit that is cut off, as a layer."""

from __future__ import annotations

from typing import Any

from wubu import activations
from wubu.core.tensor import Tensor
from wubu.layers.layer import Layer


class ReLU(Layer):
    """max(x, 0), and its variants; see `activations.relu`.

    Args:
        max_value: where it stops to rise; never if None.
        negative_slope: the derivative below the threshold.
        threshold: up to which values are damped.
        options: name, dtype of every layer.

    Shapes:
        (batch, ...) -> the same.

    Example:
        >>> ReLU(max_value=1.0)([-1.0, 0.5, 2.0]).tolist()
        [0.0, 0.5, 1.0]
    """

    supports_masking = True
    takes_more_axes = True

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold

    def call(self, inputs: Tensor) -> Tensor:
        return activations.relu(
            inputs, self.negative_slope, self.max_value, self.threshold
        )
