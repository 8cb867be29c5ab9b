"""Reductions: sum, maximum, the place of the maximum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wubu.core.graph import Node
from wubu.executors.native.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.emitter import Register
from wubu.executors.native.kernels.making import (
    add_to,
    fold,
    join,
    make,
    refuse,
    split_axes,
)
from wubu.executors.native.lazy import Place

if TYPE_CHECKING:
    from wubu.executors.native.generate import Generator

_INT64 = np.dtype("int64")


def reduce_sum(g: Generator, node: Node) -> None:
    (x,), (y,) = node.inputs, node.outputs
    source = g.values[x]
    over_samples = g.plan.is_batched(x) and not g.plan.is_batched(y)
    kept, gone = split_axes(g, x, node.params["axis"])

    def total(place: Place) -> Register:
        return fold(g, source, kept, gone, place, "add", 0)

    if not over_samples:
        make(g, y, total)
        return
    view = g.private_sum(y)
    with g.e.nest(y.shape, "sum") as place:
        found = g.e.spread(total(place))
        add_to(g, view, place, g.e.sum_lanes(g.only_samples(found)))


def reduce_max(g: Generator, node: Node) -> None:
    (x,), (y,) = node.inputs, node.outputs
    if g.plan.is_batched(x) and not g.plan.is_batched(y):
        raise refuse(node, "a maximum over samples is not covered yet")
    kept, gone = split_axes(g, x, node.params["axis"])
    lowest: Any = -np.inf if x.dtype.kind == "f" else 0
    if x.dtype.kind == "i":
        lowest = np.iinfo(x.dtype).min
    source = g.values[x]
    make(g, y, lambda place: fold(g, source, kept, gone, place, "maximum", lowest))


def argmax(g: Generator, node: Node) -> None:
    (x,), (y,) = node.inputs, node.outputs
    e, source = g.e, g.values[x]
    kept, gone = split_axes(g, x, node.params["axis"])
    if g.plan.is_batched(x) and not g.plan.is_batched(y):
        raise refuse(node, "the largest of all samples is not covered yet")
    less, where = ELEMENTWISE["less"][0], ELEMENTWISE["where"][0]

    def element(place: Place) -> Register:
        best = source.at(e, join(kept, gone, place, (0,)))
        best = e.spread(best) if source.lanes else best
        cells = [e.variable(best.value.type, "best")]
        zero = e.number(0, _INT64, source.lanes)
        cells.append(e.variable(zero.value.type, "place"))
        for value, cell in zip((best.value, zero.value), cells, strict=True):
            e.builder.store(value, cell)
        if source.shape[gone[0]] > 1:
            with e.loop(source.shape[gone[0]], "argmax", start=1) as i:
                found = source.at(e, join(kept, gone, place, (i,)))
                so_far = Register(
                    e.builder.load(cells[0], typ=best.value.type), *best[1:]
                )
                at = Register(e.builder.load(cells[1], typ=zero.value.type), *zero[1:])
                better = less(e, so_far, found)
                here = Register(e.index(i), _INT64, False)
                here = e.spread(here) if source.lanes else here
                e.builder.store(where(e, better, found, so_far).value, cells[0])
                e.builder.store(where(e, better, here, at).value, cells[1])
        return Register(e.builder.load(cells[1], typ=zero.value.type), *zero[1:])

    make(g, y, element)
