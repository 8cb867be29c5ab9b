"""Bodies of loops, made shorter: what a derivative adds up that is a concatenation, and
what is computed again instead of being kept from the forward loop.

Read before: `scan_gradient.py`, which uses both.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence

from wubu.core.graph import Graph, Node, Value
from wubu.core.primitive import get_primitive

_Piece = tuple[int, int, Value]  # from, up to, what lies there

# As fast to compute as to load from a cache that is not the nearest.
_CHEAP = frozenset(
    (
        *("add", "sub", "mul", "neg", "abs", "sign", "maximum", "minimum"),
        *("less", "equal", "where", "bitwise_and", "bitwise_or", "bitwise_xor"),
        *("cast", "broadcast_to"),
    )
)
_MOST = 4  # nodes computed again for one value


def with_joins(graph: Graph) -> Graph:
    """The graph with sums of padded parts as concatenations, where these parts lie side
    by side and leave no gap: a split has such a derivative. Sums that are not needed
    any more stay, to be dropped by whoever takes nodes from the graph."""
    pieces: dict[Value, tuple[int, list[_Piece]]] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        y = node.outputs[0]
        found = _padded(node, graph.constants) or _added(node, pieces)
        if found:
            pieces[y] = found
            axis, parts = found
            if len(parts) > 1 and _size(parts) == y.shape[axis]:
                node = node._replace(
                    primitive=get_primitive("concatenate"),
                    inputs=tuple(part for _, _, part in parts),
                    params={"axis": axis},
                )
        nodes.append(node)
    return graph.with_nodes(nodes)


def _padded(
    node: Node, constants: Mapping[Value, object]
) -> tuple[int, list[_Piece]] | None:
    """The axis and the piece of a value that has zeros before and after."""
    if node.primitive.name != "pad":
        return None
    x, zero = node.inputs
    if zero not in constants or constants[zero] != 0:
        return None
    padding = node.params["padding"]
    axes = [i for i, part in enumerate(padding) if part != (0, 0, 0)]
    if len(axes) != 1 or padding[axes[0]][2]:
        return None
    start = padding[axes[0]][0]
    return axes[0], [(start, start + x.shape[axes[0]], x)]


def _added(
    node: Node, pieces: Mapping[Value, tuple[int, list[_Piece]]]
) -> tuple[int, list[_Piece]] | None:
    """The pieces of a sum, in order, if none lies over another."""
    if node.primitive.name != "add" or any(v not in pieces for v in node.inputs):
        return None
    (axis, left), (other, right) = (pieces[v] for v in node.inputs)
    parts = sorted([*left, *right], key=lambda piece: piece[:2])
    apart = all(a[1] <= b[0] for a, b in itertools.pairwise(parts))
    return (axis, parts) if apart and axis == other else None


def _size(parts: Sequence[_Piece]) -> int:
    return sum(stop - start for start, stop, _ in parts)


def computed_again(
    crossing: Sequence[Value],
    nodes: Sequence[Node],
    given: Collection[Value],
    kept: Collection[Value],
) -> tuple[list[Value], list[Node]]:
    """Which of the values that cross from the forward to the backward loop are kept,
    and the nodes that compute the others again.

    Args:
        crossing: what the backward loop needs.
        nodes: of the forward loop.
        given: what the backward loop has anyway.
        kept: values that are kept in any case.
    """
    makers = {v: node for node in nodes for v in node.outputs}
    have = {*crossing, *given}
    again: set[int] = set()
    for value in crossing:
        found = _chain(value, makers, have - {value})
        if value not in kept and found is not None:
            have.discard(value)
            again |= found
    chosen = [v for v in crossing if v in have]
    return chosen, [node for node in nodes if id(node) in again]


def _chain(
    value: Value, makers: Mapping[Value, Node], have: Collection[Value]
) -> set[int] | None:
    """The cheap nodes, by id, that make a value of what there is; None if more is
    needed."""
    found: set[int] = set()
    wanted = [value]
    while wanted:
        node = makers.get(wanted.pop())
        if node is None or node.primitive.name not in _CHEAP:
            return None
        found.add(id(node))
        if len(found) > _MOST:
            return None
        wanted += [v for v in node.inputs if v not in have]
    return found
