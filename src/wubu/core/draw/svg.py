"""A graph as an SVG document: self-contained, without scripts, made without Graphviz.

Light boxes with dark text, and greys between: it reads on white and on black. Whatever
has more to say shows it as a tooltip.
"""

from __future__ import annotations

from html import escape
from unicodedata import east_asian_width

from wubu.core.draw.families import FAMILIES, Colour
from wubu.core.draw.grouping import Frame
from wubu.core.draw.layout import HEAD, PAD, Place, arranged, frame_name_width
from wubu.core.draw.picture import Box, Picture, Row, Wire, picture_of
from wubu.core.draw.placing import Piece
from wubu.core.graph import Graph

CHIPS = {
    "input": Colour("#ffe9a3", "#b98a00"),
    "variable": Colour("#fff6d6", "#b98a00"),
    "constant": Colour("#f4f4f4", "#8b8f98"),
    "output": Colour("#30343c", "#8b8f98"),
    "update": Colour("#ffe0a8", "#b98a00"),
}
COLOURS = FAMILIES | CHIPS
_SMALL = ("movement", "update", "output")  # rows in small print
_TINTS = (  # of frames
    Colour("#dbe8fd", "#4c8bf5"),
    Colour("#fbe5d6", "#e0752d"),
    Colour("#d5f0e2", "#2fa36b"),
    Colour("#f2def6", "#b455c8"),
    Colour("#d3eff3", "#2aa0b0"),
    Colour("#f5edcc", "#c2a024"),
)

_MARGIN = 16.0
_ROW, _SMALL_ROW, _CHIP = 20.0, 15.0, 18.0
_FONT, _SMALL_FONT = 11.0, 9.0
_SIDE = 8.0  # between a box's border and its text
_BETWEEN = 10.0  # between a label and its note

_STYLE = """
.w text{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;\
font-size:11px;fill:#20242b}
.w .n{font-size:9px;fill:#5d6672}
.w .s{font-size:9px;fill:#49515c}
.w .v{fill:#8a5a00}
.w .t{font-size:10px;fill:#3d4550}
.w .h{font-size:11px;fill:#76808d;font-weight:bold}
.w .l{font-size:10px;fill:#76808d}
.w .p{fill:none;stroke:#8793a3;stroke-width:1.1}
.w .a{fill:#8793a3}
.w .e:hover .p{stroke:#e8590c;stroke-width:2.2}
.w .e:hover .a{fill:#e8590c}
.w .f{fill-opacity:.09;stroke-opacity:.45}
.w .o text{fill:#f5f6f8}
.w .o .n{fill:#c3c9d2}
""".replace("\n", "")


def svg(graph: Graph) -> str:
    """The graph as a picture: an SVG document."""
    picture = picture_of(graph, fold=True)
    drawn = _Drawn(picture)
    head, head_width, head_height = _heading(picture)
    width = max(drawn.layout.width, head_width) + 2 * _MARGIN
    height = drawn.layout.height + head_height + 2 * _MARGIN
    x = (width - drawn.layout.width) / 2
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" class="w" '
            f'width="{_n(width)}" height="{_n(height)}" '
            f'viewBox="0 0 {_n(width)} {_n(height)}">',
            f"<title>graph {escape(picture.title)}</title>",
            f"<style>{_STYLE}</style>",
            *head,
            *drawn.elements(x, _MARGIN + head_height),
            "</svg>",
        ]
    )


