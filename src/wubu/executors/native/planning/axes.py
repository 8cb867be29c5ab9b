"""Which axis of which value runs over the samples.

Axes that must have the same length, because an operation walks them together, belong to
one class. The class that holds the first axis of the samples is the batch; every value
then either has one batch axis, or is shared by all samples.

Where operations mix samples in another way than by adding them up (`mixing.py`),
another axis is tried; a graph that has none is computed without samples, all in one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from wubu.core.graph import Graph, Node, Value
from wubu.executors.native.planning.mixing import Axis, Link, all_nodes, mixes


def batch_axes(graph: Graph) -> dict[Value, int]:
    """The batch axis of every value that has one; nothing if no axis runs over samples
    that are computed apart from each other."""
    for found in candidates(graph):
        axes = one_axis_each(found)
        mixed = (mixes(node, axes, links) for node in graph.nodes)
        if axes and not any(mixed):
            return axes
    return {}


def candidates(graph: Graph) -> Iterator[list[Axis]]:
    """Axes that may run over the samples, class by class, the most promising first."""
    classes = _Classes()
    for node in all_nodes(graph):
        for a, b in links(node):
            classes.join(a, b)
    for root in _roots(graph, classes):
        yield classes.members(root)


def one_axis_each(found: list[Axis]) -> dict[Value, int]:
    """The axes by value; nothing if one value has two of them."""
    axes = dict(found)
    return axes if len(axes) == len(found) else {}


def _roots(graph: Graph, classes: _Classes) -> list[Axis]:
    """Axes that may run over samples: first ones of inputs, those that most of the
    computation has first; never one of a variable's."""
    variables = {
        classes.find((value, axis))
        for _, value in (*graph.reads, *graph.updates)
        for axis in range(len(value.shape))
    }
    weight: dict[Axis, int] = {}
    for node in graph.nodes:
        for value in node.outputs:
            for axis in range(len(value.shape)):
                root = classes.find((value, axis))
                weight[root] = weight.get(root, 0) + math.prod(value.shape)
    used = {v for node in graph.nodes for v in node.inputs}
    found: list[Axis] = []
    for value in graph.inputs:
        if not value.shape or value.shape[0] < 2 or value not in used:
            continue
        root = classes.find((value, 0))
        if root not in variables and root not in found:
            found.append(root)
    return sorted(found, key=lambda root: -weight.get(root, 0))


class _Classes:
    """Axes in classes: union and find."""

    def __init__(self) -> None:
        self._parent: dict[Axis, Axis] = {}

    def find(self, axis: Axis) -> Axis:
        root = axis
        while self._parent.get(root, root) != root:
            root = self._parent[root]
        while self._parent.get(axis, axis) != root:
            self._parent[axis], axis = root, self._parent[axis]
        return root

    def join(self, a: Axis, b: Axis) -> None:
        self._parent.setdefault(a, a)
        self._parent.setdefault(b, b)
        self._parent[self.find(a)] = self.find(b)

    def members(self, root: Axis) -> list[Axis]:
        found = [axis for axis in self._parent if self.find(axis) == root]
        return found or [root]


# -- which axes each primitive walks together ----------------------------------------

Linker = Callable[..., Iterator[Link]]


def links(node: Node) -> Iterator[Link]:
    """Pairs of axes that a node walks together."""
    linker = _LINKERS.get(node.primitive.name, _elementwise)
    return linker(node, *node.inputs, **node.params)


def _elementwise(node: Node, *inputs: Value, **params: Any) -> Iterator[Link]:
    (y,) = node.outputs
    for x in inputs:
        if x.shape == y.shape:
            for axis in range(len(y.shape)):
                yield (x, axis), (y, axis)


def _broadcast(node: Node, x: Value, shape: Any) -> Iterator[Link]:
    (y,) = node.outputs
    new = len(shape) - len(x.shape)
    for axis, n in enumerate(x.shape):
        if n == shape[axis + new]:
            yield (x, axis), (y, axis + new)


def _reshape(node: Node, x: Value, shape: Any) -> Iterator[Link]:
    (y,) = node.outputs
    for i, j in same_axes(x.shape, shape):
        yield (x, i), (y, j)


def same_axes(old: tuple[int, ...], new: tuple[int, ...]) -> list[tuple[int, int]]:
    """Axes that a reshape leaves whole: pairs of (old, new).

    Example:
        >>> same_axes((64, 4, 6), (64, 24)), same_axes((2, 3), (2, 1, 3))
        ([(0, 0)], [(0, 0), (1, 2)])
    """
    pairs = []
    i = j = 0
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
            continue
        if 1 in (old[i], new[j]):  # an axis of length 1 that comes or goes
            i, j = i + (old[i] == 1), j + (new[j] == 1)
            continue
        left, right = old[i], new[j]
        i, j = i + 1, j + 1
        while left != right:
            if left < right:
                left, i = left * old[i], i + 1
            else:
                right, j = right * new[j], j + 1
    return pairs


def _transpose(node: Node, x: Value, axes: Any) -> Iterator[Link]:
    for place, axis in enumerate(axes):
        yield (x, axis), (node.outputs[0], place)


