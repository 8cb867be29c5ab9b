"""One picture file as the array a network takes: for `wubu predict MODEL FILE...`, and
for folders of pictures.

Pillow does the work and is loaded on the first call.
"""

from __future__ import annotations

import io
import operator
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wubu.errors import ArgumentError, DataError, FileFormatError

if TYPE_CHECKING:
    from PIL.Image import Image


def load_image(
    path: str | os.PathLike,
    shape: tuple[int, int, int],
    invert: bool | None = None,
) -> np.ndarray:
    """Read a picture (PNG, JPEG, WebP ...) as an array of the given shape.

    The picture is turned upright (EXIF), laid on white where it is transparent, made
    grey or RGB, and stretched to height × width: bilinear, averaging over all pixels it
    merges when it shrinks. Of an animation the first frame is read; 16-bit grey loses
    its lower 8 bits.

    Args:
        path: the picture file.
        shape: (height, width, channels), channels 1 (grey) or 3 (RGB).
        invert: true turns dark on light into light on dark, as in MNIST. None and false
            leave the picture as it is.

    Returns:
        uint8, of shape (height, width, channels).

    Raises:
        ArgumentError: a shape that no picture can have.
        DataError: there is no such file.
        FileFormatError: not a picture, damaged, or too many pixels to be one.

    Example:
        >>> import tempfile
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Image.new("RGB", (40, 40), "white").save(f"{folder}/white.png")
        ...     load_image(f"{folder}/white.png", (2, 2, 1), invert=True).tolist()
        [[[0], [0]], [[0], [0]]]
    """
    height, width, channels = _check_shape(shape)
    path = Path(path)
    if not path.is_file():
        raise DataError(
            f"there is no picture {path.name}",
            where=path,
            expected="a picture file",
            got="a folder" if path.is_dir() else "nothing at this path",
        )
    pixels = upright_pixels(path.read_bytes(), path, channels, (height, width))
    return 255 - pixels if invert else pixels


def upright_pixels(
    content: bytes, where: object, channels: int, size: tuple[int, int] | None
) -> np.ndarray:
    """What `load_image` does, for the content of a file.

    Args:
        content: of the file.
        where: its path, for errors.
        channels: 1 (grey), 3 (RGB) or 4 (RGB and how opaque).
        size: (height, width), or None for that of the picture.

    Returns:
        uint8, of shape (height, width, channels).
    """
    from PIL import Image, ImageOps

    picture = _decoded(content, where)
    if picture.getexif():  # without, it would be copied only
        picture = ImageOps.exif_transpose(picture)
    picture = _as_mode(picture if channels == 4 else _on_white(picture), channels)
    if size is not None and picture.size != size[::-1]:
        picture = picture.resize(size[::-1], Image.Resampling.BILINEAR)
    return _pixels(picture, channels)


def plain_pixels(content: bytes, where: object, channels: int) -> np.ndarray:
    """The pixels as they lie in the file, as TensorFlow and Keras read it: not turned,
    and the colours of transparent places as they are.

    Args:
        content: of the file.
        where: its path, for errors.
        channels: 1 (grey), 3 (RGB) or 4 (RGB and how opaque).

    Returns:
        uint8, of shape (height, width, channels).
    """
    return _pixels(_as_mode(_decoded(content, where), channels), channels)


def _as_mode(picture: Image, channels: int) -> Image:
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
    return picture if picture.mode == mode else _to_8_bits(picture).convert(mode)


def _pixels(picture: Image, channels: int) -> np.ndarray:
    pixels = np.array(picture, dtype=np.uint8)
    return pixels.reshape(picture.height, picture.width, channels)


def _decoded(content: bytes, where: object) -> Image:
    """The first frame, completely read, so that damage is seen here."""
    from PIL import Image

    name = str(where).rpartition("/")[2]
    try:
        picture = Image.open(io.BytesIO(content))
        picture.load()
        return picture
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileFormatError(
            f"{name} has too many pixels to be a picture",
            where=where,
            expected=f"at most {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels",
            got=str(error),
            fix="make it smaller first",
        ) from None
    except Image.UnidentifiedImageError:
        raise FileFormatError(
            f"{name} is not a picture that Pillow can read",
            where=where,
            expected="PNG, JPEG, WebP, BMP, TIFF, GIF ...",
            got="first bytes " + (content[:8].hex(" ") or "none: the file is empty"),
        ) from None
    except Exception as error:  # Pillow's decoders raise OSError, SyntaxError, ...
        raise FileFormatError(
            f"{name} is damaged", where=where, got=f"{error}"
        ) from error


def _on_white(picture: Image) -> Image:
    """Transparent parts laid on white."""
    from PIL import Image

    if picture.has_transparency_data:
        colours = picture.convert("RGBA")
        paper = Image.new("RGBA", colours.size, "white")
        return Image.alpha_composite(paper, colours)
    return picture


def _to_8_bits(picture: Image) -> Image:
    """The upper 8 bits of grey that has 16 of them."""
    from PIL import Image

    if picture.mode.startswith("I"):
        values = np.clip(np.asarray(picture).astype(np.int64), 0, 65535)
        return Image.fromarray((values >> 8).astype(np.uint8))
    return picture


def _check_shape(shape: Any) -> tuple[int, int, int]:
    try:
        height, width, channels = (operator.index(n) for n in shape)
    except (TypeError, ValueError):
        height, width, channels = 0, 0, 0
    if height < 1 or width < 1 or channels not in (1, 3):
        raise ArgumentError(
            "a picture cannot have this shape",
            expected="(height, width, channels), channels 1 for grey or 3 for RGB",
            got=repr(shape),
        )
    return height, width, channels
