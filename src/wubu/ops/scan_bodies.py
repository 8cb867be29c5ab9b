"""Bodies of loops, made shorter: what is the same in every step is computed first; what
a derivative adds up is a concatenation; what is cheap is computed again instead of
being kept from the forward loop.

Read before: `scan.py` and `scan_gradient.py`, which use them.
"""

from __future__ import annotations

import itertools
import math
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


def without_invariants(body: Graph, num_consts: int) -> tuple[Graph, Graph] | None:
    """Takes out of a body what only depends on its constants, as a part of a weight.

    What would grow stays inside: a bias that is spread over the batch.

    Args:
        body: (constants, carry, row) -> results.
        num_consts: how many of its inputs are constants.

    Returns:
        A graph (constants) -> new constants, and a body that takes these; None if
        there is nothing to take out.
    """
    consts = body.inputs[:num_consts]
    inside: set[int] = set()  # nodes that stay
    while True:
        before = _invariants(body, consts, inside)
        taken = {id(node) for node in before}
        rest = [node for node in body.nodes if id(node) not in taken]
        read = {*(v for node in rest for v in node.inputs), *body.outputs}
        grown = {id(n) for n in before if _grows(n) and read.intersection(n.outputs)}
        if not grown:
            break
        inside |= grown
    if not before:
        return None
    made = [v for node in before for v in node.outputs]
    new = [v for v in (*consts, *made) if v in read]
    inputs = [*new, *body.inputs[num_consts:]]
    return (
        part_of("invariants", consts, new, before, body),
        part_of("body", inputs, body.outputs, rest, body),
    )


def _invariants(
    body: Graph, consts: Sequence[Value], inside: Collection[int]
) -> list[Node]:
    """The nodes that depend on constants of the loop, on nothing that changes, and on
    none of those that stay inside."""
    same = set(consts)
    found = []
    for node in body.nodes:
        known = all(v in same or v in body.constants for v in node.inputs)
        if known and any(v in same for v in node.inputs) and id(node) not in inside:
            found.append(node)
            same.update(node.outputs)
    return found


def _grows(node: Node) -> bool:
    made = sum(math.prod(v.shape) for v in node.outputs)
    return made > max(math.prod(v.shape) for v in node.inputs)


def without_residuals(graph: Graph) -> Graph:
    """The graph, or body, with its loops as they are without a derivative, where
    nothing reads what they keep for one."""
    read = {*graph.results(), *(v for node in graph.nodes for v in node.inputs)}
    nodes = []
    for node in graph.nodes:
        plan = node.params.get("plan") if node.primitive.name == "scan" else None
        if plan and not read.intersection(node.outputs[plan.num_visible :]):
            params = {**node.params, "body": plan.body, "plan": None}
            outputs = node.outputs[: plan.num_visible]
            node = node._replace(params=params, outputs=outputs)
        nodes.append(node)
    return graph.with_nodes(nodes)


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


# -- parts of graphs -------------------------------------------------------------------


def part_of(
    name: str,
    inputs: Sequence[Value],
    outputs: Sequence[Value],
    nodes: Sequence[Node],
    whole: Graph,
) -> Graph:
    """Part of a graph, without nodes that its outputs do not need."""
    kept = needed_nodes(nodes, outputs)
    read = {*outputs, *(v for node in kept for v in node.inputs)}
    constants = {v: a for v, a in whole.constants.items() if v in read}
    return Graph(
        name=name, inputs=inputs, outputs=outputs, nodes=kept, constants=constants
    ).verify()


def needed_nodes(nodes: Sequence[Node], results: Sequence[Value]) -> list[Node]:
    """The nodes that results are computed by."""
    needed = set(results)
    kept: list[Node] = []
    for node in reversed(nodes):
        if any(v in needed for v in node.outputs):
            kept.append(node)
            needed.update(node.inputs)
    return kept[::-1]
