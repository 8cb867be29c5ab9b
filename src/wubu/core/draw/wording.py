"""Words for what a graph holds: names of values, types, numbers, parameters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from wubu.core.draw.families import family
from wubu.core.graph import Graph, Node, Slot, Value
from wubu.core.location import Location

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_LONGEST_PART = 60
_MOST_NUMBERS = 8


class Names:
    """A unique name for every value of a graph and of the graphs inside it.

    Inputs keep their own names, variables the end of their path that tells them apart;
    everything else is a letter. `inline` holds values that are better shown where they
    are used: constants of a single number, spread out for elementwise nodes or not.
    """

    def __init__(self, graph: Graph) -> None:
        self.inline: dict[Value, str] = {}
        self.graphs: dict[int, str] = {}
        self.slots: dict[tuple[int, str], str] = {}
        self._values: dict[Value, str] = {}
        self._taken: set[str] = set()
        self._letters = _letters()
        graphs = all_graphs(graph)
        for part in graphs:  # own names come first: no letter takes them
            self._name_graph(part)
        for value in [value for part in graphs for value in part.inputs]:
            self.inline.pop(value, None)  # what one body hands to the next
        self._name_rest(graph, set())

    def __getitem__(self, value: Value) -> str:
        found = self.inline.get(value)
        return self._values[value] if found is None else found

    def graph(self, graph: Graph) -> str:
        return self.graphs[id(graph)]

    def slot(self, slot: Slot) -> str:
        return self.slots[id(slot.variable), slot.kind]

    def _name_graph(self, graph: Graph) -> None:
        taken = set(self.graphs.values())
        self.graphs[id(graph)] = _unlike(taken, clean(graph.name) or "graph")
        self.inline.update(_inline(graph))
        for value in graph.inputs:
            if value.name:
                self._values[value] = self._unique(value.name)
        slots = [slot for slot, _ in (*graph.reads, *graph.updates)]
        short = _short_paths(slot.variable.path for slot in slots)
        for slot in slots:
            key = (id(slot.variable), slot.kind)
            if key not in self.slots:
                mark = "" if slot.kind == "value" else ".grad"
                self.slots[key] = self._unique(short[slot.variable.path] + mark)
        for slot, value in graph.reads:
            self._values[value] = self.slot(slot)

    def _name_rest(self, graph: Graph, done: set[int]) -> None:
        done.add(id(graph))
        for value in (*graph.inputs, *graph.constants):
            self._letter(value)
        for node in graph.nodes:
            for value in node.outputs:
                self._letter(value)
            for inner in inner_graphs(node):
                if id(inner) not in done:
                    self._name_rest(inner, done)

    def _letter(self, value: Value) -> None:
        if value not in self._values and value not in self.inline:
            self._values[value] = next(
                name for name in self._letters if name not in self._taken
            )

    def _unique(self, name: str) -> str:
        found = _unlike(self._taken, clean(name).replace(" ", "_") or "value")
        self._taken.add(found)
        return found


def inner_graphs(node: Node) -> list[Graph]:
    """The graphs among a node's parameters: bodies of loops."""
    return [part for part in node.params.values() if isinstance(part, Graph)]


def all_graphs(graph: Graph) -> list[Graph]:
    """The graph and those inside it, each once."""
    found: dict[int, Graph] = {}
    stack = [graph]
    while stack:
        part = stack.pop()
        if id(part) not in found:
            found[id(part)] = part
            stack += [g for node in reversed(part.nodes) for g in inner_graphs(node)]
    return list(found.values())


def spread_for_elementwise(graph: Graph, values: set[Value]) -> list[Node]:
    """The nodes that broadcast one of `values` for nothing but elementwise nodes."""
    elsewhere = _not_elementwise(graph)
    return [
        node
        for node in graph.nodes
        if node.primitive.name == "broadcast_to"
        and node.inputs[0] in values
        and node.outputs[0] not in elsewhere
    ]


# -- types and numbers ----------------------------------------------------------------


def type_of(value: Value) -> str:
    """`float32[64, 10]`."""
    return f"{value.dtype}[{', '.join(map(str, value.shape))}]"


def number(scalar: Any) -> str:
    """The shortest text that reads back as the same number: `0.1`, `1e-07`, `2`."""
    return str(np.asarray(scalar)[()])


def array(values: np.ndarray) -> str:
    """All numbers of a small array; how a big one begins, and its range."""
    if values.size == 0:
        return "empty"
    flat = values.reshape(-1)
    if values.size > 1 and _is_uniform(values):
        return f"all {number(flat[0])}"
    if values.size <= _MOST_NUMBERS:
        return _nested(values)
    start = ", ".join(number(item) for item in flat[:3])
    size = "×".join(map(str, values.shape))
    if values.dtype.kind not in "iuf":
        return f"{start}, ... ({size})"
    low, high = np.fmin.reduce(flat), np.fmax.reduce(flat)
    return f"{start}, ... ({size}, from {low:.4g} to {high:.4g})"