class _Drawn:
    """A picture with its layout, and those of the loop bodies in it."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.bodies: dict[Box, list[_Drawn]] = {
            box: [_Drawn(body) for body in box.bodies]
            for box in picture.boxes
            if box.bodies
        }
        self.layout = arranged(picture, self._size)

    def elements(self, dx: float, dy: float) -> list[str]:
        """Frames, then wires, then boxes: text is never crossed out."""
        found = [f'<g transform="translate({_n(dx)} {_n(dy)})">']
        found += [_frame(frame, place) for frame, place in self.layout.frames]
        for index, wire in enumerate(self.picture.wires):
            found.append(_wire(wire, self.layout.pieces[index]))
        found += [_frame_name(frame, place) for frame, place in self.layout.frames]
        for box, place in self.layout.boxes:
            found += self._box(box, place)
        return [*found, "</g>"]

    def _size(self, box: Box) -> tuple[float, float]:
        if box.is_chip:
            return _row_width(box.rows[0]), _CHIP
        height = sum(_row_height(row) for row in box.rows)
        width = max(_row_width(row) for row in box.rows)
        for body in self.bodies.get(box, ()):
            width = max(width, body.layout.width + 2 * PAD, len(body.name) * 6.7 + PAD)
            height += HEAD + body.layout.height + PAD
        return width, height

    @property
    def name(self) -> str:
        return f"body {self.picture.title}"

    def _box(self, box: Box, place: Place) -> list[str]:
        if box.is_chip:
            return [_chip(box, place)]
        found = ['<g class="b">']
        y = place.y
        for row in box.rows:
            found.append(_row(row, place, y))
            y += _row_height(row)
        kinds = {row.kind for row in box.rows}
        line = COLOURS[box.rows[0].kind].line if len(kinds) == 1 else "#7d8896"
        found.append(_rectangle(place, "none", line, 4, ' class="box"'))
        for body in self.bodies.get(box, ()):
            found.append(_text(place.x + PAD, y + 13, escape(body.name), "h"))
            x = place.x + (place.width - body.layout.width) / 2
            found += body.elements(x, y + HEAD)
            y += HEAD + body.layout.height + PAD
        return [*found, "</g>"]


# -- parts ----------------------------------------------------------------------------


def _row(row: Row, place: Place, y: float) -> str:
    height = _row_height(row)
    colour = COLOURS[row.kind]
    x, width = _n(place.x), _n(place.width)
    return (
        f"<g{_dark(row)}>{_title(row.tooltip)}"
        f'<rect x="{x}" y="{_n(y)}" width="{width}" height="{_n(height)}" rx="4" '
        f'fill="{colour.fill}"/>'
        f'<rect x="{x}" y="{_n(y)}" width="4" height="{_n(height)}" rx="2" '
        f'fill="{colour.line}"/>'
        f"{_row_text(row, place, y + height / 2)}</g>"
    )


def _chip(box: Box, place: Place) -> str:
    row = box.rows[0]
    colour = COLOURS[row.kind]
    extra = ' class="box"'
    if row.kind == "constant":
        extra += ' stroke-dasharray="3 2"'
    radius = 3 if row.kind == "constant" else place.height / 2
    return (
        f"<g{_dark(row)}>{_title(row.tooltip)}"
        f"{_rectangle(place, colour.fill, colour.line, radius, extra)}"
        f"{_row_text(row, place, place.y + place.height / 2)}</g>"
    )


def _row_text(row: Row, place: Place, middle: float) -> str:
    words = "".join(
        f'<tspan class="v">{escape(word)}</tspan>' if is_variable else escape(word)
        for word, is_variable in row.words
    )
    kind = "s" if row.kind in _SMALL else ""
    label = _text(place.x + _SIDE, middle + 3.6, words, kind)
    right = place.x + place.width - _SIDE
    return label + _text(right, middle + 3.4, escape(row.note), "n", end=True)


def _dark(row: Row) -> str:
    return ' class="o"' if row.kind == "output" else ""


def _wire(wire: Wire, pieces: list[Piece]) -> str:
    if not pieces:
        return ""
    starts = {_spot(piece.x0, piece.y0) for piece in pieces}
    ends = [piece for piece in pieces if _spot(piece.x1, piece.y3) not in starts]
    path = "".join(_curve(piece) for piece in pieces)
    heads = "".join(f"M{_n(p.x1)} {_n(p.y3)}l-3-6h6z" for p in ends)
    return (
        f'<g class="e">{_title(wire.tooltip)}<path class="p" d="{path}"/>'
        f'<path class="a" d="{heads}"/></g>'
    )


def _spot(x: float, y: float) -> tuple[float, float]:
    """The point, the same for the piece that ends and the one that starts there."""
    # Moving by a little keeps exact halves, which both may miss by 1e-13, from rounding
    # to different sides.
    return round(x + 1e-4, 2), round(y + 1e-4, 2)


def _curve(piece: Piece) -> str:
    x0, y0, y1, x1, y2, y3 = piece
    if abs(x1 - x0) < 0.05:
        return f"M{_n(x0)} {_n(y0)}V{_n(y3)}"
    middle = (y1 + y2) / 2
    down = f"V{_n(y1)}" if y1 > y0 else ""
    on = f"V{_n(y3)}" if y3 > y2 else ""
    return (
        f"M{_n(x0)} {_n(y0)}{down}"
        f"C{_n(x0)} {_n(middle)} {_n(x1)} {_n(middle)} {_n(x1)} {_n(y2)}{on}"
    )


def _frame(frame: Frame, place: Place) -> str:
    tint = _TINTS[sum(map(ord, frame.path)) % len(_TINTS)]
    rectangle = _rectangle(place, tint.line, tint.line, 8, ' class="f"')
    return f"<g>{_title(frame.path)}{rectangle}</g>"


def _frame_name(frame: Frame, place: Place) -> str:
    """A tab in the corner, above the wires that enter there."""
    tint = _TINTS[sum(map(ord, frame.path)) % len(_TINTS)]
    tab = Place(place.x, place.y, frame_name_width(frame.name), 15.0)
    return (
        f"<g>{_title(frame.path)}{_rectangle(tab, tint.fill, tint.line, 5, '')}"
        f"{_text(tab.x + _SIDE, tab.y + 11, escape(frame.name), 't')}</g>"
    )


def _heading(picture: Picture) -> tuple[list[str], float, float]:
    """What the picture is of, and what its colours mean."""
    count = picture.num_operations
    title = f"graph {picture.title}: {count} operation{'s' if count != 1 else ''}"
    if picture.float_type is not None:
        title += f", {picture.float_type} where no type is given"
    found = [_text(_MARGIN, _MARGIN + 9, escape(title), "h")]
    x, y = _MARGIN, _MARGIN + 20
    for name in _families(picture):
        colour = FAMILIES[name]
        place = Place(x, y, 10, 10)
        found.append(_rectangle(place, colour.fill, colour.line, 2, ""))
        found.append(_text(x + 14, y + 9, name, "l"))
        x += 14 + _width(name, 10) + 12
    return found, max(_width(title, _FONT) * 1.05, x - _MARGIN), 46.0


def _families(picture: Picture) -> list[str]:
    present: set[str] = set()
    pictures = [picture]
    while pictures:
        for box in pictures.pop().boxes:
            present.update(row.kind for row in box.rows)
            pictures += box.bodies
    return [name for name in FAMILIES if name in present]


# -- sizes and elements ---------------------------------------------------------------


def _row_height(row: Row) -> float:
    return _SMALL_ROW if row.kind in _SMALL else _ROW


def _row_width(row: Row) -> float:
    size = _SMALL_FONT if row.kind in _SMALL else _FONT
    note = _width(row.note, _SMALL_FONT) + _BETWEEN if row.note else 0.0
    return max(_width(row.label, size) + note + 2 * _SIDE, 34.0)


def _width(text: str, size: float) -> float:
    """Of a fixed-pitch font."""
    cells = sum(2 if east_asian_width(c) in "WF" else 1 for c in text)
    return cells * size * 0.605


def _rectangle(
    place: Place, fill: str, line: str, radius: float, attributes: str
) -> str:
    x, y, width, height = map(_n, place)
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{_n(radius)}" '
        f'fill="{fill}" stroke="{line}"{attributes}/>'
    )


def _text(x: float, y: float, text: str, kind: str, *, end: bool = False) -> str:
    if not text:
        return ""
    attributes = f' class="{kind}"' if kind else ""
    attributes += ' text-anchor="end"' if end else ""
    return f'<text x="{_n(x)}" y="{_n(y)}"{attributes}>{text}</text>'


def _title(text: str) -> str:
    return f"<title>{escape(text)}</title>" if text else ""


def _n(number: float) -> str:
    """A coordinate, to a tenth."""
    return f"{number:.1f}".removesuffix(".0")
