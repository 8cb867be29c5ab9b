"""Zero padding: rows and columns of zeros around the input."""

from __future__ import annotations

from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.spatial import Ends, Spatial, edge_pairs


class _ZeroPadding(Spatial):
    """Zeros at the ends of `num_spatial` axes, which a subclass fixes."""

    def __init__(
        self, padding: Ends = 1, data_format: str | None = None, **options: Any
    ) -> None:
        super().__init__(data_format, **options)
        self.padding = edge_pairs("padding", padding, self.num_spatial)

    def call(self, inputs: Tensor) -> Tensor:
        widths = [(0, 0)] * inputs.ndim
        for axis, pair in zip(self.spatial_axes, self.padding, strict=True):
            widths[axis] = pair
        return ops.pad(inputs, widths)


class ZeroPadding1D(_ZeroPadding):
    """Zeros before and after time.

    Args:
        padding: how many at both ends, or (before, after).
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, time, channels) -> (batch, before + time + after, channels)

    Raises:
        ArgumentError: padding that is neither one number nor two.

    Example:
        >>> import wubu
        >>> ZeroPadding1D((2, 1))(wubu.ones((1, 2, 1))).reshape(-1).tolist()
        [0.0, 0.0, 1.0, 1.0, 0.0]
    """

    num_spatial = 1


class ZeroPadding2D(_ZeroPadding):
    """Rows and columns of zeros around an image.

    Args:
        padding: how many at all four sides; or (vertical, horizontal), each of them one
            number or (before, after).
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, height, width, channels) -> (batch, top + height + bottom,
        left + width + right, channels)

    Raises:
        ArgumentError: padding in another form.

    Example:
        >>> import wubu
        >>> ZeroPadding2D(((1, 0), 2))(wubu.ones((1, 2, 2, 3))).shape
        (1, 3, 6, 3)
    """

    num_spatial = 2


class ZeroPadding3D(_ZeroPadding):
    """Zeros around a volume.

    Args:
        padding: how many at all sides; or one entry for each of the three axes, a
            number or (before, after).
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, *spatial, channels) -> (batch, *(before + length + after), channels)

    Raises:
        ArgumentError: padding in another form.

    Example:
        >>> import wubu
        >>> ZeroPadding3D((0, 1, 2))(wubu.ones((1, 2, 2, 2, 1))).shape
        (1, 2, 4, 6, 1)
    """

    num_spatial = 3

    def __init__(
        self,
        padding: Ends = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(padding, data_format, **options)
