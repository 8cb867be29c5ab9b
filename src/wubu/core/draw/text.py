"""The listing of a graph: one line a node, with its layer and the user's line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wubu.core.draw.wording import (
    Names,
    all_graphs,
    array,
    clean,
    inner_graphs,
    operands,
    place,
    type_of,
)
from wubu.core.graph import Graph, Node, Slot

_PAGE = 100  # columns, with layer and place at the right, if they leave enough room
_CODE = (60, 80)  # least and most columns for the code
_MADE = 29  # up to which equal signs are aligned


class _Line(NamedTuple):
    code: str
    scope: str = ""
    place: str = ""
    variable: str = ""


def text(graph: Graph) -> str:
    """The graph as readable text.

    Variables are named by the end of their path; what is in the comment is the whole
    path. Constants of a single number stand where they are used, and parameters that
    repeat the type of the output are left out. The body of a loop follows its node,
    indented.
    """
    nodes = [node for part in all_graphs(graph) for node in part.nodes]
    scopes = max((len(clean(node.scope)) for node in nodes), default=0)
    places = max((len(place(node.location)) for node in nodes), default=0)
    width = min(max(_PAGE - scopes - places - 6, _CODE[0]), _CODE[1])
    lines = _Listing(Names(graph), width).graph(graph, "")
    column = max(
        (len(line.code) for line in lines if len(line.code) <= width), default=0
    )
    return "\n".join(_with_comment(line, column, places) for line in lines)


def _with_comment(line: _Line, column: int, places: int) -> str:
    if line.variable:
        return f"{line.code:{column}}  # {line.variable}"
    if not (line.scope or line.place):
        return line.code
    comment = f"{line.place:{places}}  {line.scope}" if places else line.scope
    return f"{line.code:{column}}  # {comment}".rstrip()


class _Listing:
    """The lines of a graph and of the graphs inside it."""

    def __init__(self, names: Names, width: int) -> None:
        self.names = names
        self.width = width
        self.shown: set[int] = set()

    def graph(self, graph: Graph, indent: str) -> list[_Line]:
        self.shown.add(id(graph))
        inside = indent + "  "
        lines = self._header(graph, indent)
        for slot, value in graph.reads:
            lines.append(self._read(slot, f"{inside}read {self.names[value]}: "))
        for value, values in graph.constants.items():
            if value not in self.names.inline:
                start = f"{inside}constant {self.names[value]}: {type_of(value)} = "
                lines += self._wrapped(start, array(values).split(", "), inside)
        lines += self._nodes(graph, inside)
        for slot, value in graph.updates:
            code = f"{inside}update {self.names.slot(slot)} = {self.names[value]}"
            lines.append(self._commented(slot, code))
        returned = [self.names[value] for value in graph.outputs]
        return lines + self._wrapped(f"{inside}return ", returned, inside)

    def _header(self, graph: Graph, indent: str) -> list[_Line]:
        start = f"{indent}graph {self.names.graph(graph)}("
        inputs = [f"{self.names[v]}: {type_of(v)}" for v in graph.inputs]
        *lines, last = self._wrapped(start, inputs, indent)
        return [*lines, _Line(f"{last.code})")]

    def _read(self, slot: Slot, start: str) -> _Line:
        variable = slot.variable
        dims = ", ".join(map(str, variable.shape))
        return self._commented(slot, f"{start}{variable.dtype}[{dims}]")

    def _commented(self, slot: Slot, code: str) -> _Line:
        """The line with the variable's whole path, if its name is not that."""
        known = self.names.slot(slot) == slot.variable.path
        return _Line(code, variable="" if known else clean(slot.name))

    def _nodes(self, graph: Graph, indent: str) -> list[_Line]:
        inline = self.names.inline
        shown = [
            (node, [f"{self.names[v]}: {type_of(v)}" for v in node.outputs])
            for node in graph.nodes
            if not all(value in inline for value in node.outputs)
        ]
        lengths = [len(made[0]) for _, made in shown if len(made) == 1]
        column = max((n for n in lengths if n <= _MADE), default=0)
        lines = []
        for node, made in shown:
            lines += self._node(node, made, column, indent)
        return lines

    def _node(
        self, node: Node, made: list[str], column: int, indent: str
    ) -> list[_Line]:
        *before, last = self._wrapped(indent, made, indent)
        start = f"{last.code:{len(indent) + column}} = {clean(node.primitive.name)} "
        rest = self._wrapped(start, operands(node, self.names), indent)
        first, *more = [*before, *rest]
        lines = [_Line(first.code, clean(node.scope), place(node.location)), *more]
        for inner in inner_graphs(node):
            if id(inner) not in self.shown:
                lines += self.graph(inner, indent + "    ")
        return lines

    def _wrapped(self, start: str, items: Sequence[str], indent: str) -> list[_Line]:
        """`start` and `a, b, c`, continued on further lines where it gets too long."""
        codes = [start + items[0] if items else start]
        for item in items[1:]:
            if len(codes[-1]) + len(item) + 3 <= self.width:
                codes[-1] += f", {item}"
            else:
                codes[-1] += ","
                codes.append(f"{indent}      {item}")
        return [_Line(code.rstrip()) for code in codes]
