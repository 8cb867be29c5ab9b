"""Gradients of wide weights, summed in registers where they are used.

Nothing of the size of the weights is stored for them: the loop that updates the weights
computes a tile of the gradient over all samples, and goes on with it. Vectors run along
the units; so blocks lay their gradients down with the units of a sample side by side.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from wubu.core.graph import Node, Value
from wubu.executors.native.code.emitter import Emitter, Index, Register
from wubu.executors.native.kernels.turned import Stream, add_products
from wubu.executors.native.planning.lazy import Lazy, Memo, Place, View

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator

# Takes sums: the place of the first in the gradient, row by row; how many there are.
Take = Callable[[Index, Register, int], None]

_VECTORS = 2  # of units in a tile
_PANEL = 16  # tiles that all rows go through before the next ones: half of a cache


class WideGradient(Lazy):
    """A sum over samples that has no memory until somebody asks for it."""

    def __init__(self, value: Value, x: View, turned: SampleTiles, memo: Memo) -> None:
        self.value = value
        self.shape = value.shape
        self.dtype = value.dtype
        self.lanes = False
        self.x = x  # (blocks, rows)
        self.turned = turned
        self.memory: View | None = None
        self._memo = memo

    def at(self, e: Emitter, place: Place) -> Register:
        assert self.memory is not None, "nobody has stored this gradient"
        return self.memory.at(e, place)

    def is_flat(self) -> bool:
        return True

    def flat(self, e: Emitter, i: Index) -> Register:
        if self.memory is not None:
            return self.memory.flat(e, i)
        return self._memo.get(self, ("flat", i), self._missing)

    def _missing(self) -> Register:
        raise AssertionError("a wide gradient is read where it is not computed")

    def is_whole(self, lanes: int) -> bool:
        """Whether its rows are whole vectors."""
        return self.shape[1] % lanes == 0


class SampleTiles(NamedTuple):
    """Gradients of samples, in tiles of a few vectors of units: for each tile, one row
    for every sample."""

    view: View
    rows: int  # samples, those that are missing in the last block included
    tiles: int
    vectors: int  # in a tile
    rest: int  # vectors in the tile after the last whole one, if there is one
    last: int  # units in the very last vector

    def place(self, e: Emitter, tile: Index) -> Index:
        """Where a tile begins; the last one may be narrower."""
        return e.times(tile, self.rows * self.vectors * e.lanes)


def wide_gradient(g: Generator, node: Node) -> None:
    """What a block does for a wide gradient: it keeps its samples for all threads."""
    (left, right), (y,) = node.inputs, node.outputs
    e, (_, units) = g.e, y.shape
    vectors = -(-units // e.lanes)
    tiles = units // (_VECTORS * e.lanes)
    rows = g.plan.blocks * e.lanes
    size = rows * vectors * e.lanes
    offset = g.common.take(size * y.dtype.itemsize)
    turned = SampleTiles(
        view=View(g.place("common", offset), (size,), y.dtype, lanes=False),
        rows=rows,
        tiles=tiles,
        vectors=_VECTORS,
        rest=vectors - tiles * _VECTORS,
        last=units - (vectors - 1) * e.lanes,
    )
    g.view_of(left)
    _turn(g, g.view_of(right), turned)
    g.values[y] = WideGradient(y, g.all_blocks_of(left), turned, g.memo)


def _turn(g: Generator, view: View, turned: SampleTiles) -> None:
    """Lays a block's gradients down, the units of a sample side by side."""
    e = g.e
    with e.loop(turned.tiles, "tile") as tile:
        for j in range(turned.vectors):
            unit = e.plus(e.times(tile, turned.vectors * e.lanes), j * e.lanes)
            at = turned.place(e, tile)
            _turn_vector(g, view, turned, unit, (at, turned.vectors, j), e.lanes)
    for j in range(turned.rest):
        unit = turned.tiles * turned.vectors * e.lanes + j * e.lanes
        some = turned.last if j == turned.rest - 1 else e.lanes
        at = turned.place(e, turned.tiles)
        _turn_vector(g, view, turned, unit, (at, turned.rest, j), some)


def _turn_vector(
    g: Generator,
    view: View,
    turned: SampleTiles,
    unit: Index,
    where: tuple[Index, int, int],
    some: int,
) -> None:
    """As many units as there are lanes: samples become rows."""
    e, (at, vectors, j) = g.e, where
    zero = e.number(0, view.dtype, lanes=True)
    found = [
        g.only_samples(view.at(e, (e.plus(unit, k),))) if k < some else zero
        for k in range(e.lanes)
    ]
    wide = vectors * e.lanes
    first = e.plus(at, e.times(g.block, e.lanes * wide))
    for k, row in enumerate(e.transposed(found)):
        place = e.plus(first, k * wide + j * e.lanes)
        e.store(row, turned.view.pointer(), place)


