"""Cropping: rows and columns cut off at the ends of the input."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.errors import ShapeError
from wubu.layers.spatial import Ends, Spatial, edge_pairs


class _Cropping(Spatial):
    """The inside of `num_spatial` axes, which a subclass fixes."""

    def __init__(
        self, cropping: Ends, data_format: str | None = None, **options: Any
    ) -> None:
        super().__init__(data_format, **options)
        self.cropping = edge_pairs("cropping", cropping, self.num_spatial)

    def call(self, inputs: Tensor) -> Tensor:
        kept = [slice(None)] * inputs.ndim
        for axis, (before, after) in zip(self.spatial_axes, self.cropping, strict=True):
            if before + after >= inputs.shape[axis]:
                raise ShapeError(
                    "nothing of its input is left",
                    expected=f"more than {before + after} elements along axis {axis}",
                    got=inputs.shape,
                    fix="crop less",
                )
            kept[axis] = slice(before, inputs.shape[axis] - after)
        return inputs[tuple(kept)]


class Cropping1D(_Cropping):
    """Time without its first and last steps.

    Args:
        cropping: how many are cut off at both ends, or (before, after).
        data_format: "channels_last" (default, whatever `config` says: Keras has no such
            argument here) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, time, channels) -> (batch, time - before - after, channels)

    Raises:
        ArgumentError: cropping that is neither one number nor two.
        ShapeError: nothing is left.

    Example:
        >>> import wubu
        >>> Cropping1D((2, 1))(wubu.arange(5.0).reshape(1, 5, 1)).tolist()
        [[[2.0], [3.0]]]
    """

    num_spatial = 1

    def __init__(
        self,
        cropping: Ends = (1, 1),
        data_format: str | None = "channels_last",
        **options: Any,
    ) -> None:
        super().__init__(cropping, data_format, **options)


class Cropping2D(_Cropping):
    """The inside of an image.

    Args:
        cropping: how much is cut off at all four sides; or (vertical, horizontal), each
            of them one number or (before, after).
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, height, width, channels) -> (batch, height - top - bottom,
        width - left - right, channels)

    Raises:
        ArgumentError: cropping in another form.
        ShapeError: nothing is left.

    Example:
        >>> import wubu
        >>> Cropping2D(((1, 0), 2))(wubu.ones((1, 6, 6, 3))).shape
        (1, 5, 2, 3)
    """

    num_spatial = 2

    def __init__(
        self,
        cropping: Ends = ((0, 0), (0, 0)),
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(cropping, data_format, **options)


class Cropping3D(_Cropping):
    """The inside of a volume.

    Args:
        cropping: how much is cut off at all sides; or one entry for each of the three
            axes, a number or (before, after).
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, *spatial, channels) -> (batch, *(length - before - after), channels)

    Raises:
        ArgumentError: cropping in another form.
        ShapeError: nothing is left.

    Example:
        >>> import wubu
        >>> Cropping3D()(wubu.ones((1, 5, 6, 7, 1))).shape
        (1, 3, 4, 5, 1)
    """

    num_spatial = 3

    def __init__(
        self,
        cropping: Ends = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(cropping, data_format, **options)
