"""Picking by index, and adding by index.

Both walk `(*batch, *before, *picked, *after)` beside `(*batch, *before, size, *after)`.
Axes are counted as of the whole value; the one that runs over samples has no index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wubu.core.graph import Node, Value
from wubu.executors.native.code.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.code.elementwise import convert
from wubu.executors.native.code.emitter import Emitter, Index, Register
from wubu.executors.native.kernels.checks import indices_inside
from wubu.executors.native.kernels.making import accumulate, add_to
from wubu.executors.native.planning.lazy import (
    Computed,
    Known,
    Lazy,
    Place,
    View,
    row_major,
)
from wubu.executors.native.planning.strided import gathered, walk

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator

_INT64 = np.dtype("int64")
_AHEAD = 512  # bytes of a row of a table that are asked for before they are needed


def _whole(g: Generator, value: Value, place: Sequence[Index]) -> list[Any]:
    """A place with None for the axis of samples."""
    found: list[Any] = list(place)
    axis = g.plan.axes.get(value)
    if axis is not None:
        found.insert(axis, None)
    return found


def _own(g: Generator, value: Value, place: Sequence[Any]) -> Place:
    """The place without the axis of samples."""
    axis = g.plan.axes.get(value)
    return tuple(i for a, i in enumerate(place) if a != axis)


class _Picked:
    """The axes of a gather or a scatter_add."""

    def __init__(self, g: Generator, node: Node, indices: Value, size: int) -> None:
        self._g = g
        self.axis = node.params["axis"]
        self.batch = node.params["batch_dims"]
        self.count = len(indices.shape) - self.batch
        self._value = indices
        self._size = size
        self.indices = g.values[indices]

    def index(self, e: Emitter, place: Sequence[Any]) -> Register:
        """The index for a place among the slices, kept inside the axis: whatever the
        data hold, nothing else is touched."""
        stop = self.axis + self.count
        at = _own(
            self._g, self._value, (*place[: self.batch], *place[self.axis : stop])
        )
        index = convert(e, self.indices.at(e, at), _INT64)
        low, high = ELEMENTWISE["maximum"][0], ELEMENTWISE["minimum"][0]
        index = high(e, index, e.number(self._size - 1, _INT64))
        return low(e, index, e.number(0, _INT64))

    def row(self, place: Sequence[Any], index: Index) -> list[Any]:
        """The place in the table."""
        after = place[self.axis + self.count :]
        return [*place[: self.axis], index, *after]


def gather(g: Generator, node: Node) -> Lazy:
    (x, indices), (y,) = node.inputs, node.outputs
    e = g.e
    indices_inside(g, node, indices, x.shape[node.params["axis"]])
    picked = _Picked(g, node, indices, x.shape[node.params["axis"]])
    lanes = picked.indices.lanes
    table: Any = g.view_of(x) if lanes else g.values[x]

    def element(e: Emitter, place: Place) -> Register:
        whole = _whole(g, y, place)
        index = picked.index(e, whole)
        if not index.lanes:
            return table.at(e, _own(g, x, picked.row(whole, index.value)))

        def of_lane(lane: int) -> Register:
            number = e.extract(index, lane).value
            at = _own(g, x, picked.row(whole, number))
            return _of_lane(e, table, tuple(e.of_lane(i, lane) for i in at), lane)

        return gathered(e, x.dtype, of_lane)

    def turned(e: Emitter, i: Index) -> list[Register]:
        index, rows = picked.index(e, ()), []
        for lane in range(e.lanes):
            number = e.extract(index, lane).value
            at = e.plus(e.times(number, table.strides[0]), e.plus(i, table.offset))
            rows.append(e.load_lanes(table.pointer(), at, x.dtype, x.dtype.itemsize))
            ahead = e.plus(at, _AHEAD // x.dtype.itemsize)
            e.prefetch(table.pointer(), ahead, x.dtype)
        return e.transposed(rows)

    # One row of a table for each sample.
    rows = lanes and not table.lanes and not picked.indices.shape and not picked.axis
    rows = rows and table.strides == row_major(x.shape) and x.dtype.kind != "b"
    cost = 3 * e.lanes if lanes else 2
    any_lanes = lanes or g.values[x].lanes
    sources = [g.values[x], picked.indices]
    shape = g.plan.shape(y)
    if not x.shape[picked.axis]:  # any index is outside
        return Known(shape, y.dtype, e.number(0, y.dtype))
    along = turned if rows else None
    return Computed(shape, y.dtype, any_lanes, cost, sources, element, along)


def _of_lane(e: Emitter, view: Lazy, place: Place, lane: int) -> Register:
    """One element, of one lane if lanes differ."""
    if not (view.lanes and isinstance(view, View)):
        return view.at(e, place)
    where = e.plus(e.affine(place, view.strides), view.offset)
    at = e.plus(e.times(where, e.lanes), lane)
    return e.load(view.pointer(), at, view.dtype)


def scatter_add(g: Generator, node: Node) -> None:
    (indices, values), (y,) = node.inputs, node.outputs
    indices_inside(g, node, indices, node.params["size"])
    picked = _Picked(g, node, indices, node.params["size"])
    if g.plan.is_batched(values) and not g.plan.is_batched(y):
        _add_up(g, node, picked)
        return
    e, source = g.e, g.values[values]

    def add(put: Any) -> None:
        def slice_of(place: Place) -> None:
            with g.memo:
                whole = _whole(g, values, place)
                index, element = picked.index(e, whole), source.at(e, place)
                if not index.lanes:
                    put(_own(g, y, picked.row(whole, index.value)), element)
                    return
                inside = e.spread(element)
                for lane in range(e.lanes):
                    number = e.extract(index, lane).value
                    at = _own(g, y, picked.row(whole, number))
                    # Other lanes get nothing.
                    zero = e.number(0, y.dtype, lanes=True)
                    put(at, e.insert(zero, e.extract(inside, lane), lane))

        # Along the last axis only if it is not one that is picked from.
        picks = len(values.shape) == picked.axis + picked.count
        walk(e, source.shape, "scatter", slice_of, not picks and is_shared)

    is_shared = not any(g.plan.is_batched(v) for v in (*node.inputs, y))
    accumulate(g, y, add)


def _add_up(g: Generator, node: Node, picked: _Picked) -> None:
    """Slices of all samples, added to one shared table."""
    (_, values), (y,) = node.inputs, node.outputs
    e, source = g.e, g.values[values]
    view = g.private_sum(y)
    with e.nest(source.shape, "scatter") as place, g.memo:
        whole = _whole(g, values, place)
        index = e.spread(picked.index(e, whole))
        element = g.only_samples(e.spread(source.at(e, place)))
        for lane in range(e.lanes):
            number = e.extract(index, lane).value
            add_to(g, view, tuple(picked.row(whole, number)), e.extract(element, lane))
