"""Which values that all samples share are made by all threads together.

Threads divide samples; where there are none, or a value is shared by them, each thread
computes it for itself, so that nobody waits. That is a waste where much is computed: a
large sum of products is divided, along an axis of its result, and threads meet when it
is done. Its result lies in memory that they have in common.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from wubu.core.graph import Graph, Node, Value
from wubu.executors.native.code.emitter import Index
from wubu.executors.native.planning.work import operations_of

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator


class Part(NamedTuple):
    """A loop along some of an axis, which gives an index, and by how much it grows."""

    loop: contextlib.AbstractContextManager[Index]
    size: int


LEAST = 100_000  # operations: a few times as long as threads take to meet
WORTH = 500_000  # operations in all, for which threads meet
_CONTRACTIONS = ("dot_general", "conv", "conv_input", "conv_kernel")


def find_divided(
    graph: Graph, axes: Mapping[Value, int], threads: int
) -> frozenset[Value]:
    """The shared sums of products that threads divide; also in loops, if there are no
    samples, which threads would not reach at the same time, but not in their loops.

    Args:
        axes: the batch axis of each value that has one.
    """
    if threads == 1:
        return frozenset()
    found: set[Value] = set()
    work = 0
    for nodes, rounds in [(graph.nodes, 1)] if axes else _bodies(graph):
        large = [node for node in nodes if _is_large(node, axes)]
        found.update(node.outputs[0] for node in large)
        work += rounds * sum(map(operations_of, large))
    # Where samples are divided, threads meet anyway.
    return frozenset(found) if axes or work >= WORTH else frozenset()


def _bodies(graph: Graph) -> Iterator[tuple[Sequence[Node], int]]:
    """The nodes of a graph and of its loops, and how often they run."""
    yield graph.nodes, 1
    for node in graph.nodes:
        if node.primitive.name == "scan":
            yield node.params["body"].nodes, node.params["length"]


def _is_large(node: Node, axes: Mapping[Value, int]) -> bool:
    shared = not any(v in axes for v in (*node.inputs, *node.outputs))
    contracts = node.primitive.name in _CONTRACTIONS and node.outputs[0].shape
    return shared and bool(contracts) and operations_of(node) >= LEAST


def parts_of(
    g: Generator, size: int, unit: int, name: str, divided: bool
) -> list[Part]:
    """Loops along an axis: over its whole units, and over what is left behind them.

    Args:
        divided: each thread has units of its own, and the first one what is left.
    """
    e, count, rest = g.e, size // unit, size % unit
    found: list[Part] = []
    if count:
        low, high = g.share_of(count) if divided else (0, count)
        low, high = e.times(low, unit), e.times(high, unit)
        found.append(Part(e.loop(high, name, step=unit, start=low), unit))
    if rest:
        found.append(Part(_rest(g, size - rest, divided), rest))
    return found


@contextlib.contextmanager
def _rest(g: Generator, start: int, divided: bool) -> Iterator[Index]:
    if not divided:
        yield start
        return
    with g.only_first():
        yield start