def _reduce(node: Node, x: Value, axis: Any) -> Iterator[Link]:
    gone = axis if isinstance(axis, tuple) else (axis,)
    kept = [a for a in range(len(x.shape)) if a not in gone]
    for place, a in enumerate(kept):
        yield (x, a), (node.outputs[0], place)


def _except(*names: str) -> Linker:
    """Axes keep their place, but for those a parameter names."""

    def linker(node: Node, *inputs: Value, **params: Any) -> Iterator[Link]:
        touched: set[int] = set()
        for name in names:
            part = params[name]
            touched |= set(part) if isinstance(part, tuple) else {part}
        for x in inputs:
            for axis in range(len(x.shape)):
                if axis not in touched:
                    yield (x, axis), (node.outputs[0], axis)

    return linker


def _pad(node: Node, x: Value, value: Value, padding: Any) -> Iterator[Link]:
    for axis, part in enumerate(padding):
        if part[:2] == (0, 0) and (part[2] == 0 or x.shape[axis] == 1):
            yield (x, axis), (node.outputs[0], axis)


def _slice(node: Node, x: Value, bounds: Any) -> Iterator[Link]:
    for axis, bound in enumerate(bounds):
        if bound == (0, x.shape[axis], 1):
            yield (x, axis), (node.outputs[0], axis)


def _dot(node: Node, a: Value, b: Value, contract: Any, batch: Any) -> Iterator[Link]:
    (y,) = node.outputs
    for i, j in (*zip(*contract, strict=True), *zip(*batch, strict=True)):
        yield (a, i), (b, j)
    place = 0
    for i in batch[0]:
        yield (a, i), (y, place)
        place += 1
    for x, gone in ((a, contract[0] + batch[0]), (b, contract[1] + batch[1])):
        for axis in range(len(x.shape)):
            if axis not in gone:
                yield (x, axis), (y, place)
                place += 1


def _first(*places: int) -> Linker:
    """The first axis of these inputs and of the output."""

    def linker(node: Node, *inputs: Value, **params: Any) -> Iterator[Link]:
        for i in places:
            yield (inputs[i], 0), (node.outputs[0], 0)

    return linker


def _conv_kernel(node: Node, x: Value, g: Value, **params: Any) -> Iterator[Link]:
    yield (x, 0), (g, 0)


def _window(node: Node, *inputs: Value, **params: Any) -> Iterator[Link]:
    for x in inputs:
        yield (x, 0), (node.outputs[0], 0)


def _gather(
    node: Node, x: Value, indices: Value, axis: int, batch_dims: int
) -> Iterator[Link]:
    (y,) = node.outputs
    picked = len(indices.shape) - batch_dims
    for a in range(axis):
        yield (x, a), (y, a)
    for a in range(batch_dims):
        yield (indices, a), (y, a)
    for i in range(picked):
        yield (indices, batch_dims + i), (y, axis + i)
    for a in range(axis + 1, len(x.shape)):
        yield (x, a), (y, a - 1 + picked)


def _scatter(
    node: Node, indices: Value, g: Value, axis: int, batch_dims: int, size: int
) -> Iterator[Link]:
    (y,) = node.outputs
    picked = len(indices.shape) - batch_dims
    for a in range(axis):
        yield (g, a), (y, a)
    for a in range(batch_dims):
        yield (indices, a), (g, a)
    for i in range(picked):
        yield (indices, batch_dims + i), (g, axis + i)
    for a in range(axis + picked, len(g.shape)):
        yield (g, a), (y, a + 1 - picked)


def _scan(node: Node, *inputs: Value, **params: Any) -> Iterator[Link]:
    """The loop's values and its body's; rows and stacked results have the steps as
    first axis; a carry is what the step before made."""
    body, before, count = params["body"], params["num_consts"], params["num_carry"]
    rows = before + count
    for i, (x, inner) in enumerate(zip(inputs, body.inputs, strict=True)):
        for axis in range(len(inner.shape)):
            yield (x, axis + (i >= rows)), (inner, axis)
    for i, (y, inner) in enumerate(zip(node.outputs, body.outputs, strict=True)):
        for axis in range(len(inner.shape)):
            yield (y, axis + (i >= count)), (inner, axis)
            if i < count:
                yield (body.inputs[before + i], axis), (inner, axis)


def _none(node: Node, *inputs: Value, **params: Any) -> Iterator[Link]:
    return iter(())


_LINKERS: dict[str, Linker] = {
    "broadcast_to": _broadcast,
    "reshape": _reshape,
    "transpose": _transpose,
    "sum": _reduce,
    "max": _reduce,
    "argmax": _reduce,
    "cumsum": _except("axis"),
    "flip": _except("axis"),
    "concatenate": _except("axis"),
    "pad": _pad,
    "slice": _slice,
    "dot_general": _dot,
    "conv": _first(0),
    "conv_input": _first(0),
    "conv_kernel": _conv_kernel,
    "max_pool": _window,
    "max_unpool": _window,
    "max_pick": _window,
    "sum_pool": _window,
    "sum_unpool": _window,
    "gather": _gather,
    "scatter_add": _scatter,
    "random_bits": _none,
    "scan": _scan,
}
