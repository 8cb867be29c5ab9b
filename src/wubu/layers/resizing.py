"""`Resizing`: images of one height and width."""

from __future__ import annotations

from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.arguments import image_format, one_of, positive_integer
from wubu.layers.layer import Layer
from wubu.ops.resizing import INTERPOLATIONS, check_resizing


class Resizing(Layer):
    """Images of another height and width.

    It has no weights and works the same in training: at the head of a model it is part
    of the compiled step, and the gradient goes through it.

    Args:
        height: of the result.
        width: of the result.
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5";
            `ops.image.resize` has the formulas.
        crop_to_aspect_ratio: cuts the image to the proportions of the result first, in
            the middle.
        pad_to_aspect_ratio: pads the image to the proportions of the result first,
            evenly on both sides.
        fill_mode: what padding is: "constant" is the only one.
        fill_value: the constant.
        antialias: whether an image that becomes smaller is smoothed first.
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, rows, columns, channels) -> (batch, height, width, channels); a single
        image (rows, columns, channels) -> (height, width, channels). Integers stay
        integers: they are rounded.

    Raises:
        ArgumentError: a height or width that is no positive integer, an unknown
            interpolation or fill mode, or both ways to keep proportions.
        ShapeError: neither three nor four axes.

    Example:
        >>> import wubu
        >>> Resizing(2, 4)(wubu.arange(4.0).reshape(1, 2, 2, 1))[0, :, :, 0].tolist()
        [[0.0, 0.25, 0.75, 1.0], [2.0, 2.25, 2.75, 3.0]]
    """

    input_ndim = (3, None)

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.height = positive_integer("height", height)
        self.width = positive_integer("width", width)
        self.interpolation = one_of("interpolation", interpolation, INTERPOLATIONS)
        check_resizing(
            self.interpolation, crop_to_aspect_ratio, pad_to_aspect_ratio, fill_mode
        )
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.antialias = antialias
        self.data_format = image_format(data_format)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.image.resize(
            inputs,
            (self.height, self.width),
            self.interpolation,
            self.antialias,
            self.crop_to_aspect_ratio,
            self.pad_to_aspect_ratio,
            self.fill_mode,
            self.fill_value,
            self.data_format,
        )
