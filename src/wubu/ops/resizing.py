"""`resize`: images of another size. In Keras this is `ops.image.resize`.

An element of the result is a weighted mean of a few elements of each row and column of
the image. Which ones, and with what weights, depends on lengths alone, so it is worked
out with NumPy beforehand; what is recorded is one `take`, one product and one sum for
each axis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from wubu.core.dtypes import FLOAT32
from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.ops.convolution import is_channels_first
from wubu.ops.functions import clip, round
from wubu.ops.movement import pad, slice_axis
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import sum
from wubu.ops.selection import take

Weigh = Callable[[np.ndarray], np.ndarray]


class _Kernel(NamedTuple):
    """The weight of an element by its distance, and the distance where that ends."""

    weigh: Weigh
    radius: float


def _triangle(x: np.ndarray) -> np.ndarray:
    return np.maximum(1 - x, 0)


def _cubic(x: np.ndarray) -> np.ndarray:
    """Keys' cubic with a = -1/2."""
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def _lanczos(radius: int) -> Weigh:
    def weigh(x: np.ndarray) -> np.ndarray:
        return np.where(x < radius, np.sinc(x) * np.sinc(x / radius), 0.0)

    return weigh


_KERNELS = {
    "bilinear": _Kernel(_triangle, 1),
    "bicubic": _Kernel(_cubic, 2),
    "lanczos3": _Kernel(_lanczos(3), 3),
    "lanczos5": _Kernel(_lanczos(5), 5),
}
INTERPOLATIONS = ("nearest", *_KERNELS)