def store_gradient(g: Generator, gradient: WideGradient) -> None:
    """Gives a gradient memory, and computes it; others may read it after a barrier."""
    size = math.prod(gradient.shape) * gradient.dtype.itemsize
    place = g.place("common", g.common.take(size))
    view = View(place, gradient.shape, gradient.dtype, lanes=False)

    def take(at: Index, register: Register, some: int) -> None:
        if some == g.e.lanes:
            view.put_flat(g.e, at, register)
        else:
            g.e.store_some(register, view.pointer(), at, some)

    emit_gradient(g, gradient, take)
    gradient.memory = view


def emit_gradient(
    g: Generator,
    gradient: WideGradient,
    take: Take,
    prepare: Callable[[Index, int], None] = lambda at, count: None,
) -> None:
    """The sums of a gradient, tile by tile; threads divide the rows.

    Args:
        take: what is done with every vector of sums.
        prepare: told some time before where the sums of each row of a tile will go:
            the place of the first, and how many there are.
    """
    e, turned = g.e, gradient.turned
    rows = _rows_of_tile(gradient.shape[0], g.registers, turned.vectors)
    g.journal.tile(f"{rows}x{turned.vectors}")
    kernel = _Kernel(g, gradient, take, prepare)
    if turned.tiles:
        with e.loop(-(-turned.tiles // _PANEL), "panel") as panel:
            first = e.times(panel, _PANEL)
            last = e.smaller(e.plus(first, _PANEL), turned.tiles)
            for loop, height in _own_rows(g, gradient.shape[0], rows):
                with loop as row, e.loop_between(first, last, "tile") as tile:
                    kernel.emit((row, height), (tile, turned.vectors), e.lanes)
    if turned.rest:
        for loop, height in _own_rows(g, gradient.shape[0], rows):
            with loop as row:
                tile = (turned.tiles, turned.rest)
                kernel.emit((row, height), tile, turned.last)


def _rows_of_tile(rows: int, registers: int, vectors: int) -> int:
    """Rows summed at once: as many as fit into registers, best without a rest."""
    most = (registers - vectors - 1) // vectors
    even = [n for n in range(max(1, most - 6), most + 1) if rows % n == 0]
    return even[-1] if even else most


def _own_rows(g: Generator, rows: int, step: int) -> list:
    """Loops over this thread's rows: whole tiles, and the rest for the last thread."""
    e, found = g.e, []
    whole = rows // step
    if whole:
        low, high = g.share_of(whole)
        start, stop = e.times(low, step), e.times(high, step)
        found.append((e.loop(stop, "row", step, start), step))
    if rows % step:
        low, high = g.share_of(1)
        start = e.plus(e.times(low, rows % step), whole * step)
        stop = e.plus(e.times(high, rows % step), whole * step)
        found.append((e.loop(stop, "row", rows % step, start), rows % step))
    return found


class _Kernel(NamedTuple):
    """One tile: some rows, some vectors of units, over all samples."""

    g: Generator
    gradient: WideGradient
    take: Take
    prepare: Callable[[Index, int], None]

    def emit(
        self, row_part: tuple[Index, int], tile_part: tuple[Index, int], last: int
    ) -> None:
        """Emits a tile whose last vector has so many units."""
        g, e, gradient = self.g, self.g.e, self.gradient
        x, turned = gradient.x, gradient.turned
        (row, rows), (tile, vectors) = row_part, tile_part
        unit = e.times(tile, turned.vectors * e.lanes)
        start = turned.place(e, tile)
        cells = list(itertools.product(range(rows), range(vectors)))
        sums = [e.number(0, gradient.dtype, lanes=True)] * len(cells)

        def begin(i: Index) -> Index:
            return e.plus(e.times(e.plus(row, i), gradient.shape[1]), unit)

        def vectors_at(place: Sequence[Index]) -> Index:
            number = e.affine((block, *place), (e.lanes, 1))
            return e.plus(start, e.times(number, vectors * e.lanes))

        def factor_at(place: Sequence[Index], i: int) -> Index:
            where = e.affine((block, e.plus(row, i)), x.strides)
            return e.plus(e.times(e.plus(where, x.offset), e.lanes), *place)

        with e.loop(g.plan.blocks, "block", carried=sums) as block:
            self._prepare_some(block, rows, begin, vectors * e.lanes)
            add_products(
                e,
                sums,
                (rows, vectors),
                (e.lanes,),
                Stream(turned.view.pointer, vectors_at),
                Stream(x.pointer, factor_at),
            )
        for (i, j), register in zip(cells, sums, strict=True):
            some = last if j == vectors - 1 else e.lanes
            self.take(e.plus(begin(i), j * e.lanes), register, some)

    def _prepare_some(
        self, block: Index, rows: int, begin: Callable[[Index], Index], width: int
    ) -> None:
        """Announces some rows with every block but the last: all at once would keep
        the CPU from reading what it needs now."""
        e = self.g.e
        some = -(-rows // max(1, self.g.plan.blocks - 1))
        for i in range(some):
            soon = e.smaller(e.plus(e.times(block, some), i), rows - 1)
            self.prepare(begin(soon), width)
