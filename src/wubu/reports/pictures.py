"""Arrays as PNG pictures inside the page."""

from __future__ import annotations

import base64
import functools
import io
from typing import NamedTuple

import numpy as np

from wubu.reports.markup import Markup, tag

_LARGEST = 112  # pixels; larger pictures are made smaller
_PIXELATED = 48  # up to here every pixel is to be seen

# From dark to light, each step as much lighter as the one before.
_HEAT = ((17, 20, 43), (45, 52, 120), (37, 116, 150), (68, 176, 126), (250, 226, 92))
_COLD = (
    (30, 76, 160),
    (140, 178, 222),
    (246, 245, 242),
    (236, 160, 120),
    (178, 44, 32),
)


class Shades(NamedTuple):
    """What the darkest and the lightest number of some pictures are."""

    low: float
    high: float


def as_pictures(x: np.ndarray) -> np.ndarray | None:
    """Samples as pictures with channels last, or None if they are none.

    Args:
        x: (samples, height, width), or with 1, 3 or 4 channels at the end or in front.

    Example:
        >>> as_pictures(np.zeros((2, 8, 8))).shape, as_pictures(np.zeros((2, 8)))
        ((2, 8, 8, 1), None)
    """
    if x.ndim == 3 and min(x.shape[1:]) >= 8:
        x = x[..., np.newaxis]
    if x.ndim != 4:
        return None
    if x.shape[-1] in (1, 3, 4):
        return x
    return x.transpose(0, 2, 3, 1) if x.shape[1] in (1, 3, 4) else None


def shades_of(x: np.ndarray) -> Shades:
    """The range of pictures: 0 to 255 or 0 to 1 if they are within and use it."""
    low, high = float(np.nanmin(x)), float(np.nanmax(x))
    for most in (1.0, 255.0):
        if low >= 0 and most / 2 < high <= most:
            return Shades(0.0, most)
    return Shades(low, high)


def picture(x: np.ndarray, shades: Shades, text: str, class_: str = "") -> Markup:
    """A picture as the camera or scanner saw it.

    Args:
        x: (height, width, channels).
        shades: of all pictures beside it.
        text: what it shows, for those who do not see it.
    """
    pixels = _bytes((x - shades.low) / ((shades.high - shades.low) or 1.0))
    return _image(pixels[..., 0] if x.shape[-1] == 1 else pixels, text, class_)


def heat(values: np.ndarray, shades: Shades, text: str) -> Markup:
    """A table of numbers (height, width) as a picture, from dark to bright."""
    share = (values - shades.low) / ((shades.high - shades.low) or 1.0)
    return _image(_ramp(_HEAT)[_bytes(share)], text)


def signed(values: np.ndarray, largest: float, text: str) -> Markup:
    """A table of numbers as a picture: negative ones blue, positive ones red, zero
    white."""
    share = 0.5 + values / (2 * (largest or 1.0))
    return _image(_ramp(_COLD)[_bytes(share)], text)


def _bytes(share: np.ndarray) -> np.ndarray:
    scaled = np.clip(np.nan_to_num(np.asarray(share, np.float64)), 0.0, 1.0)
    return np.round(255.0 * scaled).astype(np.uint8)


@functools.cache
def _ramp(anchors: tuple[tuple[int, int, int], ...]) -> np.ndarray:
    """256 colours through the given ones."""
    at = np.linspace(0, 255, len(anchors))
    parts = np.array(anchors, np.float64).T
    columns = [np.interp(np.arange(256), at, part) for part in parts]
    return np.stack(columns, axis=1).round().astype(np.uint8)


def _image(pixels: np.ndarray, text: str, class_: str = "") -> Markup:
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(pixels))
    if max(image.size) > _LARGEST:
        image.thumbnail((_LARGEST, _LARGEST))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    data = base64.b64encode(file.getvalue()).decode()
    small = max(image.size) <= _PIXELATED
    classes = f"{class_} {'pixels' if small else ''}".strip()
    return tag(
        "img",
        src=f"data:image/png;base64,{data}",
        alt=text,
        title=text,
        width=image.width,
        height=image.height,
        class_=classes or None,
    )
