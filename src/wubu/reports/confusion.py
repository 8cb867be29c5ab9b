"""The confusion matrix as a heat map, and its largest mistakes as sentences."""

from __future__ import annotations

import numpy as np

from wubu.reports.facts import Facts, Missing
from wubu.reports.markup import Markup, join, paragraph, tag
from wubu.reports.statistics import Confused, most_confused
from wubu.reports.words import count, percent, shortened

_SIDE = 420.0  # of the square, at most
_MOST_CLASSES = 60  # that are drawn
_COUNTED = 20  # classes up to which counts are written into the cells
_LARGEST = 64.0  # side of a cell
_LETTER = 6.6  # how wide one is


def body(facts: Facts) -> Markup:
    """The heat map, and the most confused pairs beside it."""
    table = facts.evaluation_needed["confusion"]
    if not table:
        raise Missing("the network predicts values, not classes")
    counts, names = np.array(table), facts.classes
    kept = _worth_drawing(counts)
    note = None
    if len(kept) < len(names):
        note = paragraph(
            f"Drawn are {len(kept)} of {len(names)} classes, with the most mistakes.",
            class_="remark",
        )
    inner = counts[np.ix_(kept, kept)]
    drawing = tag("figure", _drawn(inner, [names[i] for i in kept]), class_="matrix")
    pairs = tag("div", _sentences(counts, names), class_="aside")
    return join(note, tag("div", drawing, pairs, class_="split"))


def _worth_drawing(counts: np.ndarray) -> list[int]:
    if len(counts) <= _MOST_CLASSES:
        return list(range(len(counts)))
    wrong = counts.sum(axis=0) + counts.sum(axis=1) - 2 * np.diag(counts)
    return sorted(np.argsort(-wrong, kind="stable")[: _MOST_CLASSES * 2 // 3].tolist())


def _sentences(counts: np.ndarray, names: list[str]) -> list[Markup]:
    pairs = most_confused(counts)
    if not pairs:
        return [paragraph("No sample was taken for one of another class.")]
    rows = [tag("li", _sentence(pair, counts, names)) for pair in pairs]
    return [tag("h3", "Most confused"), tag("ol", rows, class_="pairs")]


def _sentence(pair: Confused, counts: np.ndarray, names: list[str]) -> Markup:
    total = int(counts[pair.true].sum())
    return join(
        tag("b", names[pair.true], class_="name"),
        " taken for ",
        tag("b", names[pair.predicted], class_="name"),
        tag(
            "span",
            f"{pair.samples:,} of {count(total, 'sample')}, "
            f"{percent(pair.samples / total, int(counts.sum(axis=1).max()))}",
            class_="small",
        ),
    )


def _drawn(counts: np.ndarray, names: list[str]) -> Markup:
    size = len(names)
    cell = min(_LARGEST, _SIDE / size)
    side = size * cell
    texts = [shortened(name, 18) for name in names]
    room = max(len(text) for text in texts) * _LETTER + 10
    upright = room > cell + 4  # names of columns do not fit side by side
    left, top = max(room, 46.0), (room if upright else 18.0) + 22
    parts: list[Markup] = [
        tag("text", "predicted →", x=left, y=13.0, class_="name"),
        tag("text", "true ↓", x=0, y=top - 8, class_="name"),
    ]
    for number, text in enumerate(texts):
        middle = (number + 0.5) * cell
        if cell >= 9:
            parts += _heads(text, left, top, middle, upright, min(11.0, cell))
        parts.append(_row(counts, names, number, left, top, cell))
    return tag(
        "svg",
        tag("title", "Samples by true class (rows) and predicted class (columns)"),
        parts,
        viewBox=f"0 0 {left + side + 2:g} {top + side + 2:g}",
        style=f"max-width:{1.4 * (left + side):.0f}px",
        role="img",
        class_="chart heat",
    )


def _heads(
    text: str, left: float, top: float, middle: float, upright: bool, size: float
) -> list[Markup]:
    """The name of a class beside its row and above its column."""
    style = f"font-size:{size:.1f}px"
    if upright:
        place = f"translate({left + middle + 4:.1f} {top - 7:.1f}) rotate(-90)"
        above = tag("text", text, transform=place, style=style)
    else:
        at = {"x": left + middle, "y": top - 8, "text_anchor": "middle"}
        above = tag("text", text, **at, style=style)
    at = {"x": left - 8, "y": top + middle + 4, "text_anchor": "end"}
    beside = tag("text", text, **at, style=style)
    return [above, beside]


def _row(
    counts: np.ndarray, names: list[str], row: int, left: float, top: float, cell: float
) -> Markup:
    """The cells of a true class, coloured by their share of it: what is right in one
    colour, by how much; what is wrong in another, by how much against the worst."""
    totals = np.maximum(1, counts.sum(axis=1, keepdims=True))
    shares = counts / totals
    wrong = shares - np.diag(np.diag(shares))
    worst = max(0.02, float(wrong.max()))
    gap = 2.0 if cell > 12 else 0.5
    parts = []
    for column, number in enumerate(counts[row].tolist()):
        x, y = left + column * cell, top + row * cell
        share = float(shares[row, column])
        right = row == column
        strength = share if right else (share / worst) ** 0.5
        opacity = 0.12 + 0.83 * strength if number else None
        style = ("right" if right else "wrong") if number else "none"
        if number or len(names) <= _COUNTED:
            said = f"{names[row]} taken for {names[column]}: {number:,}"
            where = {"x": x + gap / 2, "y": y + gap / 2}
            square = tag(
                "rect",
                **where,
                width=cell - gap,
                height=cell - gap,
                rx=min(4.0, cell / 8),
                fill_opacity=opacity,
                class_=style,
            )
            parts.append(tag("g", tag("title", said), square))
        if number and len(names) <= _COUNTED:
            light = "strong" if opacity is not None and opacity > 0.55 else None
            parts.append(_count(number, x + cell / 2, y + cell / 2, cell, light))
    return tag("g", parts)


def _count(number: int, x: float, y: float, cell: float, style: str | None) -> Markup:
    text = f"{number}"
    size = min(13.0, 0.42 * cell, 1.5 * cell / max(2, len(text)))
    return tag(
        "text",
        text,
        x=x,
        y=y + 0.36 * size,
        text_anchor="middle",
        style=f"font-size:{size:.1f}px",
        class_=f"count {style or ''}".strip(),
    )
