"""Images drawn with characters."""

from __future__ import annotations

import io

import numpy as np
from rich.console import Console

from wubu.cli.pictures import draw, print_row


def test_a_character_shows_two_pixels() -> None:
    image = np.array([[0, 1, 0, 1], [0, 0, 1, 1]])
    assert [line.plain for line in draw(image, colour=False)] == [" ▀▄█"]


def test_an_odd_last_row_stands_over_black() -> None:
    assert [line.plain for line in draw(np.ones((3, 1)), colour=False)] == ["█", "▀"]


def test_colours_are_the_pixels() -> None:
    red, blue = [1, 0, 0], [0, 0, 1]
    (line,) = draw(np.array([[red], [blue]]), colour=True)
    (span,) = line.spans
    assert line.plain == "▀"
    assert str(span.style) == "#ff0000 on #0000ff"
    (grey,) = draw(np.array([[0.5], [0.5]]), colour=True)
    assert str(grey.spans[0].style) == "#808080 on #808080"


def test_a_row_holds_as_many_pictures_as_fit() -> None:
    stream = io.StringIO()
    images = [np.ones((4, 8))] * 20
    print_row(Console(file=stream, width=80), images, [f"no {i}" for i in range(20)])
    lines = stream.getvalue().splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) <= 80
    assert "no 6" in lines[-1]
    assert "no 7" not in lines[-1]
