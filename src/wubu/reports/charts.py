"""Charts as SVG: axes, lines, bars, points. Colours are classes of `style.css`, so that
they follow light and dark.

Drawings are about as wide as a phone, so that their text keeps its size there; wide
screens show several side by side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from wubu.reports.markup import Markup, tag
from wubu.reports.words import compact, figure

_WIDTH, _HEIGHT = 420.0, 250.0
_LEFT, _TOP, _BOTTOM = 42.0, 12.0, 36.0
_LETTER = 6.6  # how wide one of a label is
SQUARE = (56.0, 386.0, 26.0, 316.0)  # the same of `square_chart`
_APART = 14.0  # labels, from each other
_MOST_DOTS = 40
_MOST_TITLES = 400


class Scale:
    """Numbers as places: `scale(low)` is `start`, `scale(high)` is `end`.

    Args:
        low: a number.
        high: a larger one.
        start: its place.
        end: that of the larger one.
        logarithmic: equal ratios are equally far apart.
    """

    def __init__(
        self,
        low: float,
        high: float,
        start: float,
        end: float,
        logarithmic: bool = False,
    ) -> None:
        if not high > low:
            pad = abs(low) * 0.1 or 1.0
            low, high = (low / 2, low * 2) if logarithmic else (low - pad, high + pad)
        self.low, self.high, self.start, self.end = low, high, start, end
        self.logarithmic = logarithmic

    def __call__(self, value: float) -> float:
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = (math.log(v) for v in (value, low, high))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def ticks(self, most: int = 7) -> list[float]:
        """Round numbers within the scale."""
        if self.logarithmic:
            return _log_ticks(self.low, self.high, most)
        return ticks(self.low, self.high, most)


def ticks(low: float, high: float, most: int = 6, whole: bool = False) -> list[float]:
    """Round numbers from `low` to `high`: multiples of 1, 2 or 5 times a power of ten.

    Args:
        low: the first is not below.
        high: the last is not above.
        most: at most so many.
        whole: whole numbers only.

    Example:
        >>> ticks(0.1, 1.0, 6), ticks(1, 3, 6, whole=True)
        ([0.2, 0.4, 0.6, 0.8, 1.0], [1.0, 2.0, 3.0])
    """
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    for factor in (1, 2, 5, 10, 20):
        step = factor * power
        if whole:
            step = max(1.0, float(round(step)))
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            break
    return [round(n * step, 12) for n in range(first, last + 1)]


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    found: list[float] = []
    for factors in ((1, 2, 5), (1, 3), (1,)):
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        found = [
            factor * 10.0**power
            for power in range(first, last + 1)
            for factor in factors
            if low <= factor * 10.0**power <= high
        ]
        if len(found) <= most:
            return found
    return found[:: -(-len(found) // most)]


class Line(NamedTuple):
    """A line of a chart."""

    name: str
    values: Sequence[float]  # at 1, 2, 3, ...; gaps are NaN
    style: str  # "one" to "four": its colour; "dashed" may follow


class Mark(NamedTuple):
    """A point that is worth a word."""

    x: float
    y: float
    text: str
    style: str


def line_chart(
    title: str, lines: Sequence[Line], marks: Sequence[Mark] = (), x_name: str = "epoch"
) -> Markup:
    """Lines over 1, 2, 3, ..., with their names and last values beside their ends.

    Args:
        title: what screen readers say.
        lines: at least one has a finite value.
        marks: points to stand out; their text is shown beside the lines' names.
        x_name: what is counted.
    """
    values = [v for line in lines for v in line.values] + [m.y for m in marks]
    known = [v for v in values if math.isfinite(v)]
    low, high = min(known), max(known)
    steep = low > 0 and high / low > 30
    pad = 0.0 if steep else 0.04 * (high - low)
    y = Scale(low - pad, high + pad, _HEIGHT - _BOTTOM, _TOP, steep)
    labels = [
        (y(found[-1][1]), f"{line.name} {figure(found[-1][1])}", line.style)
        for line in lines
        if (found := _finite(line.values))
    ] + [(y(mark.y), mark.text, mark.style) for mark in marks]
    last = max(len(line.values) for line in lines)
    longest = max(len(text) for _, text, _ in labels)
    x = Scale(1, max(2, last), _LEFT + 6, _WIDTH - 14 - _LETTER * longest)
    return tag(
        "svg",
        tag("title", title),
        axes(x, y, x_name, whole=True),
        [_path(line, x, y) for line in lines],
        [
            tag("circle", cx=x(m.x), cy=y(m.y), r=4.5, class_=f"mark {m.style}")
            for m in marks
        ],
        _labels(labels, x.end + 12),
        _titles(lines, x, x_name, last),
        viewBox=f"0 0 {_WIDTH:g} {_HEIGHT:g}",
        role="img",
        class_="chart",
    )


def axes(x: Scale, y: Scale, x_name: str, y_name: str = "", whole: bool = False) -> Any:
    """Lines across at round values of y, with numbers; numbers of x below."""
    below = max(y.start, y.end)
    parts: list[Markup] = []
    for value in y.ticks():
        place = y(value)
        parts += [
            tag("line", x1=x.start - 6, x2=x.end, y1=place, y2=place, class_="grid"),
            _text(x.start - 12, place + 4, compact(value), "end"),
        ]
    for value in ticks(x.low, x.high, 7, whole=True) if whole else x.ticks():
        parts.append(_text(x(value), below + 18, compact(value), "middle"))
    parts.append(_text((x.start + x.end) / 2, below + 33, x_name, "middle", "name"))
    if y_name:
        parts.append(_text(x.start - 6, min(y.start, y.end) - 8, y_name, class_="name"))
    return parts


def _text(
    x: float, y: float, text: str, anchor: str | None = None, class_: str | None = None
) -> Markup:
    return tag("text", text, x=x, y=y, text_anchor=anchor, class_=class_)


def _finite(values: Sequence[float]) -> list[tuple[int, float]]:
    return [(n, v) for n, v in enumerate(values, start=1) if math.isfinite(v)]


def _path(line: Line, x: Scale, y: Scale) -> list[Markup]:
    """The line, broken where a value is missing, and dots where these are few."""
    words, pen = [], "M"
    for number, value in enumerate(line.values, start=1):
        if not math.isfinite(value):
            pen = "M"
            continue
        words.append(f"{pen}{x(number):.1f} {y(value):.1f}")
        pen = "L"
    parts = [tag("path", d="".join(words), class_=f"curve {line.style}")]
    if len(line.values) <= _MOST_DOTS:
        parts += [
            tag("circle", cx=x(n), cy=y(v), r=2.5, class_=f"dot {line.style}")
            for n, v in _finite(line.values)
        ]
    return parts


def _labels(labels: Sequence[tuple[float, str, str]], x: float) -> list[Markup]:
    """Texts beside the ends of lines, moved apart where they would touch."""
    order = sorted(labels)
    places = apart([place for place, _, _ in order], _TOP + 2, _HEIGHT - _BOTTOM)
    return [
        tag("text", text, x=x, y=place + 4, class_=f"label {style}")
        for place, (_, text, style) in zip(places, order, strict=True)
    ]


def apart(places: Sequence[float], low: float, high: float) -> list[float]:
    """Sorted places, moved until each is `_APART` from the next, within bounds if that
    can be.

    Example:
        >>> apart([10.0, 12.0, 90.0], 0.0, 100.0)
        [10.0, 24.0, 90.0]
        >>> apart([97.0, 99.0], 0.0, 100.0)
        [86.0, 100.0]
    """
    found = list(places)
    for n in range(1, len(found)):
        found[n] = max(found[n], found[n - 1] + _APART)
    limit = high
    for n in reversed(range(len(found))):
        found[n] = min(found[n], limit)
        limit = found[n] - _APART
    lack = low - found[0] if found else 0.0
    return [place + lack for place in found] if lack > 0 else found


def _titles(lines: Sequence[Line], x: Scale, x_name: str, last: int) -> list[Markup]:
    """Invisible columns that say the values when the pointer is over them."""
    step = -(-last // _MOST_TITLES)
    wide = (x.end - x.start) / max(1, x.high - x.low) * step
    found = []
    for number in range(1, last + 1, step):
        said = [
            f"{line.name} {figure(line.values[number - 1])}"
            for line in lines
            if number <= len(line.values) and math.isfinite(line.values[number - 1])
        ]
        place = x(number)
        found.append(
            tag(
                "g",
                tag("title", "\n".join([f"{x_name} {number}", *said])),
                tag(
                    "rect",
                    x=place - wide / 2,
                    y=_TOP,
                    width=wide,
                    height=_HEIGHT - _TOP - _BOTTOM,
                ),
                tag("line", x1=place, x2=place, y1=_TOP, y2=_HEIGHT - _BOTTOM),
                class_="over",
            )
        )
    return found


def square_chart(
    title: str,
    x: Scale,
    y: Scale,
    inside: Any,
    x_name: str,
    y_name: str,
) -> Markup:
    """A chart of one number against another.

    Args:
        title: what screen readers say.
        x: from `SQUARE[0]` to `SQUARE[1]`.
        y: the same, from `SQUARE[3]` to `SQUARE[2]`.
        inside: what is drawn on the axes.
        x_name: beneath.
        y_name: above.
    """
    _, right, _, bottom = SQUARE
    return tag(
        "svg",
        tag("title", title),
        axes(x, y, x_name, y_name),
        inside,
        viewBox=f"0 0 {right + 14:g} {bottom + 40:g}",
        role="img",
        class_="chart",
    )
