"""Reductions: sum, maximum, the place of the maximum, sums so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wubu.core.graph import Node
from wubu.executors.native.code.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.code.emitter import Emitter, Register
from wubu.executors.native.kernels.making import (
    Store,
    add_to,
    fold,
    fold_lanes,
    join,
    local_axis,
    lowest,
    make,
    split_axes,
)
from wubu.executors.native.planning.lazy import Lazy, Place
from wubu.executors.native.planning.strided import differs, walk

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator

_INT64 = np.dtype("int64")


def reduce_sum(g: Generator, node: Node) -> None:
    _reduce(g, node, "add", 0)


def reduce_max(g: Generator, node: Node) -> None:
    _reduce(g, node, "maximum", lowest(node.inputs[0].dtype))


def _reduce(g: Generator, node: Node, name: str, start: Any) -> None:
    (x,), (y,) = node.inputs, node.outputs
    e, source = g.e, g.values[x]
    kept, gone = split_axes(g, x, node.params["axis"])

    def total(place: Place) -> Register:
        return fold(g, source, kept, gone, place, name, start)

    if g.plan.is_batched(y) or not g.plan.is_batched(x):
        make(g, y, total, vectors=last_stays(source, gone))
        return
    view = g.private_sum(y, name, start)
    with e.nest(y.shape, "reduce") as place:
        found = g.only_samples(e.spread(total(place)), start)
        add_to(g, view, place, fold_lanes(g, found, name), name)


def last_stays(source: Lazy, gone: list[int]) -> bool:
    """Whether results lie along the last axis of what they are made from."""
    return len(source.shape) - 1 not in gone


def argmax(g: Generator, node: Node) -> None:
    (x,), (y,) = node.inputs, node.outputs
    e, source = g.e, g.values[x]
    kept, gone = split_axes(g, x, node.params["axis"])
    where = ELEMENTWISE["where"][0]

    def element(place: Place) -> Register:
        lanes = source.lanes or differs(place)
        best = source.at(e, join(kept, gone, place, (0,)))
        best = e.spread(best) if lanes else best
        cells = [e.variable(best.value.type, "best")]
        zero = e.number(0, _INT64, lanes)
        cells.append(e.variable(zero.value.type, "place"))
        for value, cell in zip((best.value, zero.value), cells, strict=True):
            e.builder.store(value, cell)
        with e.loop(source.shape[gone[0]], "argmax", start=1) as i, g.memo:
            found = source.at(e, join(kept, gone, place, (i,)))
            so_far = Register(e.builder.load(cells[0], typ=best.value.type), *best[1:])
            at = Register(e.builder.load(cells[1], typ=zero.value.type), *zero[1:])
            better = is_better(e, found, so_far)
            here = Register(e.index(i), _INT64, False)
            here = e.spread(here) if lanes else here
            e.builder.store(where(e, better, found, so_far).value, cells[0])
            e.builder.store(where(e, better, here, at).value, cells[1])
        return Register(e.builder.load(cells[1], typ=zero.value.type), *zero[1:])

    make(g, y, element, vectors=last_stays(source, gone))


def is_better(e: Emitter, found: Register, so_far: Register) -> Register:
    """Whether an element takes the place of the largest so far. NaN wins and stays."""
    if found.dtype.kind != "f":
        return ELEMENTWISE["less"][0](e, so_far, found)
    a, b = e.match([found, so_far])
    larger = e.builder.fcmp_unordered(">", a.value, b.value)
    number = e.builder.fcmp_ordered("ord", b.value, b.value)
    return Register(e.builder.and_(larger, number), np.dtype("bool"), a.lanes)


def cumsum(g: Generator, node: Node) -> None:
    (x,), (y,) = node.inputs, node.outputs
    e, source = g.e, g.values[x]
    axis = local_axis(g, x, node.params["axis"])
    shape = g.plan.shape(y)
    others = [n for i, n in enumerate(shape) if i != axis]
    add = ELEMENTWISE["add"][0]

    vectors = not g.plan.is_batched(y) and axis < len(shape) - 1

    def kernel(store: Store) -> None:
        def row(place: Place) -> None:
            lanes = g.plan.is_batched(y) or differs(place)
            zero = e.number(0, y.dtype, lanes)
            kind = zero.value.type
            cell = e.variable(kind, "total")
            e.builder.store(zero.value, cell)
            with e.loop(shape[axis], "cumsum") as i:
                at = (*place[:axis], i, *place[axis:])
                with g.memo:
                    element = source.at(e, at)
                so_far = Register(e.builder.load(cell, typ=kind), *zero[1:])
                total = add(e, so_far, element)
                e.builder.store(total.value, cell)
                store(at, total)

        walk(e, others, "row", row, vectors)

    g.produce(y, kernel)
