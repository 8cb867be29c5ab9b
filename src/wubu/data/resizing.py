"""Pictures brought to another size, with the numbers of `tf.image.resize`.

Output place i along an axis looks at s = (i + ½) · w - ½ of the input, with w = n_in /
n_out, and is a mean of the places j around it:

    y[i] = Σ_j k(j - s) · x[j] / Σ_j k(j - s)

The kernel keeps its width where a picture shrinks (no antialiasing), so that pixels are
left out then. `load_image` averages over them instead.

| interpolation | k(t) | places |
|---|---|---|
| nearest | x[floor(s + ½)] | 1 |
| bilinear | 1 - abs(t) | 2 |
| bicubic | Keys' cubic with a = -½ | 4 |
| mitchellcubic | Mitchell's and Netravali's, B = C = ⅓ | 4 |
| gaussian | exp(-2 t²), to 1½ | 3 |
| lanczos3, lanczos5 | sinc(t) · sinc(t / a) | 6, 10 |
| area | how much of pixel j lies in [s - w/2, s + w/2] | all of them |
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from wubu.errors import ArgumentError, UnknownNameError


def _cubic(b: float, c: float) -> Callable[[np.ndarray], np.ndarray]:
    """The cubic of Mitchell and Netravali (1988); B = 0, C = ½ is Keys' (1981)."""

    def kernel(t: np.ndarray) -> np.ndarray:
        t = np.abs(t)
        near = (12 - 9 * b - 6 * c) * t**3 + (-18 + 12 * b + 6 * c) * t**2 + 6 - 2 * b
        far = (-b - 6 * c) * t**3 + (6 * b + 30 * c) * t**2
        far += (-12 * b - 48 * c) * t + 8 * b + 24 * c
        return np.where(t < 1, near, np.where(t < 2, far, 0)) / 6

    return kernel


