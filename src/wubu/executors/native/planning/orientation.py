"""Which way vectors run: over the samples of a batch, or along the elements of values.

Over samples every vector is full, whatever the shapes, if there are enough samples; but
numbers must be brought into lanes and out again, which only pays if much is computed in
between. Along elements nothing has to be moved; how full vectors are is a matter of how
many units or channels there are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from wubu.core.graph import Graph, Node, Value
from wubu.executors.native.code.elementwise import RULES
from wubu.executors.native.planning.axes import batch_axes
from wubu.executors.native.planning.work import operations_of

_MOVE = 2.0  # operations to bring one number into its lane, or out of it
_FOLD = 8.0  # to add up the lanes of a vector
_FREE = frozenset(("reshape", "transpose", "broadcast_to", "slice", "flip"))
# With samples there are phases, and threads to divide them: in doubt they stay.
_CLEARLY = 2.0
_NEARLY = 0.9  # of all work
_CACHED = 2 << 20  # bytes; larger weights are fetched ahead in wide layers only


def chosen_axes(graph: Graph, lanes: int) -> dict[Value, int]:
    """The batch axis of each value that has one; none if vectors run along elements.

    Args:
        lanes: numbers in a vector.
    """
    axes = batch_axes(graph)
    if not axes:
        return axes
    value, axis = next(iter(axes.items()))
    batch = value.shape[axis]
    samples = cost_over_samples(graph, axes, lanes)
    elements = sum(_along_elements(node, lanes) for node in graph.nodes)
    even = batch < lanes or _is_dense(graph, axes, -(-batch // lanes))
    bar = samples if even else samples / _CLEARLY
    return {} if elements < bar else axes


def _is_dense(graph: Graph, axes: Mapping[Value, int], blocks: int) -> bool:
    """Whether there is hardly anything but products of samples with weights, which
    threads can divide whichever way vectors run."""
    work = dense = 0
    for node in graph.nodes:
        (y, *_), operands = node.outputs, node.inputs
        if y not in axes and any(v in axes for v in operands):
            return False  # summed over samples
        work += operations_of(node)
        weights = [v for v in operands if v not in axes]
        flat = all(len(v.shape) == 2 for v in operands)
        if node.primitive.name == "dot_general" and flat and len(weights) == 1:
            (weight,) = weights
            near = _size(weight) * weight.dtype.itemsize <= _CACHED
            dense += operations_of(node) if near or blocks == 1 else 0
    return dense >= _NEARLY * work


def cost_over_samples(graph: Graph, axes: Mapping[Value, int], lanes: int) -> float:
    """About how many vector operations a run takes with samples in lanes."""
    value, axis = next(iter(axes.items()))
    batch = value.shape[axis]
    filled = batch / -(-batch // lanes)
    moved = [v for v in (*graph.inputs, *graph.outputs) if v in axes]
    total = sum(_MOVE * _size(v) for v in moved if axes[v] < len(v.shape) - 1)
    for node in graph.nodes:
        y = node.outputs[0]
        if not any(v in axes for v in (*node.inputs, *node.outputs)):
            total += _along_elements(node, lanes)
        elif node.primitive.name == "gather":
            total += _MOVE * _size(y)
        elif node.primitive.name not in _FREE:
            total += _operations(node) / filled
    return total


def _along_elements(node: Node, lanes: int) -> float:
    """About how many vector operations a node takes with vectors along elements."""
    name, y = node.primitive.name, node.outputs[0]
    count = _operations(node)
    body = node.params.get("body")
    if body is not None:
        rounds = node.params["length"]
        return rounds * sum(_along_elements(inner, lanes) for inner in body.nodes)
    if name in _FREE:
        return 0.0
    if name in RULES:
        return count / _filled(_size(y), lanes)
    if name == "random_bits":
        return count
    rows = [count / _filled(_last(v), lanes) for v in (y, *node.inputs[:1])]
    if name == "dot_general":
        summed = math.prod(node.inputs[0].shape[a] for a in node.params["contract"][0])
        return min(rows[0], count / _filled(summed, lanes) + _FOLD * _size(y))
    if name in ("sum", "max", "conv_input"):
        return min(rows[0], rows[1] + _FOLD * _size(y))
    return rows[0]


def _operations(node: Node) -> float:
    """A product and the addition of it are one instruction."""
    if node.primitive.name == "scan":
        body, rounds = node.params["body"], node.params["length"]
        return rounds * sum(_operations(inner) for inner in body.nodes)
    count = operations_of(node)
    products = ("dot_general", "conv", "conv_input", "conv_kernel")
    return count / 2 if node.primitive.name in products else count


def _size(value: Value) -> int:
    return math.prod(value.shape)


def _last(value: Value) -> int:
    return value.shape[-1] if value.shape else 1


def _filled(count: int, lanes: int) -> float:
    """Elements in a vector, on average."""
    return count / -(-count // lanes) if count else 1.0
