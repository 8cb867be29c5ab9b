"""The gradient of a dense layer's weights, with vectors along the units."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wubu.core.graph import Value
from wubu.executors.native.contraction import Axis, Contraction
from wubu.executors.native.emitter import Index, Register
from wubu.executors.native.lazy import View

if TYPE_CHECKING:
    from wubu.executors.native.generate import Generator


def outer_along_units(
    g: Generator, y: Value, work: Contraction, left: Axis, right: Axis
) -> None:
    """Vectors run along the units: result[i, :] += x[i, sample] * g[sample, :] for one
    sample after the other, so that no lanes have to be added up. The gradients are
    first     turned so that the units of a sample lie side by side."""
    e, lanes = g.e, g.e.lanes
    units, inputs = right.size, left.size
    wide = -(-units // lanes) * lanes
    itemsize = y.dtype.itemsize
    offset = g.scratch.take(wide * lanes * itemsize)
    turned = g.place("scratch", offset)
    _turn(g, work.right, right, turned, wide)
    sums = g.private_sum(y)
    columns = min(wide // lanes, 4)
    rows = max(1, min(6, (g.registers - columns - 1) // columns, inputs))
    for first, count, width in _columns(units, lanes, columns):
        for start, stop, height in _rows(inputs, rows):
            with e.loop(stop, "row", step=height, start=start) as i:
                _outer_tile(
                    g,
                    work.left,
                    left,
                    turned,
                    wide,
                    sums,
                    units,
                    i,
                    height,
                    first,
                    count,
                    width,
                )
    g.scratch.give(offset)


def _columns(units: int, lanes: int, columns: int) -> list[tuple[int, int, int]]:
    """(first unit, vectors, units in the last vector) of each tile along the units."""
    found = []
    first = 0
    while first < units:
        count = min(columns, -(-(units - first) // lanes))
        last = min(units - first - (count - 1) * lanes, lanes)
        found.append((first, count, last))
        first += count * lanes
    return found


def _rows(inputs: int, rows: int) -> list[tuple[int, int, int]]:
    whole = inputs // rows * rows
    found = [(0, whole, rows)] if whole else []
    if inputs % rows:
        found.append((whole, inputs, inputs % rows))
    return found


def _turn(g: Generator, view: View, axis: Axis, turned: Callable, wide: int) -> None:
    """Lanes become rows: turned[sample, unit] = view[unit][sample]."""
    e = g.e
    zero = e.number(0, view.dtype)
    with e.loop(axis.size, "unit") as unit:
        where = e.plus(e.times(unit, axis.right), view.offset)
        found = e.load_lanes(view.pointer(), e.times(where, e.lanes), view.dtype)
        found = g.only_samples(found)
        for lane in range(e.lanes):
            e.store(e.extract(found, lane), turned(), e.plus(unit, lane * wide))
    if wide > axis.size:
        with e.loop(wide, "rest", start=axis.size) as unit:
            for lane in range(e.lanes):
                e.store(zero, turned(), e.plus(unit, lane * wide))


def _outer_tile(
    g: Generator,
    x: View,
    axis: Axis,
    turned: Callable,
    wide: int,
    sums: View,
    units: int,
    row: Index,
    height: int,
    first: int,
    count: int,
    width: int,
) -> None:
    e, dtype, lanes = g.e, x.dtype, g.e.lanes
    kind = e.type_of(dtype, lanes=True)
    cells: dict[tuple[int, int], Any] = {}
    for i in range(height):
        for j in range(count):
            at = e.plus(e.times(e.plus(row, i), units), first + j * lanes)
            some = width if j == count - 1 else lanes
            found = e.load_some(sums.pointer(), at, dtype, some)
            cells[i, j] = e.variable(kind, "sum")
            e.builder.store(found.value, cells[i, j])
    with e.loop(lanes, "sample") as sample:
        rows = [
            e.load_lanes(
                turned(), e.plus(e.times(sample, wide), first + j * lanes), dtype
            )
            for j in range(count)
        ]
        for i in range(height):
            where = e.plus(e.times(e.plus(row, i), axis.left), x.offset)
            at = e.plus(e.times(where, lanes), sample)
            factor = e.spread(e.load(x.pointer(), at, dtype))
            for j in range(count):
                before = Register(e.builder.load(cells[i, j], typ=kind), dtype, True)
                e.builder.store(e.fma(factor, rows[j], before).value, cells[i, j])
    for i in range(height):
        for j in range(count):
            at = e.plus(e.times(e.plus(row, i), units), first + j * lanes)
            some = width if j == count - 1 else lanes
            found = Register(e.builder.load(cells[i, j], typ=kind), dtype, True)
            e.store_some(found, sums.pointer(), at, some)
