"""One picture file as the array a network takes, for `wubu predict MODEL FILE...`.

Pillow does the work and is loaded on the first call.
"""

from __future__ import annotations

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
    from PIL import Image

    height, width, channels = _check_shape(shape)
    mode = "L" if channels == 1 else "RGB"
    picture = _on_white(_open(Path(path))).convert(mode)
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    pixels = np.array(picture, dtype=np.uint8).reshape(height, width, channels)
    return 255 - pixels if invert else pixels


def _open(path: Path) -> Image:
    """The first frame, upright and completely read, so that damage is seen here."""
    from PIL import Image, ImageOps

    if not path.is_file():
        raise DataError(
            f"there is no picture {path.name}",
            where=path,
            expected="a picture file",
            got="a folder" if path.is_dir() else "nothing at this path",
        )
    try:
        with Image.open(path) as picture:
            picture.load()
            return ImageOps.exif_transpose(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileFormatError(
            f"{path.name} has too many pixels to be a picture",
            where=path,
            expected=f"at most {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels",
            got=str(error),
            fix="make it smaller first",
        ) from None
    except Image.UnidentifiedImageError:
        raise FileFormatError(
            f"{path.name} is not a picture that Pillow can read",
            where=path,
            expected="PNG, JPEG, WebP, BMP, TIFF, GIF ...",
            got="first bytes " + (_first_bytes(path) or "none: the file is empty"),
        ) from None
    except Exception as error:  # Pillow's decoders raise OSError, SyntaxError, ...
        raise FileFormatError(
            f"{path.name} is damaged", where=path, got=f"{error}"
        ) from error


def _on_white(picture: Image) -> Image:
    """Transparent parts laid on white, and more than 8 bits a pixel cut to 8."""
    from PIL import Image

    if picture.has_transparency_data:
        colours = picture.convert("RGBA")
        paper = Image.new("RGBA", colours.size, "white")
        return Image.alpha_composite(paper, colours)
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


def _first_bytes(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(8).hex(" ")