def _lanczos(a: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda t: np.where(np.abs(t) < a, np.sinc(t) * np.sinc(t / a), 0)


# How far a kernel reaches, and the kernel.
_KERNELS: dict[str, tuple[float, Callable[[np.ndarray], np.ndarray]]] = {
    "bilinear": (1, lambda t: np.maximum(1 - np.abs(t), 0)),
    "bicubic": (2, _cubic(0, 0.5)),
    "mitchellcubic": (2, _cubic(1 / 3, 1 / 3)),
    "gaussian": (1.5, lambda t: np.where(np.abs(t) < 1.5, np.exp(-2 * t * t), 0)),
    "lanczos3": (3, _lanczos(3)),
    "lanczos5": (5, _lanczos(5)),
}
INTERPOLATIONS = ("area", "nearest", *_KERNELS)


def resize(
    picture: np.ndarray,  # (height, width, channels)
    size: tuple[int, int],
    interpolation: str = "bilinear",
    *,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
) -> np.ndarray:
    """A picture of another size, as float32.

    Args:
        picture: of any dtype.
        size: (height, width) of the result.
        interpolation: one of the table above.
        crop_to_aspect_ratio: cut off what is too high or too wide, around the middle,
            instead of stretching.
        pad_to_aspect_ratio: add black above and below, or left and right, instead of
            stretching.

    Shapes:
        (height, width, channels) -> (*size, channels).

    Raises:
        ArgumentError: both crop and pad, or a size that is none.
        UnknownNameError: another interpolation.

    Source: TensorFlow's `tf.image.resize` with `antialias=False`.

    Example:
        >>> resize(np.array([[[0], [10]]]), (1, 4))[0, :, 0].tolist()
        [0.0, 2.5, 7.5, 10.0]
    """
    height, width = size
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ArgumentError(
            "a picture cannot be both cropped and padded",
            fix="leave out crop_to_aspect_ratio or pad_to_aspect_ratio",
        )
    if crop_to_aspect_ratio:
        picture = _cropped(picture, height, width)
    elif pad_to_aspect_ratio:
        picture = _padded(picture, height, width)
    picture = picture.astype(np.float32)
    if picture.shape[0] != height:
        picture = _along_rows(picture, height, interpolation)
    if picture.shape[1] != width:
        turned = picture.transpose(1, 0, 2)
        picture = _along_rows(turned, width, interpolation).transpose(1, 0, 2)
    return np.ascontiguousarray(picture)


def check_size(size: Any) -> tuple[int, int]:
    """A size as (height, width); one number is both.

    Raises:
        ArgumentError: it is no size.
    """
    pair = (size, size) if isinstance(size, int) else size
    if (
        isinstance(pair, list | tuple)
        and len(pair) == 2
        and all(isinstance(n, int | np.integer) and n > 0 for n in pair)
    ):
        return int(pair[0]), int(pair[1])
    raise ArgumentError(
        "this is no size of a picture",
        expected="(height, width), whole numbers of at least 1",
        got=repr(size),
    )


def check_interpolation(name: Any) -> str:
    """The name in small letters.

    Raises:
        UnknownNameError: nobody knows it.
    """
    lower = str(name).lower()
    if lower not in INTERPOLATIONS:
        raise UnknownNameError("interpolation", name, INTERPOLATIONS)
    return lower


def _along_rows(picture: np.ndarray, count: int, interpolation: str) -> np.ndarray:
    places, weights = _taps(picture.shape[0], count, interpolation)
    result = picture[places[0]]
    if len(places) == 1:
        return result
    result *= weights[0]
    for place, weight in zip(places[1:], weights[1:], strict=True):
        result += picture[place] * weight
    return result


@lru_cache(maxsize=64)
def _taps(old: int, new: int, interpolation: str) -> tuple[np.ndarray, np.ndarray]:
    """The input places that each output place looks at, and how much they count.

    Shapes:
        places (taps, new); weights (taps, new, 1, 1), float32.
    """
    scale = old / new
    s = (np.arange(new) + 0.5) * scale - 0.5
    if interpolation == "nearest":
        nearest = np.minimum(np.floor(s + 0.5).astype(int), old - 1)
        return nearest[None], np.ones((1, new, 1, 1), np.float32)
    if interpolation == "area":
        taps = math.ceil(scale) + 1
        places = np.floor(s + 0.5 - scale / 2).astype(int) + np.arange(taps)[:, None]
        low = np.maximum(places, np.arange(new) * scale)
        weights = np.minimum(places + 1, np.arange(1, new + 1) * scale) - low
        weights = np.maximum(weights, 0)
    else:
        reach, kernel = _KERNELS[interpolation]
        taps = 2 * math.ceil(reach)
        first = np.floor(s).astype(int) - math.ceil(reach) + 1
        places = first + np.arange(taps)[:, None]
        weights = kernel(places - s)
    weights = np.where((places < 0) | (places >= old), 0, weights)
    weights /= weights.sum(axis=0)
    places = np.clip(places, 0, old - 1)
    return places, weights.astype(np.float32)[:, :, None, None]


def _cropped(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """The largest part in the middle that is as high, for its width, as the result."""
    old_height, old_width = picture.shape[:2]
    keep_height = max(min(old_height, int(old_width * height / width)), 1)
    keep_width = max(min(old_width, int(old_height * width / height)), 1)
    top = int((old_height - keep_height) / 2)
    left = int((old_width - keep_width) / 2)
    return picture[top : top + keep_height, left : left + keep_width]


def _padded(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """The picture in the middle of the smallest black one with the result's shape."""
    old_height, old_width = picture.shape[:2]
    new_height = max(old_height, int(old_width * height / width))
    new_width = max(old_width, int(old_height * width / height))
    top = int((new_height - old_height) / 2)
    left = int((new_width - old_width) / 2)
    padded = np.zeros((new_height, new_width, picture.shape[2]), picture.dtype)
    padded[top : top + old_height, left : left + old_width] = picture
    return padded
