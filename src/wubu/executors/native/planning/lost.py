"""Computations that could have had samples in the lanes of vectors, but for one
operation that mixes samples. They give the same numbers, with vectors along other axes,
in about twice the time: where that is long, it is worth a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wubu.core.graph import Graph, Node
from wubu.core.location import warn_user
from wubu.errors import ExecutorError
from wubu.executors.native.planning.axes import candidates, links, one_axis_each
from wubu.executors.native.planning.copies import with_copies
from wubu.executors.native.planning.mixing import Axis, how_it_mixes, mixes
from wubu.executors.native.planning.work import operations_of

# Operations in one run from which it matters: they take about a hundredth of a second.
MUCH = 1_000_000_000


class Lost(NamedTuple):
    """An operation that mixes samples, and what that costs.

    Attributes:
        node: the first that does.
        why: what it does to samples.
        work: operations on samples which are now computed without lanes.
    """

    node: Node
    why: str
    work: int


def lost_lanes(graph: Graph) -> Lost | None:
    """What keeps the samples of a graph out of the lanes; None if nothing does.

    Samples are those of the axis with the most work; a lesser one may have got the
    lanes instead.
    """
    graph = with_copies(graph)
    for found in candidates(graph):
        axes = one_axis_each(found)
        if axes:
            mixing = next((n for n in graph.nodes if mixes(n, axes, links)), None)
            if mixing is None:
                return None
            return Lost(mixing, how_it_mixes(mixing), _work(graph, found))
        twice = _first_with_two(graph, found)
        if twice is not None:
            why = "makes a value for every two samples"
            return Lost(twice, why, _work(graph, found))
    return None


def _first_with_two(graph: Graph, found: Sequence[Axis]) -> Node | None:
    """The node that makes the first value with two axes of samples."""
    values = [value for value, _ in found]
    double = {value for value in values if values.count(value) > 1}
    return next((n for n in graph.nodes if double & {*n.outputs, *n.inputs}), None)


def _work(graph: Graph, found: Sequence[Axis]) -> int:
    values = {value for value, _ in found}
    return sum(
        operations_of(node)
        for node in graph.nodes
        if not values.isdisjoint((*node.inputs, *node.outputs))
    )


def warn_of_lost_lanes(graph: Graph) -> None:
    """Warns if much is computed without lanes; names the operation and its line.

    Only where there are variables: what a model computes has samples. The first axis of
    what a plain function is given may be anything.
    """
    if not graph.reads and not graph.updates:
        return
    lost = lost_lanes(graph)
    if lost is None or lost.work < MUCH:
        return
    name = lost.node.primitive.name
    about = ExecutorError(
        f"{graph.name} could be twice as fast: {name} mixes samples",
        where=lost.node.where() or None,
        expected="operations on each sample apart, or sums over all of them",
        got=f"{name}, which {lost.why}",
        fix='do without it or outside; jit(..., executor="numpy") may be faster, too',
    )
    warn_user(str(about))
