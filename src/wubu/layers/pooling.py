"""Pooling: the largest element, or the mean, of every window of an input.

`_Pooling` holds everything for any number of spatial axes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.arguments import padding_mode
from wubu.layers.spatial import Spatial
from wubu.ops.windows import per_axis


class _Pooling(Spatial):
    """Pooling over `num_spatial` axes with `pool`, which a subclass fixes."""

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
        super().__init__(data_format, name=name, **options)
        n = self.num_spatial
        self.pool_size = per_axis(pool_size, n, "pool_size")
        self.strides = (
            self.pool_size if strides is None else per_axis(strides, n, "strides")
        )
        self.padding = padding_mode(padding)

    def call(self, inputs: Tensor) -> Tensor:
        return type(self).pool(
            inputs, self.pool_size, self.strides, self.padding, self.data_format
        )


class MaxPooling1D(_Pooling):
    """The largest element of every window of time.

        y[t, c] = max over m of x[t*s + m, c]

    Arguments are those of `MaxPooling2D`, with one number for each of `pool_size` and
    `strides`.

    Shapes:
        (batch, time, channels) -> (batch, windows, channels), where "valid" gives
        (time - size) // stride + 1 windows, and "same" ceil(time / stride).

    Raises:
        ShapeError: the window is larger than the input.

    Example:
        >>> import wubu
        >>> MaxPooling1D()(wubu.arange(4.0).reshape(1, 4, 1)).tolist()
        [[[1.0], [3.0]]]
    """

    num_spatial = 1
    pool = staticmethod(ops.max_pool)


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
    pool = staticmethod(ops.max_pool)


class MaxPooling3D(_Pooling):
    """The largest element of every window of a volume.

        y[i, j, k, c] = max over l, m, n of x[i*s + l, j*s + m, k*s + n, c]

    Arguments are those of `MaxPooling2D`, with one number or three for each of
    `pool_size` and `strides`.

    Shapes:
        (batch, depth, height, width, channels) -> (batch, *windows, channels), as many
        windows along each axis as for `MaxPooling2D`.

    Raises:
        ShapeError: the window is larger than the input.

    Example:
        >>> import wubu
        >>> MaxPooling3D()(wubu.arange(8.0).reshape(1, 2, 2, 2, 1)).tolist()
        [[[[[7.0]]]]]
    """

    num_spatial = 3
    pool = staticmethod(ops.max_pool)


class AveragePooling1D(_Pooling):
    """The mean of every window of time, padding left out.

        y[t, c] = mean over m of x[t*s + m, c]

    Arguments are those of `AveragePooling2D`, with one number for each of `pool_size`
    and `strides`.

    Shapes:
        As `MaxPooling1D`.

    Raises:
        ShapeError: the window is larger than the input.

    Example:
        >>> import wubu
        >>> AveragePooling1D()(wubu.arange(4.0).reshape(1, 4, 1)).tolist()
        [[[0.5], [2.5]]]
    """

    num_spatial = 1
    pool = staticmethod(ops.average_pool)


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
    pool = staticmethod(ops.average_pool)


class AveragePooling3D(_Pooling):
    """The mean of every window of a volume, padding left out.

        y[i, j, k, c] = mean over l, m, n of x[i*s + l, j*s + m, k*s + n, c]

    Arguments are those of `AveragePooling2D`, with one number or three for each of
    `pool_size` and `strides`.

    Shapes:
        As `MaxPooling3D`.

    Raises:
        ShapeError: the window is larger than the input.

    Example:
        >>> import wubu
        >>> AveragePooling3D()(wubu.arange(8.0).reshape(1, 2, 2, 2, 1)).tolist()
        [[[[[3.5]]]]]
    """

    num_spatial = 3
    pool = staticmethod(ops.average_pool)


MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
MaxPool3D = MaxPooling3D
AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
AvgPool3D = AveragePooling3D
