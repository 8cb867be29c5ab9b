"""How much there is to do in one run, to know whether threads are worth waking."""

from __future__ import annotations

import math

from wubu.core.graph import Graph, Node
from wubu.executors.native.code.elementwise import RULES

# Waking a thread and meeting it at a few barriers takes about as long as a million
# operations. Below a few millions two threads are hardly faster than one, and slower
# on a busy machine.
ENOUGH = 4_000_000
# Those that are awake can divide less, where they add nothing up: so much for each.
EACH = 400_000
# So much is worth to wake them at any time.
WAKING = 16_000_000

_REDUCING = ("sum", "max", "argmax", "max_pool", "sum_pool", "scatter_add")


def operations(graph: Graph) -> int:
    """About how many multiplications, additions and the like one run takes."""
    return sum(operations_of(node) for node in graph.nodes)


def operations_of(node: Node) -> int:
    """A product with the addition of it counts as two; moving an element as one."""
    name = node.primitive.name
    if name == "scan":
        return node.params["length"] * operations(node.params["body"])
    size = sum(math.prod(v.shape) for v in node.outputs)
    if name == "dot_general":
        (axes, _), first = node.params["contract"], node.inputs[0]
        return 2 * size * math.prod(first.shape[axis] for axis in axes)
    if name == "conv":  # kernels are (*window, channels, filters)
        return 2 * size * math.prod(node.inputs[1].shape[:-1])
    if name in ("conv_input", "conv_kernel"):
        kernel = node.inputs[1] if name == "conv_input" else node.outputs[0]
        gradient = node.inputs[0 if name == "conv_input" else 1]
        return 2 * math.prod(gradient.shape) * math.prod(kernel.shape[:-1])
    if name in _REDUCING:
        size = math.prod(node.inputs[0].shape)
    return size * (RULES[name][1] if name in RULES else 1)
