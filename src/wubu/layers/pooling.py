"""Pooling: the largest element, or the mean, of every window of an image.

`_Pooling` holds everything for any number of spatial axes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.arguments import image_format, padding_mode
from wubu.layers.layer import Layer
from wubu.ops.windows import per_axis


class _Pooling(Layer):
    """Pooling over `num_spatial` axes with `pool`, which a subclass fixes."""

    num_spatial: int
    pool: Callable[..., Tensor]

    def __init__(
        self,
        pool_size: int | Sequence[int] = 2,
        strides: int | Sequence[int] | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name=name, **options)
        n = self.num_spatial
        self.pool_size = per_axis(pool_size, n, "pool_size")
        self.strides = (
            self.pool_size if strides is None else per_axis(strides, n, "strides")
        )
        self.padding = padding_mode(padding)
        self.data_format = image_format(data_format)

    def call(self, inputs: Tensor) -> Tensor:
        return type(self).pool(
            inputs, self.pool_size, self.strides, self.padding, self.data_format
        )


class MaxPooling2D(_Pooling):
    """The largest element of every window of an image.

        y[i, j, c] = max over m, n of x[i*s + m, j*s + n, c]

    Args:
        pool_size: height and width of the window, or one number for both.
        strides: step of the window; the window's size by default, so that windows
            neither overlap nor leave gaps.
        padding: "valid" (windows that do not fit are left out) or "same". Padding never
            wins the maximum.
        data_format: "channels_last" (default) or "channels_first".
        name: of the layer.
        options: dtype of every layer.

    Shapes:
        (batch, height, width, channels) -> (batch, rows, columns, channels), where
        "valid" gives (height - size) // stride + 1 rows, and "same"
        ceil(height / stride).

    Raises:
        ShapeError: the window is larger than the input.

    The gradient goes to the first of several equal maxima.

    Example:
        >>> import wubu
        >>> MaxPooling2D()(wubu.arange(4.0).reshape(1, 2, 2, 1)).tolist()
        [[[[3.0]]]]
    """

    num_spatial = 2
    input_ndim = 4
    pool = staticmethod(ops.max_pool)


class AveragePooling2D(_Pooling):
    """The mean of every window of an image, padding left out.

        y[i, j, c] = mean over m, n of x[i*s + m, j*s + n, c]

    Args:
        pool_size: height and width of the window, or one number for both.
        strides: step of the window; the window's size by default.
        padding: "valid" (windows that do not fit are left out) or "same". Padding is
            not counted in the mean.
        data_format: "channels_last" (default) or "channels_first".
        name: of the layer.
        options: dtype of every layer.

    Shapes:
        As `MaxPooling2D`.

    Raises:
        ShapeError: the window is larger than the input.

    Example:
        >>> import wubu
        >>> AveragePooling2D()(wubu.arange(4.0).reshape(1, 2, 2, 1)).tolist()
        [[[[1.5]]]]
    """

    num_spatial = 2
    input_ndim = 4
    pool = staticmethod(ops.average_pool)


MaxPool2D = MaxPooling2D
AvgPool2D = AveragePooling2D
