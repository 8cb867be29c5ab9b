"""Pooling: the largest, or the sum, of every window, and the gradients of that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from wubu.core.graph import Node
from wubu.executors.native.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.emitter import Register
from wubu.executors.native.kernels.making import Store, make, refuse
from wubu.executors.native.lazy import Lazy, Place

if TYPE_CHECKING:
    from wubu.executors.native.generate import Generator

_INT32 = np.dtype("int32")


def _window(
    g: Generator, x: Lazy, p: dict, place: Place
) -> list[tuple[Place, tuple[int, ...]]]:
    """The elements of one window that are no padding, each with its place."""
    e = g.e
    found = []
    for offset in np.ndindex(*p["size"]):
        at = [
            e.plus(e.times(i, stride), o - before)
            for i, stride, o, (before, _) in zip(
                place, p["strides"], offset, p["padding"], strict=False
            )
        ]
        found.append(((*at, place[-1]), offset))
    return found


def _unpadded(node: Node) -> None:
    if any(part != (0, 0) for part in node.params["padding"]):
        raise refuse(node, "pooling with padding is not covered yet")


def max_pool(g: Generator, node: Node) -> None:
    (x,), (y,) = node.inputs, node.outputs
    _unpadded(node)
    e, source = g.e, g.values[x]
    rule = ELEMENTWISE["maximum"][0]

    def element(place: Place) -> Register:
        best: Register | None = None
        with g.memo:
            for at, _ in _window(g, source, node.params, place):
                found = source.at(e, at)
                best = found if best is None else rule(e, best, found)
        assert best is not None
        return best

    make(g, y, element)


def sum_pool(g: Generator, node: Node) -> None:
    (x,), (y,) = node.inputs, node.outputs
    _unpadded(node)
    e, source = g.e, g.values[x]
    add = ELEMENTWISE["add"][0]

    def element(place: Place) -> Register:
        total: Register | None = None
        with g.memo:
            for at, _ in _window(g, source, node.params, place):
                found = source.at(e, at)
                total = found if total is None else add(e, total, found)
        assert total is not None
        return total

    make(g, y, element)


def max_unpool(g: Generator, node: Node) -> None:
    (gradient, x), (y,) = node.inputs, node.outputs
    _unpadded(node)
    e, p = g.e, node.params
    shape, windows = g.plan.shape(y), g.plan.shape(gradient)
    if p["size"] != p["strides"]:
        raise refuse(node, "windows that overlap or leave gaps are not covered yet")
    source, flow = g.values[x], g.values[gradient]
    less, where = ELEMENTWISE["less"][0], ELEMENTWISE["where"][0]
    zero = e.number(0, y.dtype, lanes=True)

    def kernel(store: Store) -> None:
        with e.nest(windows, "window") as place:
            with g.memo:
                spots = [at for at, _ in _window(g, source, p, place)]
                elements = [source.at(e, at) for at in spots]
                value = flow.at(e, place)
            best, chosen = elements[0], e.number(0, _INT32, lanes=True)
            for i, found in enumerate(elements[1:], start=1):
                better = less(e, best, found)
                best = where(e, better, found, best)
                chosen = where(e, better, e.number(i, _INT32, lanes=True), chosen)
            for i, at in enumerate(spots):
                here = ELEMENTWISE["equal"][0](
                    e, chosen, e.number(i, _INT32, lanes=True)
                )
                store(at, where(e, here, value, zero))
        _fill_rest(g, shape, windows, p["size"], lambda at: store(at, zero))

    g.produce(y, kernel)


def _fill_rest(
    g: Generator,
    shape: Sequence[int],
    windows: Sequence[int],
    size: Sequence[int],
    put: Callable[[Place], None],
) -> None:
    """What lies behind the last window along each axis."""
    for axis, step in enumerate(size):
        covered = windows[axis] * step
        if covered == shape[axis]:
            continue
        counts = [
            (0, windows[i] * size[i]) if i < axis else (0, shape[i])
            for i in range(len(shape))
        ]
        counts[axis] = (covered, shape[axis])
        _nest_between(g, counts, put)


def _nest_between(
    g: Generator,
    counts: Sequence[tuple[int, int]],
    put: Callable[[Place], None],
    place: Place = (),
) -> None:
    if not counts:
        put(place)
        return
    (start, stop), *rest = counts
    with g.e.loop(stop, "rest", start=start) as i:
        _nest_between(g, rest, put, (*place, i))
