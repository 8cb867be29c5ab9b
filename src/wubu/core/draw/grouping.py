"""Frames: which boxes of a picture are drawn together because a layer made them.

Boxes of one layer share a frame, frames nest as the paths of layers do. A layer that is
visited twice (forward, then in the gradients) gets a frame for each visit: no path
leaves a frame and comes back, so frames can be drawn one below the other.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from wubu.core.draw.picture import Box, Picture, Wire


@dataclass(eq=False)
class Frame:
    """A layer's boxes and inner frames, each after those it depends on."""

    name: str = ""
    path: str = ""
    parts: list[Box | Frame] = field(default_factory=list)

    def boxes(self) -> list[Box]:
        found: list[Box] = []
        for part in self.parts:
            found += part.boxes() if isinstance(part, Frame) else [part]
        return found


def frames_of(picture: Picture) -> Frame:
    """The frame of the whole picture, with a frame inside for each visit of a layer."""
    return Frame(parts=_parts(picture.boxes, picture.wires, 0))


def _parts(boxes: list[Box], wires: list[Wire], depth: int) -> list[Box | Frame]:
    visits = _Visits(boxes, wires, depth).in_order()
    pieces = [piece for visit in visits for piece in _pieces(visit, wires, depth)]
    if not _is_acyclic(pieces, wires):
        pieces = visits
    parts: list[Box | Frame] = []
    for members in pieces:
        key = _key(members[-1], depth)
        if key is None:
            parts += members
        else:
            path = members[-1].scope.split("/")[: depth + 1]
            frame = Frame(key, "/".join(path), _parts(members, wires, depth + 1))
            parts.append(_joined(frame))
    return parts


def _key(box: Box, depth: int) -> str | None:
    """The part of the layer's path that decides about frames at this depth."""
    parts = box.scope.split("/") if box.scope else []
    return parts[depth] if depth < len(parts) else None


def _joined(frame: Frame) -> Frame:
    """The frame; `lenet` that holds nothing but `conv` is one frame `lenet/conv`."""
    if len(frame.parts) == 1 and isinstance(frame.parts[0], Frame):
        inner = frame.parts[0]
        return Frame(f"{frame.name}/{inner.name}", inner.path, inner.parts)
    return frame


class _Visits:
    """Puts boxes into visits so that visits depend on each other without a cycle.

    `above[v]` has bit u set when visit v depends, however indirectly, on visit u.
    """

    def __init__(self, boxes: list[Box], wires: list[Wire], depth: int) -> None:
        self.depth = depth
        self.above: list[int] = []
        self.newest: dict[str, int] = {}
        self.visit_of: dict[Box, int] = {}
        self.boxes = boxes
        inside = set(boxes)
        self.inputs: dict[Box, list[Box]] = defaultdict(list)
        self.users: dict[Box, list[Box]] = defaultdict(list)
        for wire in wires:
            for target in wire.targets:
                if wire.source in inside and target in inside:
                    self.inputs[target].append(wire.source)
                    self.users[wire.source].append(target)
        for box in boxes:
            if not self._follows_its_user(box):
                self.visit_of[box] = self._place(box)
        for box in boxes:
            if self._follows_its_user(box):
                self.visit_of[box] = self.visit_of[self.users[box][0]]

    def in_order(self) -> list[list[Box]]:
        """Visits in an order that follows the wires, each as its boxes."""
        members: dict[int, list[Box]] = defaultdict(list)
        for box in self.boxes:
            members[self.visit_of[box]].append(box)
        order = sorted(members, key=lambda v: (self.above[v].bit_count(), v))
        return [members[visit] for visit in order]

    def _follows_its_user(self, box: Box) -> bool:
        """A chip of a variable or constant goes where it is used."""
        return box.kind in ("variable", "constant") and bool(self.users[box])

    def _place(self, box: Box) -> int:
        """The visit a box joins: the newest of its layer unless that makes a cycle."""
        key = _key(box, self.depth)
        sources = {self.visit_of[b] for b in self.inputs[box] if b in self.visit_of}
        newest = None if key is None else self.newest.get(key)
        above = 0
        for visit in sources - {newest}:
            above |= self.above[visit] | 1 << visit
        if newest is not None and not above >> newest & 1:
            self._join(newest, above)
            return newest
        for visit in sources & {newest}:
            above |= self.above[visit] | 1 << visit
        self.above.append(above)
        visit = len(self.above) - 1
        if key is not None:
            self.newest[key] = visit
        return visit

    def _join(self, visit: int, above: int) -> None:
        self.above[visit] |= above
        for other, its in enumerate(self.above):
            if its >> visit & 1:
                self.above[other] = its | self.above[visit]


def _pieces(visit: list[Box], wires: list[Wire], depth: int) -> list[list[Box]]:
    """The boxes that wires hold together, inside or by a common source.

    Scalars do not count: an optimizer's learning rate does not make one block of the
    updates of all variables.
    """
    if len(visit) == 1 or _key(visit[-1], depth) is None:
        return [visit]
    leader = {box: box for box in visit}

    def lead(box: Box) -> Box:
        while leader[box] is not box:
            leader[box] = box = leader[leader[box]]
        return box

    for wire in wires:
        joined = [b for b in (wire.source, *wire.targets) if b in leader]
        if wire.value.shape == () and not wire.source.is_chip:
            joined = [b for b in joined if all(v.shape == () for v in b.outputs)]
        for box in joined[1:]:
            leader[lead(box)] = lead(joined[0])
    pieces: dict[Box, list[Box]] = {}
    for box in visit:
        pieces.setdefault(lead(box), []).append(box)
    return list(pieces.values())


def _is_acyclic(parts: list[list[Box]], wires: list[Wire]) -> bool:
    part_of = {box: i for i, part in enumerate(parts) for box in part}
    after: list[set[int]] = [set() for _ in parts]
    for wire in wires:
        source = part_of.get(wire.source)
        if source is not None:
            after[source].update(part_of[t] for t in wire.targets if t in part_of)
            after[source].discard(source)
    waiting = [0] * len(parts)
    for found in after:
        for j in found:
            waiting[j] += 1
    ready = [i for i, count in enumerate(waiting) if count == 0]
    for i in ready:
        for j in after[i]:
            waiting[j] -= 1
            if waiting[j] == 0:
                ready.append(j)
    return len(ready) == len(parts)
