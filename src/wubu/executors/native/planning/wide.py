"""Which dense layers are wide: all samples go through them together.

Most layers have weights that stay in the cache while one block of samples after the
other passes. The weights of a wide one do not. It is cut out of the walk block by
block: threads divide its units, each takes all samples through its own, so that a
weight is read from memory once; and the gradient of the weights is not stored at all
where it is only needed to update them, but summed in registers where that happens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from wubu.core.graph import Graph, Node, Value
from wubu.executors.native.code.elementwise import RULES

LEAST_BYTES = 512 * 1024
LEAST_UNITS = 64  # as many rows and columns at least


class Wide(NamedTuple):
    """The wide products of a graph, by the value they make.

    Attributes:
        products: for each sample, units from inputs; also inputs' gradients from those
            of units.
        gradients: sums over samples, as large as the weights.
        stored: those gradients that something else than an update reads.
    """

    products: frozenset[Value]
    gradients: frozenset[Value]
    stored: frozenset[Value]


def find_wide(graph: Graph, axes: Mapping[Value, int], blocks: int) -> Wide:
    """The wide products of a graph whose samples come in so many blocks."""
    if blocks < 2:
        return Wide(frozenset(), frozenset(), frozenset())
    readable = {value for _, value in graph.reads} | set(graph.constants)
    dense = [node for node in graph.nodes if node.primitive.name == "dot_general"]
    products, gradients = set(), set()
    for node in dense:
        (y,) = node.outputs
        if not _is_matrix_product(node):
            continue
        batched = [v in axes for v in node.inputs]
        if all(batched) and y not in axes and _is_large(y):
            gradients.add(y)
        elif sum(batched) == 1 and y in axes:
            weights = node.inputs[batched.index(False)]
            if weights in readable and _is_large(weights):
                products.add(y)
    found = frozenset(gradients)
    return Wide(frozenset(products), found, _stored(graph, axes, found))


def _is_matrix_product(node: Node) -> bool:
    """Two matrices, one axis of each summed over."""
    flat = all(len(v.shape) == 2 for v in node.inputs)
    sums, batch = node.params["contract"], node.params["batch"]
    return flat and len(sums[0]) == 1 and not batch[0]


def _is_large(value: Value) -> bool:
    size = math.prod(value.shape) * value.dtype.itemsize
    return (
        value.dtype.kind == "f"
        and min(value.shape) >= LEAST_UNITS
        and size >= LEAST_BYTES
    )


def _stored(
    graph: Graph, axes: Mapping[Value, int], gradients: frozenset[Value]
) -> frozenset[Value]:
    """Gradients that something reads elsewhere than at the same place."""
    needed: set[Value] = set()  # values that must be in memory, or lead to some
    for node in reversed(graph.nodes):
        shape = node.outputs[0].shape
        plain = node.primitive.name in RULES and node.outputs[0] not in axes
        for value in node.inputs:
            same = plain and value.shape == shape and not needed & set(node.outputs)
            if not same:
                needed.add(value)
    return frozenset(gradients & needed)
