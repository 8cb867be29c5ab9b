"""Puts boxes into frames and frames into frames, and says where everything is.

The innermost frames are drawn first; to the frame around them they are boxes with ends
on their sides. A wire that leaves a frame runs to its lower edge, and on from there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from unicodedata import east_asian_width

from wubu.core.draw.grouping import Frame, frames_of
from wubu.core.draw.layers import BOTTOM, TOP, End, Item, Net
from wubu.core.draw.picture import Box, Picture, Wire
from wubu.core.draw.placing import Piece, draw

PAD = 12.0
HEAD = 20.0  # room for a frame's name

Measure = Callable[[Box], tuple[float, float]]


class Place(NamedTuple):
    x: float
    y: float
    width: float
    height: float


@dataclass(eq=False)
class Layout:
    """A drawn frame or picture. Places and pieces count from its upper left corner."""

    width: float = 0.0
    height: float = 0.0
    boxes: list[tuple[Box, Place]] = field(default_factory=list)
    frames: list[tuple[Frame, Place]] = field(default_factory=list)
    pieces: dict[int, list[Piece]] = field(default_factory=lambda: defaultdict(list))
    tops: dict[int, float] = field(default_factory=dict)  # where wires enter
    bottoms: dict[int, float] = field(default_factory=dict)  # where they leave

    def take(self, inner: Layout, dx: float, dy: float) -> None:
        """Adds what is drawn inside, moved."""
        for box, (x, y, width, height) in inner.boxes:
            self.boxes.append((box, Place(x + dx, y + dy, width, height)))
        for frame, (x, y, width, height) in inner.frames:
            self.frames.append((frame, Place(x + dx, y + dy, width, height)))
        for wire, pieces in inner.pieces.items():
            self.pieces[wire] += [piece.moved(dx, dy) for piece in pieces]


def arranged(picture: Picture, measure: Measure) -> Layout:
    """The layout of a picture whose boxes have these sizes."""
    return _Arranger(picture, measure).frame(frames_of(picture), picture.wires)


class _Arranger:
    """Wires are known by their index in the picture."""

    def __init__(self, picture: Picture, measure: Measure) -> None:
        self.measure = measure
        self.index = {id(wire): i for i, wire in enumerate(picture.wires)}

    def frame(self, frame: Frame, wires: list[Wire]) -> Layout:
        """The layout of a frame; `wires` are all that touch a box in it."""
        part_of = {
            box: i
            for i, part in enumerate(frame.parts)
            for box in (part.boxes() if isinstance(part, Frame) else [part])
        }
        layouts = self._parts(frame, wires, part_of)
        items = [Item(part.width, part.height) for part in layouts]
        nets: list[Net] = []
        ends: list[tuple[int, int, int]] = []  # net's wire, its port, which side
        wired: list[int] = []
        for wire in wires:
            found = self._net(wire, part_of, layouts, items, ends)
            if found is not None:
                nets.append(found)
                wired.append(self.index[id(wire)])
        drawing = draw(items, nets)
        whole = Layout()
        left, head = (PAD, HEAD) if frame.name else (0.0, 0.0)
        for part, item in zip(layouts, items, strict=False):
            whole.take(part, item.x + left, item.y + head)
        for index, pieces in zip(wired, drawing.pieces, strict=True):
            whole.pieces[index] += [piece.moved(left, head) for piece in pieces]
        whole.width, whole.height = drawing.width, drawing.height
        for index, port, side in ends:
            (whole.tops if side == TOP else whole.bottoms)[index] = items[port].x + left
        return _framed(whole, frame) if frame.name else whole

    def _parts(
        self, frame: Frame, wires: list[Wire], part_of: dict[Box, int]
    ) -> list[Layout]:
        touching: dict[int, list[Wire]] = defaultdict(list)
        for wire in wires:
            touched = {part_of.get(box) for box in (wire.source, *wire.targets)}
            for i in touched - {None}:
                touching[i].append(wire)  # type: ignore[index]
        return [
            self.frame(part, touching[i])
            if isinstance(part, Frame)
            else self._box(part, touching[i])
            for i, part in enumerate(frame.parts)
        ]

    def _box(self, box: Box, wires: list[Wire]) -> Layout:
        width, height = self.measure(box)
        entering = {w.value: self.index[id(w)] for w in wires if box in w.targets}
        leaving = {w.value: self.index[id(w)] for w in wires if w.source is box}
        layout = Layout(width, height, boxes=[(box, Place(0.0, 0.0, width, height))])
        for values, wired, side in (
            (box.inputs, entering, layout.tops),
            (box.outputs, leaving, layout.bottoms),
        ):
            used = [value for value in values if value in wired]
            for i, value in enumerate(used):
                side[wired[value]] = width * (i + 1) / (len(used) + 1)
        return layout

    def _net(
        self,
        wire: Wire,
        part_of: dict[Box, int],
        layouts: list[Layout],
        items: list[Item],
        ends: list[tuple[int, int, int]],
    ) -> Net | None:
        """The wire as this frame sees it; None when it stays inside one part."""
        index = self.index[id(wire)]

        def port(side: int) -> End:
            items.append(Item(0.0, 0.0, side))
            ends.append((index, len(items) - 1, side))
            return End(len(items) - 1, 0.0)

        start = part_of.get(wire.source)
        parts = dict.fromkeys(part_of.get(target) for target in wire.targets)
        targets = [
            End(part, layouts[part].tops[index])
            for part in parts
            if part is not None and part != start
        ]
        if start is None:
            return Net(port(TOP), tuple(targets))
        if None in parts:
            targets.append(port(BOTTOM))
        if not targets:
            return None
        return Net(End(start, layouts[start].bottoms[index]), tuple(targets))


def _framed(layout: Layout, frame: Frame) -> Layout:
    """The layout with room for a border and a name."""
    layout.width = max(layout.width + 2 * PAD, frame_name_width(frame.name) + PAD)
    layout.height += HEAD + PAD
    for index, x in layout.tops.items():
        layout.pieces[index].append(Piece(x, 0.0, 0.0, x, HEAD, HEAD))
    for index, x in layout.bottoms.items():
        bottom = layout.height
        layout.pieces[index].append(Piece(x, bottom - PAD, bottom, x, bottom, bottom))
    place = Place(0.0, 0.0, layout.width, layout.height)
    layout.frames.insert(0, (frame, place))
    return layout


def frame_name_width(name: str) -> float:
    """Of a frame's tab, in a fixed-pitch font of 10 pixels."""
    cells = sum(2 if east_asian_width(c) in "WF" else 1 for c in name)
    return cells * 6.05 + 16.0
