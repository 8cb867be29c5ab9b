"""Wide dense layers: all samples together, while threads divide the units.

A thread takes a panel of units after the other, and of those a part of the inputs. The
weights of a part are copied side by side, which is what the cache wants, and meet every
block of samples before the next ones are read. Meanwhile those are fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wubu.core.graph import Node, Value
from wubu.executors.native.code.emitter import Index
from wubu.executors.native.kernels.contraction import (
    Axis,
    Contraction,
    Tile,
    choose_tile,
    edges,
    emit_tile,
)
from wubu.executors.native.kernels.making import Store
from wubu.executors.native.planning.lazy import View

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator

DEPTH = 128  # inputs in a part
_PANELS = (64, 32, 16)  # units in a panel: as many as leave some for every thread
_GAP = 16  # between rows of copied weights: powers of two share cache lines


class _Product(NamedTuple):
    """result[block, unit] = sum over inputs of x[block, input] * weights."""

    x: View  # (blocks, inputs)
    weights: View
    inputs: int
    units: int
    to_input: int  # strides of the weights
    to_unit: int
    panel: int

    @property
    def row(self) -> int:
        """The length of a row of copied weights."""
        return self.panel + _GAP


def wide_product(g: Generator, node: Node) -> None:
    """A product of samples with wide weights, for all blocks."""
    (y,), sums = node.outputs, node.params["contract"]
    place = 0 if g.plan.is_batched(node.inputs[0]) else 1
    x, weights = node.inputs[place], g.view_of(node.inputs[1 - place])
    axis = sums[1 - place][0]
    units = weights.shape[1 - axis]
    work = _Product(
        x=_stored(g, x),
        weights=weights,
        inputs=weights.shape[axis],
        units=units,
        to_input=weights.strides[axis],
        to_unit=weights.strides[1 - axis],
        panel=next(
            (n for n in _PANELS if units >= 2 * n * g.plan.threads), _PANELS[-1]
        ),
    )

    def kernel(store: Store) -> None:
        size = y.dtype.itemsize
        copied = g.scratch.take(DEPTH * work.row * size)
        sums = g.scratch.take(work.panel * g.plan.blocks * g.e.lanes * size)
        shape = (g.plan.blocks, work.panel)
        partial = View(g.place("scratch", sums), shape, y.dtype, lanes=True)
        packed = View(g.place("scratch", copied), (DEPTH, work.row), y.dtype, False)
        _emit_panels(g, work, packed, partial, store)
        g.scratch.give(copied)
        g.scratch.give(sums)

    g.produce(y, kernel)


def _stored(g: Generator, x: Value) -> View:
    """x for all blocks; what nobody has stored yet is stored by all threads."""
    found = g.values[x]
    if not (isinstance(found, View) and found.kept_for is x):
        with g.own_blocks():
            g.view_of(x)
        g.barrier()
    return g.all_blocks_of(x)


def _emit_panels(
    g: Generator, work: _Product, packed: View, partial: View, store: Store
) -> None:
    e = g.e
    panels = -(-work.units // work.panel)
    parts = -(-work.inputs // DEPTH)
    low, high = g.share_of(panels)
    with e.loop_between(low, high, "panel") as panel:
        # The last panel begins earlier where it would end behind the last unit.
        first = e.smaller(e.times(panel, work.panel), work.units - work.panel)
        zero = e.number(0, partial.dtype, lanes=True)
        with e.nest(partial.shape, "zero") as place:
            partial.put(e, place, zero)
        with e.loop(parts, "part") as part:
            start = _part_of(g, part, work.inputs, parts)
            stop = _part_of(g, e.plus(part, 1), work.inputs, parts)
            count = e.plus(stop, e.times(start, -1))
            _pack(g, work, packed, (first, start), count)
            _add_part(g, work, packed, partial, start, count, (first, stop))
        with e.loop(g.plan.blocks, "block") as block:
            g.block = block
            with e.loop(work.panel, "unit") as unit:
                found = partial.at(e, (block, unit))
                store((e.plus(first, unit),), found)
        g.block = 0


def _part_of(g: Generator, part: Index, inputs: int, parts: int) -> Index:
    """Where a part of the inputs begins; parts are about equally large."""
    if isinstance(part, int):
        return part * inputs // parts
    b = g.e.builder
    return b.udiv(b.mul(g.e.index(part), g.e.index(inputs)), g.e.index(parts))


def _add_part(
    g: Generator,
    work: _Product,
    packed: View,
    partial: View,
    start: Index,
    count: Index,
    following: tuple[Index, Index],
) -> None:
    """Adds the products of some inputs to the sums of a panel.

    Args:
        following: the first unit and the first input of the next part.
    """
    e, x = g.e, work.x
    strides = (x.strides[0], x.strides[1])
    left = x.with_strides(
        x.shape, strides, e.plus(x.offset, e.times(start, strides[1]))
    )
    units = Axis(work.panel, 0, 1)
    blocks = Axis(g.plan.blocks, strides[0], 0)
    inner = Axis(count, strides[1], work.row)
    contraction = Contraction([units, blocks], [inner], left, packed)
    tile = choose_tile(contraction, g.registers)
    g.journal.tile(tile)
    for block_loop, columns in edges(e, contraction.outer, 1, tile.columns):
        with block_loop as block:
            for unit_loop, rows in edges(e, contraction.outer, 0, tile.rows):
                with unit_loop as unit:
                    done = e.plus(e.times(block, work.panel), e.times(unit, columns))
                    _fetch_some(g, work, following, done, rows * columns)
                    emit_tile(
                        e,
                        contraction,
                        Tile(0, rows, 1, columns),
                        {0: unit, 1: block},
                        lambda p, r: partial.put(e, (p[1], p[0]), r),
                        lambda p: partial.at(e, (p[1], p[0])),
                    )


def _fetch_some(
    g: Generator, work: _Product, corner: tuple[Index, Index], done: Index, sums: int
) -> None:
    """Fetches as much of a part's weights as belongs to so many of a panel's sums.

    Args:
        g: the generator.
        work: the product.
        corner: where the part begins: its first unit and input.
        done: how many sums there were before.
        sums: how many follow.
    """
    e, dtype = g.e, work.weights.dtype
    first = e.affine(corner, (work.to_unit, work.to_input))
    rows, width, step = DEPTH, work.panel, work.to_input
    if work.to_unit != 1:
        rows, width, step = work.panel, DEPTH, work.to_unit
    total = work.panel * g.plan.blocks
    row = e.builder.udiv(e.index(e.times(done, rows)), e.index(total))
    for i in range(-(-sums * rows // total)):
        at = e.plus(first, e.times(e.plus(row, i), step))
        at = e.plus(at, work.weights.offset)
        e.prefetch(work.weights.pointer(), at, dtype, count=width, near=False)


def _pack(
    g: Generator,
    work: _Product,
    packed: View,
    corner: tuple[Index, Index],
    count: Index,
) -> None:
    """Copies the weights of a panel and of some inputs side by side."""
    e, dtype, lanes = g.e, packed.dtype, g.e.lanes
    (unit, start), size = corner, packed.dtype.itemsize
    if work.to_unit == 1:
        with e.loop(count, "pack") as i:
            row = e.times(e.plus(start, i), work.to_input)
            row = e.plus(e.plus(row, unit), work.weights.offset)
            for j in range(0, work.panel, lanes):
                found = e.load_lanes(
                    work.weights.pointer(), e.plus(row, j), dtype, size
                )
                at = e.plus(e.times(i, work.row), j)
                e.store(found, packed.pointer(), at, size)
        return
    chunks = e.builder.udiv(e.index(e.plus(count, lanes - 1)), e.index(lanes))
    with e.loop(chunks, "pack") as chunk, e.loop(work.panel, "turn", lanes) as j:
        # The last chunk begins earlier where it would end behind the last input.
        i = e.smaller(e.times(chunk, lanes), e.plus(count, -lanes))
        rows = []
        for k in range(lanes):
            row = e.times(e.plus(e.plus(unit, j), k), work.to_unit)
            row = e.plus(e.plus(row, e.plus(start, i)), work.weights.offset)
            rows.append(e.load_lanes(work.weights.pointer(), row, dtype, size))
        for k, turned in enumerate(e.transposed(rows)):
            at = e.plus(e.times(e.plus(i, k), work.row), j)
            e.store(turned, packed.pointer(), at, size)
