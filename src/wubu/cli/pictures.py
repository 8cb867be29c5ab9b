"""Images drawn with characters: each shows two pixels, one above the other.

Pixels brighter than half are ink: ▀, ▄ or █. Where the terminal has colours, they show
the exact pixels: one as the colour of the character, the other behind it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}  # (upper, lower)
_INDENT, _GAP = 2, 3  # characters before the first picture, and between two
_ALIKE = 0.15  # two pixels that differ by less are drawn as one
_LUMINANCE = np.array([0.299, 0.587, 0.114])  # of red, green, blue: ITU-R BT.601


def draw(pixels: np.ndarray, colour: bool) -> list[Text]:
    """An image as lines of text, one for two rows of pixels.

    Args:
        pixels: (height, width) or (height, width, channels), 1 or 3 channels; 0 is
            black, 1 is white.
        colour: whether colours may be used.

    Example:
        >>> [line.plain for line in draw(np.eye(4), colour=False)]
        ['▀▄  ', '  ▀▄']
    """
    image = np.clip(np.nan_to_num(np.asarray(pixels, float)), 0.0, 1.0)
    if image.ndim == 2:
        image = image[..., None]
    if len(image) % 2:
        image = np.concatenate([image, np.zeros_like(image[:1])])
    line = _colour_line if colour else _ink_line
    return [line(image[row], image[row + 1]) for row in range(0, len(image), 2)]


def print_row(
    console: Console, images: Sequence[np.ndarray], captions: Sequence[str]
) -> None:
    """Draws images side by side, each over its caption; as many as fit."""
    widths = [
        max(image.shape[1], len(caption))
        for image, caption in zip(images, captions, strict=True)
    ]
    ends = _INDENT - _GAP + np.cumsum([width + _GAP for width in widths])
    fit = int(np.sum(ends <= console.width))
    colour = console.color_system is not None and not console.no_color
    grid = Table.grid(padding=(0, _GAP))
    grid.add_row(*(Text("\n").join(draw(image, colour)) for image in images[:fit]))
    grid.add_row(*(Text(caption) for caption in captions[:fit]))
    console.print(Padding(grid, (0, 0, 0, _INDENT), expand=False), soft_wrap=False)


def _ink_line(upper: np.ndarray, lower: np.ndarray) -> Text:
    marks = zip(_brightness(upper) > 0.5, _brightness(lower) > 0.5, strict=True)
    return Text("".join(_HALVES[int(a), int(b)] for a, b in marks))


def _brightness(pixels: np.ndarray) -> np.ndarray:
    return pixels @ _LUMINANCE if pixels.shape[-1] == 3 else pixels[:, 0]


def _colour_line(upper: np.ndarray, lower: np.ndarray) -> Text:
    line = Text()
    for a, b in zip(upper, lower, strict=True):
        bright_a, bright_b = _brightness(np.stack([a, b]))
        if np.max(np.abs(a - b)) < _ALIKE:
            ink, behind = (a + b) / 2, (a + b) / 2
            mark = "█" if bright_a + bright_b > 1 else " "
        else:
            ink, behind = (a, b) if bright_a > bright_b else (b, a)
            mark = "▀" if bright_a > bright_b else "▄"
        line.append(mark, style=f"{_rgb(ink)} on {_rgb(behind)}")
    return line


def _rgb(pixel: np.ndarray) -> str:
    levels = np.broadcast_to(np.round(pixel * 255).astype(int), (3,))
    return "#" + "".join(f"{level:02x}" for level in levels)
