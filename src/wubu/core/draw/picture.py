"""What a picture of a graph shows: boxes with rows, and wires between them.

Scalar constants and their broadcasts stand inside the rows that use them. A folded
picture goes further, so that a training step with hundreds of operations stays legible:
variables are named in the rows that use them, a run of operations that pass one value
on is stacked in one box, and results are marked where they are made. Otherwise
variables and results have chips of their own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from wubu.core.draw.families import family
from wubu.core.draw.wording import (
    Names,
    array,
    clean,
    inner_graphs,
    parameters,
    place,
    shortened,
    spread_for_elementwise,
    statement,
    type_of,
)
from wubu.core.graph import Graph, Node, Value

_LONGEST_LABEL = 40
_LONGEST_NAME = 24
_LONGEST_NOTE = 40
_LONGEST_PARAMETERS = 16
_LONGEST_NUMBER = 8
_SHORT_CONSTANT = 16

Words = tuple[tuple[str, bool], ...]  # each with whether it names a variable


class Row(NamedTuple):
    """One operation of a box (or a mark "output", "update" below it)."""

    words: Words
    note: str  # the type made, where it is not that of the row above
    kind: str  # a family, or that of the mark
    tooltip: str

    @property
    def label(self) -> str:
        return "".join(word for word, _ in self.words)


@dataclass(eq=False)
class Box:
    """A chip (kind "input", "variable", "constant", "output", "update") with one row,
    or an operation with at least one."""

    kind: str
    scope: str
    rows: list[Row]
    inputs: list[Value] = field(default_factory=list)  # each once
    outputs: list[Value] = field(default_factory=list)
    bodies: list[Picture] = field(default_factory=list)

    @property
    def is_chip(self) -> bool:
        return self.kind != "operation"


class Wire(NamedTuple):
    """A value on its way from the box that makes it to those that use it."""

    value: Value
    source: Box
    targets: list[Box]
    tooltip: str


class Picture(NamedTuple):
    """Boxes, each after those it depends on, and the wires between them."""

    title: str
    float_type: np.dtype | None  # what notes leave out
    num_operations: int
    boxes: list[Box]
    wires: list[Wire]


def picture_of(graph: Graph, *, fold: bool, names: Names | None = None) -> Picture:
    """The picture of a graph, folded or with a box for each operation."""
    return _Painter(graph, names or Names(graph), fold).paint()


class _Painter:
    def __init__(self, graph: Graph, names: Names, fold: bool) -> None:
        self.graph = graph
        self.names = names
        self.fold = fold
        self.usual = _usual_float(graph)
        self.boxes: list[Box] = []
        self.wires: dict[tuple[Value, Box], Wire] = {}
        self.made_by: dict[Value, Box] = {}
        self.made_in: dict[Value, Row] = {}
        self.inline = dict(names.inline)  # what stands in rows instead of at a wire
        self.chips = {value: "constant" for value in graph.constants}
        self.about = {v: array(constant) for v, constant in graph.constants.items()}
        for slot, value in graph.reads:
            self.chips[value] = "variable"
            self.about[value] = clean(slot.name)
        self.variables = {v for _, v in graph.reads} if fold else set()
        self.spread: dict[Value, Node] = {}  # broadcasts that get no row
        if fold:
            self.inline |= {value: names[value] for value in self.variables}
            self._spread()
        self.shown = [
            node
            for node in graph.nodes
            if not all(v in self.inline or v in self.spread for v in node.outputs)
        ]
        self.num_users = Counter(v for n in self.shown for v in self._given(n))

    def paint(self) -> Picture:
        graph = self.graph
        for value in graph.inputs:
            self._add_source(value, "input", "")
        for node in self.shown:
            self._paint_node(node)
        for index, value in enumerate(graph.outputs):
            label = f"return {index + 1}" if len(graph.outputs) > 1 else "return"
            tooltip = f"return {self.names[value]}: {type_of(value)}"
            self._paint_result(value, Row(((label, False),), "", "output", tooltip))
        for slot, value in graph.updates:
            words = (("→ ", False), (_end_of(self.names.slot(slot)), True))
            tooltip = f"update {clean(slot.name)}"
            self._paint_result(value, Row(words, "", "update", tooltip))
        title, count = self.names.graph(graph), len(graph.nodes)
        return Picture(title, self.usual, count, self.boxes, [*self.wires.values()])

    def _spread(self) -> None:
        """Broadcasts for elementwise operations are seen through."""
        inside = {v for node in self.graph.nodes for v in node.inputs}
        for node in spread_for_elementwise(self.graph, inside):
            source, value = node.inputs[0], node.outputs[0]
            if source in self.variables:
                self.inline[value] = self.names[source]
                self.variables.add(value)
            if value not in self.names.inline:
                self.spread[value] = node

    # -- operations -------------------------------------------------------------------

    def _given(self, node: Node) -> list[Value]:
        """What wires bring to the node."""
        given = [v for v in node.inputs if v not in self.inline]
        sources = [self.spread[v].inputs[0] if v in self.spread else v for v in given]
        return list(dict.fromkeys(sources))

    def _paint_node(self, node: Node) -> None:
        given = self._given(node)
        box = self._stacks_on(node, given)
        if box is None:
            box = Box("operation", clean(node.scope), [])
            self._connect(given, box)
            self.boxes.append(box)
        row = self._row(node, box.outputs)
        box.rows.append(row)
        box.outputs = list(node.outputs)
        for inner in inner_graphs(node):
            box.bodies.append(picture_of(inner, fold=self.fold, names=self.names))
        for value in node.outputs:
            self.made_by[value], self.made_in[value] = box, row

    def _stacks_on(self, node: Node, given: list[Value]) -> Box | None:
        """The box whose last row hands its only output to this node alone."""
        if not self.fold or len(given) != 1 or given[0] not in self.made_by:
            return None
        box = self.made_by[given[0]]
        fits = (
            not box.is_chip
            and not box.bodies
            and not inner_graphs(node)
            and box.outputs == given
            and self.num_users[given[0]] == 1
            and box.scope == clean(node.scope)
        )
        return box if fits else None

    def _row(self, node: Node, above: list[Value]) -> Row:
        notes = [self._note(value) for value in node.outputs]
        note = "" if notes == list(map(self._note, above)) else ", ".join(notes)
        spread = [
            self.spread[v] for v in dict.fromkeys(node.inputs) if v in self.spread
        ]
        told = [statement(part, self.names) for part in (*spread, node)]
        where = [part for part in (clean(node.scope), place(node.location)) if part]
        tooltip = "\n".join([*told, *where])
        kind = family(node)
        words = self._words(node, kind)
        return Row(words, shortened(note, _LONGEST_NOTE), kind, tooltip)

    def _words(self, node: Node, kind: str) -> Words:
        """`sub 1.0, ·` where a dot stands for what a wire brings."""
        name = shortened(clean(node.primitive.name), _LONGEST_NAME)
        words = [(f"{name} ", False)]
        if any(value in self.inline for value in node.inputs):
            for value in node.inputs:
                if len(words) > 1:
                    words.append((", ", False))
                words.append(self._operand(value))
            return _at_most(words, _LONGEST_LABEL)
        extra = ", ".join(parameters(node, self.names))
        if kind in ("reduction", "movement") and len(extra) <= _LONGEST_PARAMETERS:
            name = f"{name} {extra}".strip()
        return ((name, False),)

    def _operand(self, value: Value) -> tuple[str, bool]:
        if value in self.variables:
            return _end_of(self.inline[value]), True
        return _brief(self.inline.get(value, "·")), False

    def _note(self, value: Value) -> str:
        """`64×10`, with the dtype where it is not the usual float."""
        dims = "×".join(map(str, value.shape)) or "scalar"
        return dims if value.dtype == self.usual else f"{value.dtype} {dims}"

    # -- chips and wires --------------------------------------------------------------

    def _connect(self, values: list[Value], box: Box) -> None:
        """Wires to the box for the values, in order."""
        for value in values:
            chip = self.chips.get(value)
            source = None if chip is None else self._add_source(value, chip, box.scope)
            self._wire(value, source or self.made_by[value], box)
        box.inputs = values

    def _wire(self, value: Value, source: Box, target: Box) -> None:
        if (value, source) not in self.wires:
            about = f"{self.names[value]}: {type_of(value)}"
            self.wires[value, source] = Wire(value, source, [], about)
        self.wires[value, source].targets.append(target)

    def _add_source(self, value: Value, kind: str, scope: str) -> Box:
        name = self.names[value]
        tooltip = f"{kind} {name}: {type_of(value)}"
        about = self.about.get(value, "")
        if about not in ("", name):
            tooltip += f"\n{about}"
        label = about if kind == "constant" and len(about) <= _SHORT_CONSTANT else name
        words = ((_end_of(label), kind == "variable"),)
        row = Row(words, self._note(value), kind, tooltip)
        box = Box(kind, scope, [row], outputs=[value])
        self.boxes.append(box)
        if kind == "input":
            self.made_by[value] = box
        return box

    def _paint_result(self, value: Value, row: Row) -> None:
        """A mark below the row that makes the value, or a chip of its own."""
        if self.fold and value in self.made_in:
            rows = self.made_by[value].rows
            rows.insert(rows.index(self.made_in[value]) + 1, row)
            return
        scope = ""
        if row.kind == "update" and value in self.made_by:
            scope = self.made_by[value].scope
        row = row._replace(note=self._note(value))
        box = Box(row.kind, scope, [row])
        if value in self.inline:
            words = (*row.words, (" = ", False), self._operand(value))
            box.rows[0] = row._replace(words=words)
        else:
            self._connect([value], box)
        self.boxes.append(box)


def _usual_float(graph: Graph) -> np.dtype | None:
    """The float dtype that most values have."""
    found = [v.dtype for n in graph.nodes for v in n.outputs if v.dtype.kind == "f"]
    return max(sorted(set(found), key=str), key=found.count, default=None)


# -- short words ----------------------------------------------------------------------


def _end_of(name: str) -> str:
    """The end of a path says more than its beginning."""
    most = _LONGEST_NAME
    return name if len(name) <= most else "…" + name[len(name) - most + 1 :]


def _brief(number: str) -> str:
    """A number for a label: four digits are enough to recognise it."""
    if len(number) <= _LONGEST_NUMBER or "." not in number:
        return number
    return f"{float(number):.4g}"


def _at_most(words: list[tuple[str, bool]], most: int) -> Words:
    kept: list[tuple[str, bool]] = []
    for word, is_variable in words:
        if len(word) > most:
            return (*kept, ("…", False))
        kept.append((word, is_variable))
        most -= len(word)
    return tuple(kept)
