"""What every part of a program computes, and how many bytes it moves.

Each operation of the graph belongs to one part: the kernel made for it, else the first
part that computes it where it is read. So the work of all parts is the work of the
graph, and what is computed a second time does not count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from wubu.core.graph import Graph, Node, Value
from wubu.core.location import is_users
from wubu.executors.native.generation.journal import Journal, Part, makers
from wubu.executors.native.kernels.moves import RULES as MOVES
from wubu.executors.native.planning.mixing import all_nodes
from wubu.executors.native.planning.work import operations_of

_MOVING = frozenset((*MOVES, "concatenate", "pad", "scan"))
_ASIDE = ("turn", "check", "result", "steps")  # not where their operation is computed


class Account(NamedTuple):
    """A part and its share of the work of one step.

    Attributes:
        nodes: the operations that belong to it.
        flops: multiplications, additions and the like.
        bytes: of what it reads and writes, if each number is moved once.
    """

    part: Part
    nodes: list[Node]
    flops: int
    bytes: int

    @property
    def form(self) -> str:
        """What kind of code it is; to gather samples is more than to map them."""
        gathers = any(node.primitive.name == "gather" for node in self.nodes)
        return "gather" if self.part.form == "map" and gathers else self.part.form


def flops_of(node: Node) -> int:
    """Multiplications, additions and the like; moving numbers is none."""
    return 0 if node.primitive.name in _MOVING else operations_of(node)


def user_line(node: Node) -> str:
    """The user's own line that asked for an operation, if it is one's own."""
    found = node.location
    return str(found) if found is not None and is_users(found.filename) else ""


def accounts(journal: Journal, graph: Graph) -> list[Account]:
    """What belongs to each part, in the order of code."""
    parts = list(journal.step.walk())
    rounds = _rounds(graph)
    owned = _owned(parts, graph)
    found = []
    for part in parts:
        nodes = owned.get(id(part), [])
        flops = sum(flops_of(node) * rounds[id(node)] for node in nodes)
        times = max((rounds[id(node)] for node in nodes), default=1)
        found.append(Account(part, nodes, flops, _bytes(part, nodes) * times))
    return found


def _owned(parts: list[Part], graph: Graph) -> dict[int, list[Node]]:
    """The operations of each part, by the part's id."""
    taken: set[int] = set()
    owned: dict[int, list[Node]] = {}

    def take(part: Part, nodes: Iterable[Node]) -> None:
        for node in nodes:
            if id(node) not in taken:
                taken.add(id(node))
                owned.setdefault(id(part), []).append(node)

    for part in parts:
        if part.node is not None and part.form not in _ASIDE:
            take(part, [part.node])
    for part in parts:
        take(part, part.computes.values())
    made = makers(graph)
    for part in parts:
        for node in owned.get(
            id(part), []
        ):  # grows: what was moved is found on the way
            moved = [made[v] for v in node.inputs if v in made]
            take(part, [n for n in moved if n.primitive.name in MOVES])
    take(parts[0], all_nodes(graph))
    return owned


def _rounds(graph: Graph, times: int = 1) -> dict[int, int]:
    """How often each operation is computed in a step of the program."""
    found: dict[int, int] = {}
    for node in graph.nodes:
        found[id(node)] = times
        if node.primitive.name == "scan":
            found |= _rounds(node.params["body"], times * node.params["length"])
    return found


def _bytes(part: Part, nodes: list[Node]) -> int:
    made = {v for node in nodes for v in node.outputs}
    read: dict[Value, int] = {}
    for node in nodes:
        if node.primitive.name == "scan":  # its body reads
            continue
        picks = node.primitive.name in ("gather", "slice")
        for v in node.inputs:
            if v not in made:
                size = min(_size(v), _size(node.outputs[0])) if picks else _size(v)
                read[v] = max(size, read.get(v, 0))
    if part.form == "turn":
        read |= {v: _size(v) for v in part.values}
    return sum(read.values()) + sum(_size(v) for v in part.values)


def _size(value: Value) -> int:
    return math.prod(value.shape) * value.dtype.itemsize
