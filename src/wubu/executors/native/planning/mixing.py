"""Operations that mix samples, and those that add them up.

A value is shared by all samples, or has one axis that runs over them. From values of
samples an operation makes values of the same samples; or it joins all samples to one
shared value, which every kernel in `JOINS` knows how to do. All else mixes samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from wubu.core.graph import Graph, Node, Value

Axis = tuple[Value, int]
Link = tuple[Axis, Axis]
Links = Callable[[Node], Iterable[Link]]

_ELEMENTS = frozenset(("broadcast_to", "random_bits"))


def mixes(node: Node, axes: Mapping[Value, int], links: Links) -> bool:
    """Whether a node makes a value of one sample from other samples."""
    if node.primitive.name == "scan":
        return _loop_mixes(node, axes, links)
    y = node.outputs[0]
    batched = [(i, v) for i, v in enumerate(node.inputs) if v in axes]
    if y in axes:
        together = _connected((y, axes[y]), list(links(node)))
        return any((v, axes[v]) not in together for _, v in batched)
    return any(not _joined(node, i, axes[v]) for i, v in batched)


def how_it_mixes(node: Node) -> str:
    """What a node that mixes samples does to them, in words."""
    return _MIXING.get(node.primitive.name, "computes one sample from others")


_MIXING = {
    "argmax": "looks for the largest of all samples",
    "concatenate": "puts samples behind other samples",
    "cumsum": "adds up sample by sample",
    "dot_general": "multiplies samples by other samples",
    "flip": "turns the order of samples around",
    "gather": "picks samples by number",
    "max": "compares samples with each other",
    "pad": "adds samples",
    "reshape": "joins or splits the axis of samples",
    "scan": "goes from sample to sample, or joins samples inside",
    "scatter_add": "adds samples up by number",
    "slice": "takes out some of the samples",
}


def _loop_mixes(node: Node, axes: Mapping[Value, int], links: Links) -> bool:
    """A loop is run for each block of samples apart: inside, nothing is joined, and
    all that comes out belongs to samples."""
    p = node.params
    if not any(v in axes for v in (*node.inputs, *node.outputs)):
        return False
    if any(v not in axes for v in node.outputs):
        return True
    rows = node.inputs[p["num_consts"] + p["num_carry"] :]
    if any(axes.get(v) == 0 for v in (*rows, *node.outputs[p["num_carry"] :])):
        return True
    return any(
        mixes(inner, axes, links)
        or is_spread(inner, axes)
        or (inner.outputs[0] not in axes and any(v in axes for v in inner.inputs))
        for inner in p["body"].nodes
    )


def _connected(axis: Axis, links: Sequence[Link]) -> set[Axis]:
    """The axes that are walked together with one."""
    found = {axis}
    both = [*links, *[(b, a) for a, b in links]]
    while more := {b for a, b in both if a in found} - found:
        found |= more
    return found


def _joined(node: Node, place: int, axis: int) -> bool:
    """Whether a kernel adds up (or takes the largest) along this axis of an input."""
    name, p = node.primitive.name, node.params
    if name in ("sum", "max"):
        return axis in p["axis"]
    if name == "dot_general":
        return axis in p["contract"][place]
    if name == "scatter_add":
        picked = len(node.inputs[0].shape) - p["batch_dims"]
        first = p["batch_dims"] if place == 0 else p["axis"]
        return first <= axis < first + picked
    return name == "conv_kernel" and axis == 0


def is_spread(node: Node, axes: Mapping[Value, int]) -> bool:
    """Whether values of samples are made from shared ones, each sample's part of a
    whole: a table in another shape, cut or joined along what becomes the samples."""
    if node.outputs[0] not in axes or any(v in axes for v in node.inputs):
        return False
    return node.primitive.name not in _ELEMENTS


def all_nodes(graph: Graph) -> Iterator[Node]:
    """Every node, those of a loop's body before the loop."""
    for node in graph.nodes:
        if node.primitive.name == "scan":
            yield from all_nodes(node.params["body"])
        yield node
