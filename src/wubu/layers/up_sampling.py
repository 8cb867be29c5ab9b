"""Up-sampling: a whole number of times as many elements along each axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.arguments import one_of
from wubu.layers.spatial import Spatial
from wubu.ops.resizing import INTERPOLATIONS
from wubu.ops.windows import per_axis


class _UpSampling(Spatial):
    """Each element several times along `num_spatial` axes, which a subclass fixes."""

    def __init__(
        self,
        size: int | Sequence[int] = 2,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data_format, **options)
        self.size = per_axis(size, self.num_spatial, "size")

    def call(self, inputs: Tensor) -> Tensor:
        for axis, times in zip(self.spatial_axes, self.size, strict=True):
            inputs = ops.repeat(inputs, times, axis)
        return inputs


class UpSampling1D(_UpSampling):
    """Every step of time several times in a row.

        y[t] = x[t // size]

    Args:
        size: how many times.
        data_format: "channels_last" (default, whatever `config` says: Keras has no such
            argument here) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, time, channels) -> (batch, time * size, channels)

    Raises:
        ArgumentError: a size that is no positive integer.

    Example:
        >>> import wubu
        >>> UpSampling1D(2)(wubu.arange(2.0).reshape(1, 2, 1)).tolist()
        [[[0.0], [0.0], [1.0], [1.0]]]
    """

    num_spatial = 1

    def __init__(
        self,
        size: int | Sequence[int] = 2,
        data_format: str | None = "channels_last",
        **options: Any,
    ) -> None:
        super().__init__(size, data_format, **options)


class UpSampling2D(_UpSampling):
    """An image a whole number of times as high and as wide.

        y[i, j] = x[i // size, j // size]

    or what lies between neighbours, by one of the interpolations of `ops.image.resize`.

    Args:
        size: how many times higher and wider, one number or two.
        data_format: "channels_last" (default) or "channels_first".
        interpolation: "nearest" (each element repeated), "bilinear", "bicubic",
            "lanczos3" or "lanczos5".
        options: name, dtype of every layer.

    Shapes:
        (batch, height, width, channels) ->
        (batch, height * size, width * size, channels)

    Raises:
        ArgumentError: a size that is no positive integer, an unknown interpolation.

    Example:
        >>> import wubu
        >>> x = wubu.arange(2.0).reshape(1, 1, 2, 1)
        >>> UpSampling2D((1, 2), interpolation="bilinear")(x).reshape(-1).tolist()
        [0.0, 0.25, 0.75, 1.0]
    """

    num_spatial = 2

    def __init__(
        self,
        size: int | Sequence[int] = 2,
        data_format: str | None = None,
        interpolation: str = "nearest",
        **options: Any,
    ) -> None:
        super().__init__(size, data_format, **options)
        self.interpolation = one_of("interpolation", interpolation, INTERPOLATIONS)

    def call(self, inputs: Tensor) -> Tensor:
        if self.interpolation == "nearest":
            return super().call(inputs)
        pairs = zip(self.spatial_axes, self.size, strict=True)
        larger = [inputs.shape[axis] * times for axis, times in pairs]
        return ops.image.resize(
            inputs, larger, self.interpolation, data_format=self.data_format
        )


class UpSampling3D(_UpSampling):
    """A volume a whole number of times as large along each axis.

        y[i, j, k] = x[i // size, j // size, k // size]

    Args:
        size: how many times larger, one number or three.
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, *spatial, channels) -> (batch, *(length * size), channels)

    Raises:
        ArgumentError: a size that is no positive integer.

    Example:
        >>> import wubu
        >>> UpSampling3D((1, 2, 3))(wubu.ones((1, 2, 2, 2, 1))).shape
        (1, 2, 4, 6, 1)
    """

    num_spatial = 3
