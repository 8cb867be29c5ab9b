"""The gradient of a dense layer's weights, with vectors along the units."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from wubu.core.graph import Value
from wubu.executors.native.contraction import Axis, Contraction
from wubu.executors.native.emitter import Emitter, Index, Register
from wubu.executors.native.lazy import View

if TYPE_CHECKING:
    from wubu.executors.native.generate import Generator


class _Turned(NamedTuple):
    """Gradients of one block with the units of a sample side by side."""

    place: Callable[[], Any]
    wide: int  # units and zeros behind them, whole vectors


class _Part(NamedTuple):
    """Sums kept in registers: some rows of some vectors of units."""

    row: Index
    rows: int
    unit: Index
    vectors: int
    last: int  # units in the last vector


def outer_along_units(
    g: Generator, y: Value, work: Contraction, left: Axis, right: Axis
) -> None:
    """Vectors run along the units: result[i, :] += x[i, sample] * g[sample, :] for one
    sample after the other, so that no lanes have to be added up."""
    e, lanes = g.e, g.e.lanes
    wide = -(-right.size // lanes) * lanes
    offset = g.scratch.take(wide * lanes * y.dtype.itemsize)
    turned = _Turned(g.place("scratch", offset), wide)
    _turn(g, work.right, right, turned)
    sums = g.private_sum(y)
    vectors = min(wide // lanes, 4)
    rows = max(1, min(6, (g.registers - vectors - 1) // vectors, left.size))
    g.journal.tile(f"{rows}x{vectors}")
    for unit_loop, count, last in _columns(e, right.size, vectors):
        with unit_loop as unit:
            for row_loop, height in _rows(e, left.size, rows):
                with row_loop as row:
                    part = _Part(row, height, unit, count, last)
                    _add_part(g, work.left, left, turned, sums, right.size, part)
    g.scratch.give(offset)


def _columns(e: Emitter, units: int, vectors: int) -> list[tuple[Any, int, int]]:
    """Loops along the units, each with its vectors and the units in the last one."""
    step = vectors * e.lanes
    whole = units // step * step
    found = []
    if whole:
        found.append((e.loop(whole, "unit", step=step), vectors, e.lanes))
    rest = units - whole
    if rest:
        count = -(-rest // e.lanes)
        last = rest - (count - 1) * e.lanes
        found.append((e.loop(whole + 1, "unit", start=whole), count, last))
    return found


def _rows(e: Emitter, inputs: int, rows: int) -> list[tuple[Any, int]]:
    """Loops along the inputs, each with the rows it takes at once."""
    whole = inputs // rows * rows
    found = [(e.loop(whole, "row", step=rows), rows)] if whole else []
    if inputs % rows:
        loop = e.loop(inputs, "row", step=inputs % rows, start=whole)
        found.append((loop, inputs % rows))
    return found


def _turn(g: Generator, view: View, axis: Axis, turned: _Turned) -> None:
    """Lanes become rows: turned[sample, unit] = view[unit][sample]."""
    e = g.e
    zero = e.number(0, view.dtype)
    with e.loop(axis.size, "turn") as unit:
        where = e.plus(e.times(unit, axis.right), view.offset)
        found = e.load_lanes(view.pointer(), e.times(where, e.lanes), view.dtype)
        found = g.only_samples(found)
        for lane in range(e.lanes):
            at = e.plus(unit, lane * turned.wide)
            e.store(e.extract(found, lane), turned.place(), at)
    if turned.wide > axis.size:
        with e.loop(turned.wide, "rest", start=axis.size) as unit:
            for lane in range(e.lanes):
                e.store(zero, turned.place(), e.plus(unit, lane * turned.wide))


def _add_part(
    g: Generator,
    x: View,
    axis: Axis,
    turned: _Turned,
    sums: View,
    units: int,
    part: _Part,
) -> None:
    """Loads the sums of a part, adds every sample's products, stores them."""
    e, dtype, lanes = g.e, x.dtype, g.e.lanes
    kind = e.type_of(dtype, lanes=True)
    cells = []
    for i, j in itertools.product(range(part.rows), range(part.vectors)):
        unit = e.plus(part.unit, j * lanes)
        at = e.plus(e.times(e.plus(part.row, i), units), unit)
        some = part.last if j == part.vectors - 1 else lanes
        cell = e.variable(kind, "sum")
        e.builder.store(e.load_some(sums.pointer(), at, dtype, some).value, cell)
        cells.append((i, j, at, some, cell))
    with e.loop(lanes, "sample") as sample:
        row = e.plus(e.times(sample, turned.wide), part.unit)
        gradients = [
            e.load_lanes(turned.place(), e.plus(row, j * lanes), dtype)
            for j in range(part.vectors)
        ]
        factors = []
        for i in range(part.rows):
            where = e.plus(e.times(e.plus(part.row, i), axis.left), x.offset)
            at = e.plus(e.times(where, lanes), sample)
            factors.append(e.spread(e.load(x.pointer(), at, dtype)))
        for i, j, _, _, cell in cells:
            before = Register(e.builder.load(cell, typ=kind), dtype, True)
            e.builder.store(e.fma(factors[i], gradients[j], before).value, cell)
    for _, _, at, some, cell in cells:
        found = Register(e.builder.load(cell, typ=kind), dtype, True)
        e.store_some(found, sums.pointer(), at, some)
