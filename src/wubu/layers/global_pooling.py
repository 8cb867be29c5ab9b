"""Global pooling: one number for each channel of an image, whatever its size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.arguments import image_format
from wubu.layers.layer import Layer


class _GlobalPooling(Layer):
    """Every spatial axis reduced with `reduce`, which a subclass fixes."""

    reduce: Callable[..., Tensor]

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **options: Any
    ) -> None:
        super().__init__(**options)
        self.data_format = image_format(data_format)
        self.keepdims = keepdims

    def call(self, inputs: Tensor) -> Tensor:
        first = 2 if self.data_format == "channels_first" else 1
        axes = tuple(range(first, first + inputs.ndim - 2))
        return type(self).reduce(inputs, axes, self.keepdims)


class GlobalAveragePooling2D(_GlobalPooling):
    """The mean over height and width.

        y[c] = mean over i, j of x[i, j, c]

    Args:
        data_format: "channels_last" (default) or "channels_first".
        keepdims: keeps height and width, as axes of length 1.
        options: name, dtype of every layer.

    Shapes:
        (batch, height, width, channels) -> (batch, channels), or
        (batch, 1, 1, channels).

    Source:
        Lin, Chen and Yan, "Network in network", 2014, section 3.2.

    Example:
        >>> import wubu
        >>> GlobalAveragePooling2D()(wubu.ones((1, 7, 7, 2))).tolist()
        [[1.0, 1.0]]
    """

    input_ndim = 4
    reduce = staticmethod(ops.mean)


GlobalAvgPool2D = GlobalAveragePooling2D
