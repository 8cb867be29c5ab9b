"""What is decided before any code is emitted: phases, blocks, margins.

A step runs in phases. Inside one, a thread takes a block of samples through all
operations; a phase ends where something is summed over all samples. Everything decided
here is plain data that can be printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from wubu.core.graph import Graph, Node, Value
from wubu.executors.native.code.elementwise import RULES
from wubu.executors.native.planning.combs import axes_of, margins_of
from wubu.executors.native.planning.copies import with_copies
from wubu.executors.native.planning.divided import find_divided
from wubu.executors.native.planning.mixing import all_nodes, is_spread
from wubu.executors.native.planning.orientation import chosen_axes
from wubu.executors.native.planning.wide import Wide, find_wide
from wubu.executors.native.planning.winograd import KINDS, Tiling, find_winograd

Margins = tuple[tuple[int, int], ...]  # zeros before and after, by axis


class Plan(NamedTuple):
    """The decisions for one graph.

    Attributes:
        batch: samples in the batch.
        lanes: samples in a vector.
        threads: how many work on it.
        partials: in how many parts sums over samples are added up. A part is that of a
            range of blocks; a thread takes one, or several.
        axes: the batch axis of each value that has one; empty if there are no samples.
        phases: the phase in which a value is known; shared values before the samples
            of that phase.
        ends: value of a sum of products -> the last elementwise value that is computed
            from it alone; computed in its registers.
        margins: zeros to keep around a value that a convolution reads.
        uses: how often a value is read.
        wide: products that all samples go through together (see `wide.py`).
        collective: values made before the blocks of their phase, by all threads: wide
            products and what is computed in their registers.
        crossing: batched values that a later phase reads.
        divided: shared values that threads make together (see `divided.py`).
        everywhere: batched values computed from shared ones alone, by movement and
            elementwise operations; any phase can compute them again.
        filters: convolutions computed with fewer products (see `winograd.py`).
        order: the place of each node, by id.
    """

    graph: Graph
    batch: int
    lanes: int
    threads: int
    partials: int
    axes: dict[Value, int]
    phases: dict[Value, int]
    ends: dict[Value, Value]
    margins: dict[Value, Margins]
    uses: dict[Value, int]
    wide: Wide
    collective: frozenset[Value]
    crossing: frozenset[Value]
    divided: frozenset[Value]
    everywhere: frozenset[Value]
    filters: dict[Value, Tiling]
    order: dict[int, int]

    @property
    def blocks(self) -> int:
        """Blocks of samples, the last one perhaps not full."""
        return -(-self.batch // self.lanes)

    @property
    def full(self) -> bool:
        """Whether every lane of every block holds a sample."""
        return self.batch % self.lanes == 0

    def shape(self, value: Value) -> tuple[int, ...]:
        """The shape for one sample."""
        axis = self.axes.get(value)
        return tuple(n for i, n in enumerate(value.shape) if i != axis)

    def is_batched(self, value: Value) -> bool:
        return value in self.axes

    def work_phase(self, node: Node) -> tuple[int, bool]:
        """The phase a node is computed in, and whether block by block."""
        return _work_phase(node, self.axes, self.phases, self.collective)


def make_plan(
    graph: Graph,
    lanes: int,
    threads: int,
    partials: int | None = None,
    winograd: bool = True,
) -> Plan:
    """The plan of a graph.

    Args:
        threads: how many may work on it.
        partials: the most parts in which sums over samples are added up, whatever the
            number of threads; None: one for each thread.
        winograd: whether convolutions may be computed with fewer products.
    """
    graph = with_copies(graph)
    axes = chosen_axes(graph, lanes)
    batch = next((value.shape[axis] for value, axis in axes.items()), 1)
    blocks = -(-batch // lanes)
    partials = max(1, min(partials or threads, blocks))
    if axes:
        threads = max(1, min(threads, partials))
    divided = find_divided(graph, axes, threads)
    if not axes:  # nothing is summed over samples; private memory is for threads alone
        threads = partials = threads if divided else 1
    wide = find_wide(graph, axes, blocks)
    phases = _phases(graph, axes, wide)
    nodes = list(all_nodes(graph))
    uses = Counter(v for node in nodes for v in node.inputs)
    uses.update(results(graph))
    chains = _chains(graph, axes, phases, uses, wide)
    ends = {first: chain[-1] for first, chain in chains.items()}
    chained = [v for first in wide.products for v in chains.get(first, ())]
    collective = wide.products.union(chained)
    everywhere = _everywhere(graph, axes)
    filters = find_winograd(graph, axes, blocks, lanes) if winograd else {}
    return Plan(
        graph=graph,
        batch=batch,
        lanes=lanes,
        threads=threads,
        partials=partials,
        axes=axes,
        phases=phases,
        ends=ends,
        margins=_margins(graph, filters),
        uses=dict(uses),
        wide=wide,
        collective=collective,
        crossing=_crossing(graph, axes, phases, wide, collective, ends) - everywhere,
        divided=divided,
        everywhere=everywhere,
        filters=filters,
        order={id(node): i for i, node in enumerate(nodes)},
    )


def _phases(graph: Graph, axes: dict[Value, int], wide: Wide) -> dict[Value, int]:
    phases: dict[Value, int] = {}
    for node in graph.nodes:
        phase = max((phases.get(v, 0) for v in node.inputs), default=0)
        summed = any(v in axes for v in node.inputs)
        for v in node.outputs:
            after = (summed and v not in axes) or v in wide.products
            phases[v] = phase + 1 if after else phase
        if node.primitive.name == "scan":  # all in one
            for inner in all_nodes(node.params["body"]):
                phases.update((v, phase) for v in inner.outputs)
    return phases


def results(graph: Graph) -> list[Value]:
    """What a graph and the bodies of its loops give."""
    found = list(graph.results())
    for node in graph.nodes:
        if node.primitive.name == "scan":
            found += results(node.params["body"])
    return found


def _work_phase(
    node: Node,
    axes: dict[Value, int],
    phases: dict[Value, int],
    collective: frozenset[Value],
) -> tuple[int, bool]:
    phase = phases[node.outputs[0]]
    if node.outputs[0] in collective:
        return phase, False
    if node.outputs[0] in axes:
        return phase, not is_spread(node, axes)
    summed = any(v in axes for v in node.inputs)
    return (phase - 1, True) if summed else (phase, False)


def _crossing(
    graph: Graph,
    axes: dict[Value, int],
    phases: dict[Value, int],
    wide: Wide,
    collective: frozenset[Value],
    ends: dict[Value, Value],
) -> frozenset[Value]:
    """What is kept for all blocks: read in a later phase, or with a wide product."""
    made = {v for node in graph.nodes for v in node.outputs}
    found = {ends.get(v, v) for v in wide.products}
    for node in graph.nodes:
        phase, _ = _work_phase(node, axes, phases, collective)
        y = node.outputs[0]
        all_blocks = y in wide.products or y in wide.gradients
        for v in node.inputs:
            later = v in made and phase > phases[v]
            if v in axes and (later or all_blocks):
                found.add(v)
    return frozenset(found)


_SUMS = frozenset(("dot_general", "conv", "conv_input", "max_unpool"))


def _everywhere(graph: Graph, axes: dict[Value, int]) -> frozenset[Value]:
    found: set[Value] = set()
    for node in graph.nodes:
        name, y = node.primitive.name, node.outputs[0]
        shared = all(v in found or v not in axes for v in node.inputs)
        plain = name in RULES or name == "broadcast_to"
        if y in axes and plain and shared and not is_spread(node, axes):
            found.add(y)
    return frozenset(found)


def _chains(
    graph: Graph,
    axes: dict[Value, int],
    phases: dict[Value, int],
    uses: Counter[Value],
    wide: Wide,
) -> dict[Value, list[Value]]:
    """For sums of products the elementwise values computed in their registers."""
    readers: dict[Value, list[Node]] = {}
    for node in all_nodes(graph):
        for v in set(node.inputs):
            readers.setdefault(v, []).append(node)
    kept = set(results(graph))
    chains: dict[Value, list[Value]] = {}
    taken: set[Value] = set()  # computed in the registers of one sum already
    for node in all_nodes(graph):
        first = node.outputs[0]
        if node.primitive.name not in _SUMS or first not in axes:
            continue
        end, chain = first, []
        while uses[end] == 1 and end not in kept:
            (reader,) = readers[end]
            following = reader.outputs[0]
            plain = reader.primitive.name in RULES and following in axes
            if not plain or phases[following] != phases[end]:
                break
            if following.shape != end.shape or following in taken:
                break
            others = [v for v in reader.inputs if v is not end and v in axes]
            if first in wide.products and any(
                phases.get(v, 0) == phases[end] for v in others
            ):
                break  # is known later, block by block
            end = following
            chain.append(end)
        if chain:
            chains[first] = chain
            taken.update(chain)
    return chains


def _margins(graph: Graph, filters: dict[Value, Tiling]) -> dict[Value, Margins]:
    """Zeros around what convolutions read, so that windows never ask for bounds."""
    found: dict[Value, Margins] = {}
    for node in all_nodes(graph):
        for value, wanted in _wanted_margins(node, filters):
            if any(map(any, wanted)):
                pairs = zip(wanted, found.get(value, wanted), strict=True)
                found[value] = tuple((max(a, c), max(b, d)) for (a, b), (c, d) in pairs)
    return found


def _wanted_margins(
    node: Node, filters: dict[Value, Tiling]
) -> Iterator[tuple[Value, Margins]]:
    """Around which of its inputs a convolution reads zeros, and how far."""
    name = node.primitive.name
    if name not in KINDS:
        return
    first, second = node.inputs
    lengths, tiling = first.shape[1:-1], filters.get(node.outputs[0])
    if tiling is not None:
        yield first, tiling.margins(lengths)
        if name == "conv_kernel":
            pairs = zip(tiling.covered, tiling.sizes, strict=True)
            yield second, tuple((0, n - size) for n, size in pairs)
    elif name == "conv_input":
        yield first, tuple(map(margins_of, axes_of(node), lengths))
    else:
        yield first, node.params["padding"]
