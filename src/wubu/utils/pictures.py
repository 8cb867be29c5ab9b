"""Pictures as Pillow has them and as arrays, read and written. Names as in Keras.

Pillow is loaded on the first call. `wubu.data.load_image` reads a picture as a network
takes it.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wubu.core.location import warn_user
from wubu.core.tensor import Tensor
from wubu.data.resizing import check_size
from wubu.errors import DataError, ShapeError, UnknownNameError

if TYPE_CHECKING:
    from PIL.Image import Image

_MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_FILTERS = ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming")
_FORMATS = ("channels_first", "channels_last")


def is_channels_first(data_format: str | None) -> bool:
    """Whether channels come before height and width; not if None.

    Raises:
        UnknownNameError: another format.
    """
    if data_format is not None and data_format not in _FORMATS:
        raise UnknownNameError("data format", data_format, _FORMATS)
    return data_format == "channels_first"


def load_img(
    path: str | bytes | os.PathLike | io.BytesIO,
    color_mode: str = "rgb",
    target_size: Any = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Image:
    """A picture file as a Pillow picture.

    Args:
        path: the file, or one in memory.
        color_mode: "grayscale" (16 and 32 bits stay), "rgb" or "rgba".
        target_size: (height, width); None for that of the file.
        interpolation: "nearest", "bilinear", "bicubic", "lanczos", "box" or "hamming".
        keep_aspect_ratio: cut off what is too high or too wide, around the middle,
            instead of stretching.

    Raises:
        DataError: there is no such file.
        UnknownNameError: another color mode or interpolation.
    """
    from PIL import Image

    if color_mode not in _MODES:
        raise UnknownNameError("color mode", color_mode, _MODES)
    if interpolation not in _FILTERS:
        raise UnknownNameError("interpolation", interpolation, _FILTERS)
    try:
        content = path.getvalue() if isinstance(path, io.BytesIO) else _read(path)
    except OSError as error:
        raise DataError(
            "there is no such picture", where=path, got=error.strerror or str(error)
        ) from error
    picture: Image.Image = Image.open(io.BytesIO(content))
    grey = color_mode == "grayscale" and picture.mode in ("L", "I;16", "I")
    if not grey and picture.mode != _MODES[color_mode]:
        picture = picture.convert(_MODES[color_mode])
    if target_size is None:
        return picture
    height, width = check_size(target_size)
    if picture.size == (width, height):
        return picture
    method = Image.Resampling[interpolation.upper()]
    box = _middle(picture.size, width, height) if keep_aspect_ratio else None
    return picture.resize((width, height), method, box=box)


def img_to_array(
    img: Any, data_format: str | None = None, dtype: Any = None
) -> np.ndarray:
    """A Pillow picture as an array, float32 by default.

    Shapes:
        (height, width, channels); (channels, height, width) for "channels_first".

    Raises:
        ShapeError: an array that is no picture.

    Example:
        >>> from PIL import Image
        >>> img_to_array(Image.new("RGB", (4, 2), "white")).shape
        (2, 4, 3)
    """
    first = is_channels_first(data_format)
    pixels = np.asarray(img, dtype=dtype or np.float32)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.ndim != 3:
        raise ShapeError(
            "this is no picture",
            expected="(height, width) or (height, width, channels)",
            got=pixels.shape,
        )
    return pixels.transpose(2, 0, 1) if first else pixels


def array_to_img(
    x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None
) -> Image:
    """An array as a Pillow picture.

    Args:
        x: (height, width, channels) with 1, 3 or 4 channels.
        data_format: "channels_last" (if None) or "channels_first".
        scale: stretch the values so that the smallest one is 0 and the largest 255.
        dtype: to compute in; float32 if None.

    Raises:
        ShapeError: another number of axes or channels.

    Example:
        >>> array_to_img(np.array([[[0.0], [0.5], [1.0]]])).tobytes()
        b'\\x00\\x7f\\xff'
    """
    from PIL import Image

    first = is_channels_first(data_format)
    x = x.detach().numpy() if isinstance(x, Tensor) else x
    pixels = np.asarray(x, dtype=dtype or np.float32)
    if first and pixels.ndim == 3:
        pixels = pixels.transpose(1, 2, 0)
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3, 4):
        raise ShapeError(
            "this is no picture",
            expected="(height, width, channels), channels 1 (grey), 3 or 4",
            got=np.shape(x),
        )
    if scale:
        pixels = pixels - pixels.min()
        pixels = pixels / (pixels.max() or 1) * 255
    if pixels.shape[2] > 1:
        return Image.fromarray(pixels.astype(np.uint8))
    large = pixels.max() > 255
    return Image.fromarray(pixels[:, :, 0].astype(np.int32 if large else np.uint8))


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array as a picture file.

    Args:
        path: the file, or an open one.
        x: as for `array_to_img`.
        data_format: "channels_last" (if None) or "channels_first".
        file_format: "png", "jpeg" ...; from the ending of the path if None.
        scale: stretch the values to 0 ... 255.
        kwargs: for Pillow's `Image.save`, as quality=90.
    """
    if file_format is None and isinstance(path, str | os.PathLike):
        file_format = Path(path).suffix[1:]
    if file_format is not None and file_format.lower() in ("jpg", "jpeg"):
        file_format = "jpeg"
    picture = array_to_img(x, data_format, scale)
    if picture.mode == "RGBA" and file_format == "jpeg":
        warn_user("JPEG does not keep how opaque pixels are: saved as RGB")
        picture = picture.convert("RGB")
    picture.save(path, format=file_format, **kwargs)


def _read(path: Any) -> bytes:
    return Path(os.fsdecode(path)).read_bytes()


def _middle(
    size: tuple[int, int], width: int, height: int
) -> tuple[int, int, int, int]:
    """The largest box in the middle with the shape of width and height."""
    old_width, old_height = size
    keep_height = min(old_height, old_width * height // width)
    keep_width = min(old_width, old_height * width // height)
    top, left = (old_height - keep_height) // 2, (old_width - keep_width) // 2
    return left, top, left + keep_width, top + keep_height