def _nested(values: np.ndarray) -> str:
    if values.ndim == 0:
        return number(values)
    return f"[{', '.join(_nested(item) for item in values)}]"


# -- statements -----------------------------------------------------------------------


def operands(node: Node, names: Names) -> list[str]:
    """What stands behind the primitive's name: inputs, then `param=value`."""
    return [names[value] for value in node.inputs] + parameters(node, names)


def parameters(node: Node, names: Names) -> list[str]:
    """`name=value` of each that the types of the outputs do not already say."""
    known = {}
    if len(node.outputs) == 1:
        known = {"shape": node.outputs[0].shape, "dtype": node.outputs[0].dtype}
    return [
        f"{clean(name)}={_part(part, names)}"
        for name, part in node.params.items()
        if not (name in known and _same(part, known[name]))
    ]


def statement(node: Node, names: Names) -> str:
    """The node on one line: `a: float32[3] = mul 2.0, x`."""
    made = ", ".join(f"{names[v]}: {type_of(v)}" for v in node.outputs)
    given = ", ".join(operands(node, names))
    return f"{made} = {clean(node.primitive.name)} {given}".rstrip()


def place(location: Location | None) -> str:
    """`train.py:41`; nothing where the line was typed and is in no file."""
    if location is None or location.filename.startswith("<"):
        return ""
    return clean(str(location))


def clean(text: str) -> str:
    """The text on one line, without anything a terminal or XML would stumble over."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _same(part: Any, known: Any) -> bool:
    return type(part) is type(known) and part == known


def _part(part: Any, names: Names) -> str:
    if isinstance(part, Graph):
        return names.graph(part)
    if isinstance(part, np.ndarray):
        return array(part)
    if isinstance(part, np.generic | np.dtype):
        return str(part)
    if type(part) in (tuple, list):
        inner = [_part(item, names) for item in part]
        comma = "," if len(inner) == 1 and type(part) is tuple else ""
        left, right = "()" if type(part) is tuple else "[]"
        return f"{left}{', '.join(inner)}{comma}{right}"
    if callable(part):
        return clean(getattr(part, "__name__", type(part).__name__))
    text = clean(_ADDRESS.sub("", repr(part)))
    if len(text) > _LONGEST_PART and not isinstance(part, str):
        return f"{type(part).__name__}(...)"
    return shortened(text, _LONGEST_PART)


# -- helpers of Names -----------------------------------------------------------------


def _inline(graph: Graph) -> dict[Value, str]:
    """Constants of one element, and where only elementwise nodes use them, constants
    that repeat one number and broadcasts of one."""
    elsewhere = _not_elementwise(graph)
    inline = {}
    for value, constant in graph.constants.items():
        repeats = value not in elsewhere and _is_uniform(constant)
        if constant.size == 1 or repeats:
            inline[value] = number(constant.flat[0])
    for node in spread_for_elementwise(graph, set(inline)):
        inline[node.outputs[0]] = inline[node.inputs[0]]
    return inline


def _is_uniform(values: np.ndarray) -> bool:
    flat = values.reshape(-1)
    few = flat[:4]
    return flat.size > 0 and bool((few == few[0]).all() and (flat == flat[0]).all())


def _not_elementwise(graph: Graph) -> set[Value]:
    """Results, and what some node uses that is not elementwise."""
    found = set(graph.results())
    for node in graph.nodes:
        if family(node) != "elementwise":
            found.update(node.inputs)
    return found


def _letters() -> Iterator[str]:
    """a, b, ..., z, aa, ab, ..."""
    count = 0
    while True:
        rest, name = count, ""
        while rest >= 0:
            name = chr(ord("a") + rest % 26) + name
            rest = rest // 26 - 1
        yield name
        count += 1


def _unlike(taken: Iterable[str], name: str) -> str:
    found, count = name, 0
    while found in taken:
        count += 1
        found = f"{name}_{count}"
    return found


def _short_paths(paths: Iterable[str]) -> dict[str, str]:
    """For each path its end, of two parts or as many as tell it from the others."""
    parts = {path: path.split("/") for path in paths}
    ends = Counter(
        "/".join(p[-k:]) for p in parts.values() for k in range(1, len(p) + 1)
    )
    short = {}
    for path, p in parts.items():
        found = ("/".join(p[-k:]) for k in range(min(2, len(p)), len(p) + 1))
        short[path] = next((end for end in found if ends[end] == 1), path)
    return short
