"""Global pooling: one number for each channel of an input, whatever its size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.spatial import Spatial


class _GlobalPooling(Spatial):
    """Every spatial axis reduced with `reduce`, which a subclass fixes."""

    reduce: Callable[..., Tensor]

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **options: Any
    ) -> None:
        super().__init__(data_format, **options)
        self.keepdims = keepdims

    def call(self, inputs: Tensor) -> Tensor:
        return type(self).reduce(inputs, self.spatial_axes, self.keepdims)


class GlobalMaxPooling1D(_GlobalPooling):
    """The largest element of all times.

        y[c] = max over t of x[t, c]

    Args:
        data_format: "channels_last" (default) or "channels_first".
        keepdims: keeps the axis of time, with length 1.
        options: name, dtype of every layer.

    Shapes:
        (batch, time, channels) -> (batch, channels), or (batch, 1, channels).

    Example:
        >>> import wubu
        >>> GlobalMaxPooling1D()(wubu.arange(6.0).reshape(1, 3, 2)).tolist()
        [[4.0, 5.0]]
    """

    num_spatial = 1
    reduce = staticmethod(ops.max)


class GlobalMaxPooling2D(_GlobalPooling):
    """The largest element over height and width.

        y[c] = max over i, j of x[i, j, c]

    Args:
        data_format: "channels_last" (default) or "channels_first".
        keepdims: keeps height and width, as axes of length 1.
        options: name, dtype of every layer.

    Shapes:
        (batch, height, width, channels) -> (batch, channels), or
        (batch, 1, 1, channels).

    Example:
        >>> import wubu
        >>> GlobalMaxPooling2D()(wubu.arange(8.0).reshape(1, 2, 2, 2)).tolist()
        [[6.0, 7.0]]
    """

    num_spatial = 2
    reduce = staticmethod(ops.max)


class GlobalMaxPooling3D(_GlobalPooling):
    """The largest element over depth, height and width.

        y[c] = max over i, j, k of x[i, j, k, c]

    Args:
        data_format: "channels_last" (default) or "channels_first".
        keepdims: keeps the spatial axes, with length 1.
        options: name, dtype of every layer.

    Shapes:
        (batch, depth, height, width, channels) -> (batch, channels), or
        (batch, 1, 1, 1, channels).

    Example:
        >>> import wubu
        >>> GlobalMaxPooling3D()(wubu.arange(8.0).reshape(1, 2, 2, 2, 1)).tolist()
        [[7.0]]
    """

    num_spatial = 3
    reduce = staticmethod(ops.max)


class GlobalAveragePooling1D(_GlobalPooling):
    """The mean over time; where there is a mask, of the times that it keeps.

        y[c] = mean over t of x[t, c]

    Args:
        data_format: "channels_last" (default) or "channels_first".
        keepdims: keeps the axis of time, with length 1.
        options: name, dtype of every layer.

    Shapes:
        (batch, time, channels) -> (batch, channels), or (batch, 1, channels). `mask` is
        (batch, time). The mean of no time at all is NaN, as in Keras.

    Example:
        >>> import wubu
        >>> x = wubu.arange(6.0).reshape(1, 3, 2)
        >>> mask = wubu.tensor([[True, True, False]])
        >>> GlobalAveragePooling1D()(x, mask=mask).tolist()
        [[1.0, 2.0]]
    """

    num_spatial = 1
    reduce = staticmethod(ops.mean)

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is None:
            return super().call(inputs)
        (time,) = self.spatial_axes
        kept = ops.expand_dims(mask.astype("bool"), 3 - time)
        total = ops.sum(ops.where(kept, inputs, 0), time, self.keepdims)
        return total / ops.sum(kept.astype(inputs.dtype), time, self.keepdims)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """None: there is no time left."""


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

    num_spatial = 2
    reduce = staticmethod(ops.mean)


class GlobalAveragePooling3D(_GlobalPooling):
    """The mean over depth, height and width.

        y[c] = mean over i, j, k of x[i, j, k, c]

    Args:
        data_format: "channels_last" (default) or "channels_first".
        keepdims: keeps the spatial axes, with length 1.
        options: name, dtype of every layer.

    Shapes:
        (batch, depth, height, width, channels) -> (batch, channels), or
        (batch, 1, 1, 1, channels).

    Example:
        >>> import wubu
        >>> GlobalAveragePooling3D()(wubu.ones((1, 3, 3, 3, 2))).tolist()
        [[1.0, 1.0]]
    """

    num_spatial = 3
    reduce = staticmethod(ops.mean)


GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
GlobalMaxPool3D = GlobalMaxPooling3D
GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalAvgPool3D = GlobalAveragePooling3D
