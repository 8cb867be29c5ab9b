"""Movement: primitives that only change where an element is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wubu.core.graph import Node, Value
from wubu.executors.native.kernels.checks import check_finite
from wubu.executors.native.kernels.picking import gather
from wubu.executors.native.planning import reindex
from wubu.executors.native.planning.lazy import Lazy

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator


def _local(g: Generator, value: Value, axis: int) -> int:
    """An axis of a value as an axis of one sample of it."""
    batch = g.plan.axes.get(value)
    return axis - (batch is not None and axis > batch)


def _broadcast(g: Generator, node: Node) -> Lazy:
    (x,), (y,) = node.inputs, node.outputs
    source = g.values[x]
    new = len(y.shape) - len(x.shape)
    batch = g.plan.axes.get(y)
    if batch is not None and x not in g.plan.axes and batch >= new:
        # Samples are alike: the axis of length 1 that becomes the batch is left out.
        shape = tuple(n for i, n in enumerate(x.shape) if i != batch - new)
        source = reindex.reshape(source, shape) or _stored(g, x, shape)
        places = [
            _local(g, y, i + new) for i in range(len(x.shape)) if i != batch - new
        ]
    else:
        kept = [i for i in range(len(x.shape)) if i != g.plan.axes.get(x)]
        places = [_local(g, y, i + new) for i in kept]
    return reindex.broadcast(source, g.plan.shape(y), places)


def _reshape(g: Generator, node: Node) -> Lazy:
    (x,), (y,) = node.inputs, node.outputs
    shape = g.plan.shape(y)
    return reindex.reshape(g.values[x], shape) or _stored(g, x, shape)


def _stored(g: Generator, x: Value, shape: tuple[int, ...]) -> Lazy:
    """x in memory without gaps, seen in another shape."""
    view = g.view_of(x)
    found = reindex.reshape(view, shape)
    if found is None:  # stored with margins
        view = g.store_plain(x, view)
        found = reindex.reshape(view, shape)
    assert found is not None
    return found


def _transpose(g: Generator, node: Node) -> Lazy:
    (x,), (y,) = node.inputs, node.outputs
    batch = g.plan.axes.get(y)
    axes = [_local(g, x, a) for i, a in enumerate(node.params["axes"]) if i != batch]
    return reindex.transpose(g.values[x], axes)


def _slice(g: Generator, node: Node) -> Lazy:
    (x,) = node.inputs
    batch = g.plan.axes.get(x)
    bounds = [b for i, b in enumerate(node.params["bounds"]) if i != batch]
    return reindex.strided_slice(g.values[x], bounds)


def _flip(g: Generator, node: Node) -> Lazy:
    (x,) = node.inputs
    return reindex.flip(g.values[x], [_local(g, x, a) for a in node.params["axis"]])


RULES: dict[str, Callable[[Any, Node], Lazy]] = {
    "broadcast_to": _broadcast,
    "reshape": _reshape,
    "transpose": _transpose,
    "slice": _slice,
    "flip": _flip,
    "gather": gather,
    "check_finite": check_finite,
}
