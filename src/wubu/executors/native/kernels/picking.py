"""Picking by index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wubu.core.graph import Node
from wubu.executors.native.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.elementwise import convert
from wubu.executors.native.emitter import Register
from wubu.executors.native.kernels.making import refuse
from wubu.executors.native.lazy import Computed, Place

if TYPE_CHECKING:
    from wubu.executors.native.generate import Generator

_INT64 = np.dtype("int64")


def gather(g: Generator, node: Node) -> None:
    (x, indices), (y,) = node.inputs, node.outputs
    axis, batch_dims = node.params["axis"], node.params["batch_dims"]
    if batch_dims or g.plan.is_batched(x) or not g.plan.is_batched(indices):
        raise refuse(node, "only shared rows picked by batched indices are covered yet")
    e, numbers = g.e, g.values[indices]
    table = g.view_of(x)
    picked = len(indices.shape)
    shape = g.plan.shape(y)

    def element(e: Any, place: Place) -> Register:
        before, rest = place[:axis], place[axis:]
        inner, after = rest[: picked - 1], rest[picked - 1 :]
        index = convert(e, e.spread(numbers.at(e, inner)), _INT64)
        index = _limited(g, index, x.shape[axis])
        base = e.affine(before, table.strides[:axis])
        base = e.plus(base, e.affine(after, table.strides[axis + 1 :]))
        base = e.plus(base, table.offset)
        found = e.undefined(x.dtype)
        for lane in range(e.lanes):
            number = e.extract(index, lane).value
            at = e.plus(base, e.times(number, table.strides[axis]))
            found = e.insert(found, e.load(table.pointer(), at, x.dtype), lane)
        return found

    g.values[y] = Computed(shape, y.dtype, True, 3 * e.lanes, element)


def _limited(g: Generator, index: Register, size: int) -> Register:
    """Indices inside the axis: whatever the data hold, nothing else is read."""
    e = g.e
    low, high = ELEMENTWISE["maximum"][0], ELEMENTWISE["minimum"][0]
    index = low(e, index, e.number(0, _INT64, lanes=True))
    return high(e, index, e.number(size - 1, _INT64, lanes=True))
