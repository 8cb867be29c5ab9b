"""Adaptive pooling: as many windows as are asked for, however large the input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.spatial import Spatial
from wubu.ops.windows import per_axis


class _AdaptivePooling(Spatial):
    """Adaptive pooling over `num_spatial` axes with `pool`, which a subclass fixes."""

    pool: Callable[..., Tensor]

    def __init__(
        self,
        output_size: int | Sequence[int],
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data_format, **options)
        self.output_size = per_axis(output_size, self.num_spatial, "output_size")

    def call(self, inputs: Tensor) -> Tensor:
        return type(self).pool(inputs, self.output_size, self.data_format)


class AdaptiveAveragePooling1D(_AdaptivePooling):
    """The means of a fixed number of windows of time.

        y[i] = mean of x[floor(i * n / size)], ..., x[ceil((i + 1) * n / size) - 1]

    for n steps of time and size windows.

    Args:
        output_size: how many windows.
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, time, channels) -> (batch, output_size, channels)

    Raises:
        ArgumentError: a size that is no positive integer.

    Example:
        >>> import wubu
        >>> x = wubu.arange(5.0).reshape(1, 5, 1)
        >>> AdaptiveAveragePooling1D(2)(x).reshape(-1).tolist()
        [1.0, 3.0]
    """

    num_spatial = 1
    pool = staticmethod(ops.adaptive_average_pool)


class AdaptiveAveragePooling2D(_AdaptivePooling):
    """The means of a fixed number of windows of an image, as of
    `AdaptiveAveragePooling1D` along both axes.

    Args:
        output_size: rows and columns of the result, or one number for both.
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, height, width, channels) -> (batch, rows, columns, channels)

    Raises:
        ArgumentError: a size that is no positive integer.

    Example:
        >>> import wubu
        >>> AdaptiveAveragePooling2D((3, 2))(wubu.ones((1, 7, 7, 4))).shape
        (1, 3, 2, 4)
    """

    num_spatial = 2
    pool = staticmethod(ops.adaptive_average_pool)


class AdaptiveAveragePooling3D(_AdaptivePooling):
    """The means of a fixed number of windows of a volume, as of
    `AdaptiveAveragePooling1D` along each axis.

    Args:
        output_size: windows along each of the three axes, or one number for all.
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, *spatial, channels) -> (batch, *output_size, channels)

    Raises:
        ArgumentError: a size that is no positive integer.

    Example:
        >>> import wubu
        >>> AdaptiveAveragePooling3D(2)(wubu.ones((1, 3, 4, 5, 1))).shape
        (1, 2, 2, 2, 1)
    """

    num_spatial = 3
    pool = staticmethod(ops.adaptive_average_pool)


class AdaptiveMaxPooling1D(_AdaptivePooling):
    """The largest elements of a fixed number of windows of time.

        y[i] = max of x[floor(i * n / size)], ..., x[ceil((i + 1) * n / size) - 1]

    for n steps of time and size windows.

    Args:
        output_size: how many windows.
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, time, channels) -> (batch, output_size, channels)

    Raises:
        ArgumentError: a size that is no positive integer.

    Example:
        >>> import wubu
        >>> x = wubu.arange(5.0).reshape(1, 5, 1)
        >>> AdaptiveMaxPooling1D(2)(x).reshape(-1).tolist()
        [2.0, 4.0]
    """

    num_spatial = 1
    pool = staticmethod(ops.adaptive_max_pool)


class AdaptiveMaxPooling2D(_AdaptivePooling):
    """The largest elements of a fixed number of windows of an image, as of
    `AdaptiveMaxPooling1D` along both axes.

    Args:
        output_size: rows and columns of the result, or one number for both.
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, height, width, channels) -> (batch, rows, columns, channels)

    Raises:
        ArgumentError: a size that is no positive integer.

    Example:
        >>> import wubu
        >>> AdaptiveMaxPooling2D((3, 2))(wubu.ones((1, 7, 7, 4))).shape
        (1, 3, 2, 4)
    """

    num_spatial = 2
    pool = staticmethod(ops.adaptive_max_pool)


class AdaptiveMaxPooling3D(_AdaptivePooling):
    """The largest elements of a fixed number of windows of a volume, as of
    `AdaptiveMaxPooling1D` along each axis.

    Args:
        output_size: windows along each of the three axes, or one number for all.
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, *spatial, channels) -> (batch, *output_size, channels)

    Raises:
        ArgumentError: a size that is no positive integer.

    Example:
        >>> import wubu
        >>> AdaptiveMaxPooling3D(2)(wubu.ones((1, 3, 4, 5, 1))).shape
        (1, 2, 2, 2, 1)
    """

    num_spatial = 3
    pool = staticmethod(ops.adaptive_max_pool)
