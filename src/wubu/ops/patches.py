"""Pictures cut into patches and put together, framed, and changed in colour."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.config import standardize_data_format
from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ShapeError
from wubu.ops.arithmetic import minimum
from wubu.ops.comparison import where
from wubu.ops.convolution import conv
from wubu.ops.joining import stack
from wubu.ops.movement import moveaxis, reshape, transpose, unstack
from wubu.ops.reduction import max, min, sum


def _last(x: Tensor, data_format: str | None) -> tuple[Tensor, bool]:
    """Pictures with channels last, and whether they had them first."""
    first = standardize_data_format(data_format) == "channels_first"
    return (moveaxis(x, -3, -1) if first else x), first


def _back(x: Tensor, first: bool) -> Tensor:
    return moveaxis(x, -1, -3) if first else x


@located
def space_to_depth(
    x: Any, block_size: int, data_format: str | None = "channels_last"
) -> Tensor:
    """Blocks of pixels as channels: (..., h b, w b, c) becomes (..., h, w, b b c)."""
    x, first = _last(as_tensor(x), data_format)
    *batch, height, width, channels = x.shape
    b = block_size
    if height % b or width % b:
        raise ShapeError(
            "pictures are cut into whole blocks",
            expected=f"height and width that {b} divides",
            got=f"{height} and {width}",
        )
    parts = reshape(x, (-1, height // b, b, width // b, b, channels))
    turned = transpose(parts, (0, 1, 3, 2, 4, 5))
    shape = (*batch, height // b, width // b, b * b * channels)
    return _back(reshape(turned, shape), first)


@located
def depth_to_space(
    x: Any, block_size: int, data_format: str | None = "channels_last"
) -> Tensor:
    """Channels as blocks of pixels: (..., h, w, b b c) becomes (..., h b, w b, c)."""
    x, first = _last(as_tensor(x), data_format)
    *batch, height, width, channels = x.shape
    b = block_size
    if channels % (b * b):
        raise ShapeError(
            "channels are spread over whole blocks",
            expected=f"a number of channels that {b * b} divides",
            got=channels,
        )
    parts = reshape(x, (-1, height, width, b, b, channels // (b * b)))
    turned = transpose(parts, (0, 1, 3, 2, 4, 5))
    shape = (*batch, height * b, width * b, channels // (b * b))
    return _back(reshape(turned, shape), first)


@located
def extract_patches(
    images: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Every window of pictures as channels, pixel after pixel.

    Args:
        images: (batch, height, width, channels), or one picture without a batch.
        size: of a patch: a number, or (height, width).
        strides: from patch to patch; `size` by default.
        dilation_rate: from pixel to pixel of a patch.
        padding: "valid" or "same".
        data_format: of the images.

    Shapes:
        (batch, rows, columns, height * width * channels).
    """
    height, width = (size, size) if isinstance(size, int) else size
    x, first = _last(as_tensor(images), data_format)
    single = x.ndim == 3
    x = reshape(x, (1, *x.shape)) if single else x
    length = height * width * x.shape[-1]
    picks = np.eye(length, dtype=x.dtype)
    kernel = as_tensor(picks.reshape(height, width, x.shape[-1], length))
    step = (height, width) if strides is None else strides
    found = conv(x, kernel, step, padding, "channels_last", dilation_rate)
    return _back(found[0] if single else found, first)


@located
def rgb_to_grayscale(images: Any, data_format: str | None = None) -> Tensor:
    """The brightness of colours: 0.2989 red + 0.5870 green + 0.1140 blue."""
    x, first = _last(as_tensor(images), data_format)
    shares = np.array([0.2989, 0.5870, 0.1140])
    grey = sum(x.astype("float64") * shares, -1, keepdims=True)
    return _back(grey.astype(x.dtype if x.dtype.kind == "f" else "float32"), first)


@located
def rgb_to_hsv(images: Any, data_format: str | None = None) -> Tensor:
    """Red, green and blue in [0, 1] as hue, saturation and value, all in [0, 1]."""
    x, first = _last(as_tensor(images), data_format)
    red, green, blue = unstack(x, -1)
    value = max(x, -1)
    spread = value - min(x, -1)
    saturation = where(value > 0, spread / where(value > 0, value, 1.0), 0.0)
    apart = where(spread > 0, spread, 1.0)
    hue = where(
        value == red,
        (green - blue) / apart,
        where(value == green, (blue - red) / apart + 2, (red - green) / apart + 4),
    )
    hue = where(spread > 0, (hue / 6) % 1, 0.0)
    return _back(stack([hue, saturation, value], -1), first)


@located
def hsv_to_rgb(images: Any, data_format: str | None = None) -> Tensor:
    """Hue, saturation and value as red, green and blue."""
    x, first = _last(as_tensor(images), data_format)
    hue, saturation, value = unstack(x, -1)
    parts = []
    for corner in (5, 3, 1):  # where on the circle of six a colour begins to fade
        place = (hue * 6 + corner) % 6
        missing = minimum(place, 4 - place).clip(0, 1)
        parts.append(value * (1 - saturation * missing))
    return _back(stack(parts, -1), first)
