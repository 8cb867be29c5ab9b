"""Pooling: the largest, or the sum, of every window, and the gradients of that.

Windows lie over `(samples, *spatial, channels)`; the first axis is there only if
nothing runs over samples.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from wubu.core.graph import Node, Value
from wubu.executors.native.code import ir
from wubu.executors.native.code.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.code.emitter import Emitter, Index, Register
from wubu.executors.native.kernels.making import Store, accumulate, lowest, make
from wubu.executors.native.kernels.reductions import is_better
from wubu.executors.native.planning.lazy import Lazy, Place
from wubu.executors.native.planning.strided import walk

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator

_INT32 = np.dtype("int32")


class _Spot(NamedTuple):
    """One place of a window: where it lies in the input, kept inside; and whether it
    really does, None if that is sure."""

    place: Place
    inside: ir.Value | None

    def read(self, e: Emitter, source: Lazy, outside: Any) -> Register:
        """The element there, or what stands for padding."""
        found = source.at(e, self.place)
        if self.inside is None:
            return found
        rest = e.number(outside, source.dtype, found.lanes)
        chosen = e.builder.select(self.inside, found.value, rest.value)
        return Register(chosen, found.dtype, found.lanes)


class _Windows:
    """How the windows of a node slide over a value."""

    def __init__(self, g: Generator, node: Node, over: Value) -> None:
        self._e = g.e
        self._p = node.params
        self._first = 0 if g.plan.is_batched(over) else 1
        self._shape = g.plan.shape(over)

    def spots(self, place: Place) -> list[_Spot]:
        """The places of one window, in order."""
        return [self._spot(place, offset) for offset in np.ndindex(*self._p["size"])]

    def _spot(self, place: Place, offset: Sequence[int]) -> _Spot:
        e, p = self._e, self._p
        found: list[Index] = list(place)
        sure: list[ir.Value] = []
        for axis, (step, o, (before, after)) in enumerate(
            zip(p["strides"], offset, p["padding"], strict=True), start=self._first
        ):
            at = e.plus(e.times(place[axis], step), o - before)
            if before or after:
                at, inside = self._kept_inside(at, self._shape[axis])
                sure.append(inside)
            found[axis] = at
        all_sure = functools.reduce(e.builder.and_, sure) if sure else None
        return _Spot(tuple(found), all_sure)

    def _kept_inside(self, i: Index, size: int) -> tuple[Index, ir.Value]:
        b, zero, last = self._e.builder, self._e.index(0), self._e.index(size - 1)
        at = self._e.index(i)
        inside = b.icmp_unsigned("<=", at, last)
        negative = b.icmp_signed("<", at, zero)
        edge = b.select(negative, zero, last)
        return b.select(inside, at, edge), inside

    @property
    def are_apart(self) -> bool:
        """Whether they neither overlap nor leave gaps nor reach outside."""
        p = self._p
        return p["size"] == p["strides"] and not any(map(any, p["padding"]))

    def rest(self, windows: Sequence[int]) -> list[list[tuple[int, int]]]:
        """Boxes that hold what lies behind the last window along each axis."""
        found = []
        covered = list(self._shape)
        for axis, step in enumerate(self._p["size"], start=self._first):
            covered[axis] = windows[axis] * step
        for axis, n in enumerate(self._shape):
            if covered[axis] < n:
                box = [(0, c) for c in covered[:axis]]
                box += [(covered[axis], n), *((0, m) for m in self._shape[axis + 1 :])]
                found.append(box)
        return found


def _fold(g: Generator, node: Node, name: str, outside: Any) -> None:
    (x,), (y,) = node.inputs, node.outputs
    source, windows = g.values[x], _Windows(g, node, x)
    rule = ELEMENTWISE[name][0]

    def element(place: Place) -> Register:
        with g.memo:
            first, *others = windows.spots(place)
            best = first.read(g.e, source, outside)
            for spot in others:
                best = rule(g.e, best, spot.read(g.e, source, outside))
        return best

    make(g, y, element)


def max_pool(g: Generator, node: Node) -> None:
    _fold(g, node, "maximum", lowest(node.inputs[0].dtype))


def sum_pool(g: Generator, node: Node) -> None:
    _fold(g, node, "add", 0)


def _chosen(g: Generator, source: Lazy, spots: Sequence[_Spot]) -> Register:
    """The number of the first place of a window that holds its maximum."""
    e, where = g.e, ELEMENTWISE["where"][0]
    edge = lowest(source.dtype)
    best = spots[0].read(e, source, edge)
    chosen = e.number(0, _INT32, best.lanes)
    for i, spot in enumerate(spots[1:], start=1):
        found = spot.read(e, source, edge)
        better = is_better(e, found, best)
        best = where(e, better, found, best)
        chosen = where(e, better, e.number(i, _INT32, best.lanes), chosen)
    return chosen


def _if_chosen(e: Emitter, chosen: Register, i: int, value: Register) -> Register:
    number = e.number(i, _INT32, chosen.lanes)
    here = ELEMENTWISE["equal"][0](e, chosen, number)
    zero = e.number(0, value.dtype, value.lanes)
    return ELEMENTWISE["where"][0](e, here, value, zero)


def max_unpool(g: Generator, node: Node) -> None:
    gradient, x = node.inputs
    source, flow = g.values[x], g.values[gradient]

    def shares(place: Place, spots: Sequence[_Spot]) -> list[Register]:
        chosen = _chosen(g, source, spots)
        value = flow.at(g.e, place)
        return [_if_chosen(g.e, chosen, i, value) for i in range(len(spots))]

    _give_back(g, node, gradient, shares)


def sum_unpool(g: Generator, node: Node) -> None:
    (gradient,) = node.inputs
    flow = g.values[gradient]

    def shares(place: Place, spots: Sequence[_Spot]) -> list[Register]:
        return [flow.at(g.e, place)] * len(spots)

    _give_back(g, node, gradient, shares)


def _give_back(
    g: Generator,
    node: Node,
    gradient: Value,
    shares: Callable[[Place, Sequence[_Spot]], list[Register]],
) -> None:
    """Every place of every window gets its share of the window's gradient."""
    (y,) = node.outputs
    e, windows = g.e, _Windows(g, node, y)
    count = g.plan.shape(gradient)

    def each(put: Store) -> None:
        def give(place: Place) -> None:
            with g.memo:
                spots = windows.spots(place)
                for spot, share in zip(spots, shares(place, spots), strict=True):
                    if spot.inside is None:
                        put(spot.place, share)
                    else:
                        with e.when(spot.inside):
                            put(spot.place, share)

        walk(e, count, "window", give, not g.plan.is_batched(y))

    if not windows.are_apart:
        accumulate(g, y, each)
        return

    def kernel(store: Store) -> None:
        each(store)
        zero = e.number(0, y.dtype)
        for box in windows.rest(count):
            _fill_box(e, box, lambda at: store(at, zero), not g.plan.is_batched(y))

    g.produce(y, kernel)


def max_pick(g: Generator, node: Node) -> None:
    (v, x), (y,) = node.inputs, node.outputs
    e, picked, source = g.e, g.values[v], g.values[x]
    windows, add = _Windows(g, node, x), ELEMENTWISE["add"][0]

    def element(place: Place) -> Register:
        total = e.number(0, y.dtype)
        with g.memo:
            spots = windows.spots(place)
            chosen = _chosen(g, source, spots)
            for i, spot in enumerate(spots):
                found = e.match([chosen, spot.read(e, picked, 0)])[1]
                total = add(e, total, _if_chosen(e, chosen, i, found))
        return total

    make(g, y, element)


def _fill_box(
    e: Emitter,
    bounds: Sequence[tuple[int, int]],
    put: Callable[[Place], None],
    vectors: bool,
) -> None:

    def moved(place: Place) -> None:
        put(
            tuple(e.plus(i, start) for i, (start, _) in zip(place, bounds, strict=True))
        )

    walk(e, [stop - start for start, stop in bounds], "rest", moved, vectors)