@located
def resize(
    images: Any,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    """Images of another height and width.

        y[i] = sum over j of w(|j - c| / r) * x[j] / sum over j of w(|j - c| / r),
        c = (i + 1/2) * old / new - 1/2

    along each of the two axes. r is 1, or old / new with `antialias` where the image
    becomes smaller.

    Args:
        images: (batch, height, width, channels) or a single image without the batch
            axis; channels first if `data_format` says so.
        size: the new height and width.
        interpolation: "nearest", "bilinear" (w a triangle), "bicubic" (w Keys' cubic
            with a = -1/2), "lanczos3" or "lanczos5" (w a windowed sinc).
        antialias: whether an image that becomes smaller is smoothed first. "nearest"
            has no such thing.
        crop_to_aspect_ratio: cuts the image to the new proportions first.
        pad_to_aspect_ratio: pads the image to the new proportions first, as far as the
            same number of rows or columns on both sides does it.
        fill_mode: what padding is: "constant" is the only one.
        fill_value: the constant.
        data_format: "channels_last" or "channels_first".

    Returns:
        Images of the same dtype. Integers are rounded and kept in their range.

    Raises:
        ArgumentError: an unknown interpolation or fill mode, a size that is no two
            positive integers, or both ways to keep proportions.
        ShapeError: neither three nor four axes.

    Source:
        Keys, "Cubic convolution interpolation for digital image processing", 1981,
        equation 15.

    Example:
        >>> from wubu.ops import arange
        >>> resize(arange(4.0).reshape(2, 2, 1), (2, 4))[..., 0].tolist()
        [[0.0, 0.25, 0.75, 1.0], [2.0, 2.25, 2.75, 3.0]]
    """
    x = as_tensor(images)
    height, width = _checked_size(size)
    check_resizing(interpolation, crop_to_aspect_ratio, pad_to_aspect_ratio, fill_mode)
    if x.ndim not in (3, 4):
        raise ShapeError(
            "images have three axes, or four with the batch",
            expected="(batch, height, width, channels)",
            got=x.shape,
        )
    rows = x.ndim - (2 if is_channels_first(data_format) else 3)
    dtype = x.dtype
    whole = dtype.kind != "f" and interpolation != "nearest"
    x = cast_to(x, FLOAT32) if whole else x
    if crop_to_aspect_ratio:
        x = _cropped(x, rows, height, width)
    elif pad_to_aspect_ratio:
        x = _padded(x, rows, height, width, fill_value)
    x = _resized(x, rows, height, interpolation, antialias)
    x = _resized(x, rows + 1, width, interpolation, antialias)
    return _rounded(x, dtype) if whole else x


def check_resizing(interpolation: Any, crop: Any, padded: Any, fill_mode: Any) -> None:
    """Refuses ways to resize that there are not."""
    if interpolation not in INTERPOLATIONS:
        raise ArgumentError(
            "unknown interpolation",
            expected=" or ".join(f'"{name}"' for name in INTERPOLATIONS),
            got=repr(interpolation),
        )
    if fill_mode != "constant":
        raise ArgumentError(
            "images are padded with a constant",
            expected='fill_mode="constant"',
            got=repr(fill_mode),
        )
    if crop and padded:
        raise ArgumentError(
            "images are either cropped or padded to an aspect ratio",
            expected="one of crop_to_aspect_ratio and pad_to_aspect_ratio",
            got="both",
        )


def _checked_size(size: Any) -> tuple[int, int]:
    found = list(size) if isinstance(size, list | tuple) else []
    if len(found) != 2 or not all(
        isinstance(n, int | np.integer) and n > 0 for n in found
    ):
        raise ArgumentError(
            "the size of images is their height and width",
            expected="two positive integers",
            got=repr(size),
        )
    return int(found[0]), int(found[1])


def _fitting(x: Tensor, rows: int, height: int, width: int) -> tuple[int, int]:
    """The height that goes with the image's width, and the width that goes with its
    height, in the proportions height : width."""
    own_height, own_width = x.shape[rows : rows + 2]
    return own_width * height // width, own_height * width // height


def _cropped(x: Tensor, rows: int, height: int, width: int) -> Tensor:
    for axis, fit in enumerate(_fitting(x, rows, height, width), start=rows):
        n = x.shape[axis]
        kept = max(min(n, fit), 1)
        start = (n - kept) // 2
        x = slice_axis(x, axis, start, start + kept)
    return x


def _padded(x: Tensor, rows: int, height: int, width: int, value: float) -> Tensor:
    widths = [(0, 0)] * x.ndim
    for axis, fit in enumerate(_fitting(x, rows, height, width), start=rows):
        margin = max(fit - x.shape[axis], 0) // 2
        widths[axis] = (margin, margin)
    return pad(x, widths, constant_values=value) if np.any(widths) else x


def _resized(
    x: Tensor, axis: int, length: int, interpolation: str, antialias: bool
) -> Tensor:
    """The images with another length of one axis."""
    n = x.shape[axis]
    if n == length:
        return x
    if interpolation == "nearest":
        return take(x, (2 * np.arange(length) + 1) * n // (2 * length), axis)
    places, weights = _taps(n, length, _KERNELS[interpolation], antialias)
    return weighted_sums(x, axis, places, weights)


def weighted_sums(
    x: Tensor, axis: int, places: np.ndarray, weights: np.ndarray
) -> Tensor:
    """New elements along an axis: element i is the sum over j of x at places[i, j],
    times weights[i, j]."""
    factors = weights.reshape(weights.shape + (1,) * (x.ndim - 1 - axis))
    return sum(take(x, places, axis) * as_tensor(factors, x.dtype), axis + 1)


def _taps(
    n: int, length: int, kernel: _Kernel, antialias: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Which elements of a row of n make each of its new elements, and their weights:
    two arrays (length, as many as the most need)."""
    ratio = n / length
    spread = max(ratio, 1.0) if antialias else 1.0
    centres = (np.arange(length) + 0.5) * ratio - 0.5
    reach = int(np.ceil(2 * kernel.radius * spread)) + 1
    first = np.ceil(centres - kernel.radius * spread).astype(int)
    places = first[:, None] + np.arange(reach)
    weights = kernel.weigh(np.abs(places - centres[:, None]) / spread)
    weights[(places < 0) | (places >= n)] = 0.0
    weights /= weights.sum(1, keepdims=True)
    # What matters stands in front, in order.
    order = np.argsort(weights == 0.0, axis=1, kind="stable")
    most = int((weights != 0.0).sum(1).max())
    order = order[:, :most]
    weights = np.take_along_axis(weights, order, 1)
    places = np.take_along_axis(places, order, 1)
    return np.where(weights == 0.0, places[:, :1], places), weights


def _rounded(x: Tensor, dtype: np.dtype) -> Tensor:
    """Real numbers as the nearest ones of an integer type, or as truth values."""
    if dtype.kind == "b":
        return x >= 0.5
    limits = np.iinfo(dtype)
    low = float(limits.min)
    high = float(np.nextafter(np.float32(limits.max), np.float32(0)))
    high = float(limits.max) if limits.max < 2**24 else high
    return cast_to(clip(round(x), low, high), dtype)
