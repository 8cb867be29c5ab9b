"""The network: its layers as a table, and as a drawing."""

from __future__ import annotations

from typing import Any

from wubu.core.draw.layers import End, Item, Net
from wubu.core.draw.placing import Drawing, Piece, draw
from wubu.models.summary import Summary, format_bytes, summarize
from wubu.reports.facts import Facts
from wubu.reports.markup import Markup, paragraph, table, tag
from wubu.reports.words import count, sizes
from wubu.utils.plot_model import Box, Wanted, boxes_of

_MOST_BOXES = 60
_LINE, _PAD = 16.0, 8.0
_LETTER, _BOLD = 6.6, 7.9  # how wide one is
_TIP = 5.0


def body(facts: Facts) -> Markup:
    """Both side by side."""
    model = facts.model_needed
    summary = summarize(model)
    boxes = boxes_of(model, Wanted(shapes=True, activations=True))
    for box in boxes:  # what goes into a layer is what the one before gives
        box.lines = [line for line in box.lines if not line.startswith("in ")]
    picture = None
    if len(boxes) <= _MOST_BOXES:
        picture = tag("figure", _drawn(boxes, f"Layers of {model.name}"))
    return tag(
        "div",
        tag("div", _table(summary), _totals(summary), class_="grows"),
        picture,
        class_="split",
    )


def _table(summary: Summary) -> Markup:
    rows: list[list[Any]] = []
    for row in summary.rows:
        frozen = None
        if row.parameters and not row.trainable:
            frozen = tag("span", " not trained", class_="small")
        name = tag("span", row.name, class_="small")
        kind = tag("b", row.kind)
        indent = f"padding-left:{1.2 * row.depth:g}em" if row.depth else None
        rows.append(
            [
                tag("td", tag("span", kind, " ", name, frozen, style=indent)),
                tag("span", _shapes(row.outputs), class_="whole"),
                f"{row.parameters:,}" if row.parameters else "",
            ]
        )
    return table(["Layer", "Gives", "Parameters>"], rows)


def _shapes(shapes: list[Any]) -> str:
    return ", ".join(sizes(shape[1:]) for shape in shapes)


def _totals(summary: Summary) -> Markup:
    frozen = summary.parameters - summary.trainable
    more = f", {frozen:,} of them not trained" if frozen else ""
    memory = summary.memory
    return paragraph(
        f"{count(summary.parameters, 'parameter')}{more}, "
        f"{format_bytes(memory.parameters)}. One sample takes "
        f"{format_bytes(memory.input)}; its way forwards and backwards "
        f"{format_bytes(memory.forward_backward)}.",
        class_="remark",
    )


# -- the drawing ----------------------------------------------------------------------


def _drawn(boxes: list[Box], title: str) -> Markup:
    """The boxes of `plot_model`, placed by the same drawing, painted as SVG."""
    items = [Item(*_measured(box)) for box in boxes]
    drawing = draw(items, _nets(boxes, items))
    margin = 4.0
    width, height = drawing.width + 2 * margin, drawing.height + 2 * margin
    inside = tag(
        "g",
        _wires(drawing),
        [_box(box, item) for box, item in zip(boxes, items, strict=True)],
        transform=f"translate({margin:g} {margin:g})",
    )
    return tag(
        "svg",
        tag("title", title),
        inside,
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        style=f"max-width:{width:.0f}px",
        role="img",
        class_="chart layers",
    )


def _measured(box: Box) -> tuple[float, float]:
    widths = [len(box.title) * _BOLD, *(len(line) * _LETTER for line in box.lines)]
    return max(widths) + 2 * _PAD, _LINE * (1 + len(box.lines)) + _PAD


def _nets(boxes: list[Box], items: list[Item]) -> list[Net]:
    """A line from each box to all that take from it."""
    targets: dict[int, list[int]] = {}
    for number, box in enumerate(boxes):
        for source in dict.fromkeys(box.sources):
            targets.setdefault(source, []).append(number)

    def middle(number: int) -> End:
        return End(number, items[number].width / 2)

    return [Net(middle(s), tuple(map(middle, ends))) for s, ends in targets.items()]


def _wires(drawing: Drawing) -> list[Markup]:
    found = []
    for pieces in drawing.pieces:
        starts = {(round(p.x0, 1), round(p.y0, 1)) for p in pieces}
        for piece in pieces:
            found.append(tag("path", d=_curve(piece), class_="wire"))
            x, y = piece.x1, piece.y3
            if (round(x, 1), round(y, 1)) not in starts:  # it arrives here
                d = f"M{x:.1f} {y:.1f}l-3.5 {-_TIP:g}h7z"
                found.append(tag("path", d=d, class_="tip"))
    return found


def _curve(piece: Piece) -> str:
    x0, y0, y1, x1, y2, y3 = piece
    middle = (y1 + y2) / 2
    return (
        f"M{x0:.1f} {y0:.1f}V{y1:.1f}"
        f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y2:.1f}V{y3:.1f}"
    )


def _box(box: Box, item: Item) -> Markup:
    parts = [
        tag(
            "rect",
            x=item.x,
            y=item.y,
            width=item.width,
            height=item.height,
            rx=5,
            fill=box.colour.fill,
            stroke=box.colour.line,
        ),
        _words(box.title, item, 0, "title"),
    ]
    lines = [_words(line, item, n) for n, line in enumerate(box.lines, start=1)]
    return tag("g", parts, lines)


def _words(text: str, item: Item, line: int, class_: str | None = None) -> Markup:
    y = item.y + _PAD / 2 + (line + 0.72) * _LINE
    return tag("text", text, x=item.x + _PAD, y=y, class_=class_)
