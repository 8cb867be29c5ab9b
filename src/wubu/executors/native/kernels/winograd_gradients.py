"""Gradients of the kernels of convolutions in tiles with fewer products.

See `planning/winograd.py`. A thread adds up products of transformed tiles; what they
sum up to is transformed once, after its last block of samples.

Vectors run along channels of results, as in `turned.py`; the other factor is one number
of a transformed input. Of one row of tiles, or some, one row of products is computed
after the other: inputs are transformed along both axes and kept, gradients of results
along the first axis alone. Along the second one that is done in registers, where the
products follow.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from wubu.core.graph import Node
from wubu.executors.native.code.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.code.emitter import Index, Register
from wubu.executors.native.kernels.turned import (
    Side,
    Turned,
    heights,
    place_of,
    turned_units,
)
from wubu.executors.native.kernels.winograd import (
    combined,
    from_first_window,
    pairs_of,
)
from wubu.executors.native.planning.lazy import Place, View, row_major
from wubu.executors.native.planning.strided import rounds, using
from wubu.executors.native.planning.winograd import Matrix, Tiling, transposed

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator


def kernel_gradient(g: Generator, node: Node) -> None:
    """Adds a block's products to sums of this thread, of which the gradient is made
    after the last block."""
    (_, gradient), (y,) = node.inputs, node.outputs
    tiling = g.plan.filters[y]
    inputs = from_first_window(g, tiling, node.inputs[0])
    results = g.padded_view_of(gradient)
    side = Side(results, tiling.channels[1], results.strides[-1], results.strides[:2])
    turned = turned_units(g, gradient, side, tiling.covered)
    work = _KernelGradient(g, tiling, inputs, turned)
    work.add()
    into = g.private_sum(y)

    def finish() -> None:
        with g.journal.making("turn", y):
            work.finish(into)

    g.after_blocks.append(finish)


class _KernelGradient:
    """The loops of one gradient."""

    def __init__(
        self, g: Generator, tiling: Tiling, inputs: View, turned: Turned
    ) -> None:
        self._g, self._e, self._tiling = g, g.e, tiling
        self._inputs, self._turned = inputs, turned
        self._sums = self._place_of_sums()
        self._second = transposed(tiling.filters[1].of_results)

    def _place_of_sums(self) -> View:
        """[row, vector of channels out, column, channel in, channel out in the vector].
        A vector is counted by its first channel. They are zero from the start, and
        `finish` leaves zeros."""
        (into, out), (high, wide) = self._tiling.channels, self._tiling.products
        unit, dtype = self._e.lanes, self._inputs.dtype
        vectors = -(-out // unit)
        size = high * vectors * wide * into * unit * dtype.itemsize
        return View(
            self._g.place("fixed", self._g.fixed.take(size)),
            (high, vectors * unit, wide, into, unit),
            dtype,
            lanes=False,
            strides=(vectors * wide * into * unit, wide * into, into * unit, unit, 1),
        )

    def add(self) -> None:
        """The products of a block of samples."""
        e, tiling, many = self._e, self._tiling, self._tiling.together
        (into, out), (high, wide) = tiling.channels, tiling.products
        with (
            self._g.for_now(self._inputs.dtype, tiling.widths()[1], into) as line,
            self._g.for_now(
                self._inputs.dtype, many, tiling.tiles[1], wide, into
            ) as factors,
            self._g.for_now(
                self._inputs.dtype, many, tiling.covered[1], e.lanes
            ) as lines,
            e.loop(tiling.tiles[0], "tiles", step=many) as top,
            e.loop(high, "line") as i,
        ):
            with e.loop(many, "tiles") as row:
                self._transform_inputs(e.plus(top, row), row, i, line, factors)
            with e.loop(out, "vector", step=e.lanes) as first:
                self._transform_results(top, first, i, lines)
                self._products(i, first, factors, lines)

    def _lines_of(self, i: Index) -> Iterator[int]:
        """Code for each row of products, of which the one runs that is wanted."""
        b, e = self._e.builder, self._e
        for k in range(self._tiling.products[0]):
            with e.when(b.icmp_signed("==", e.index(i), e.index(k))):
                yield k

    def _transform_inputs(
        self, tiles: Index, row: Index, i: Index, line: View, factors: View
    ) -> None:
        """One row of products of a row of tiles."""
        e, (first, second) = self._e, self._tiling.filters
        top = e.times(tiles, first.outputs)
        for k in self._lines_of(i):
            with e.nest(line.shape, "transform") as place:
                found = [
                    self._inputs.at(e, (e.plus(top, n), *place))
                    for n in range(first.products)
                ]
                line.put(e, place, combined(e, first.of_inputs, found)[k])
        with e.nest((factors.shape[1], factors.shape[-1]), "transform") as (t, channel):
            begin = e.times(t, second.outputs)
            found = [
                line.at(e, (e.plus(begin, n), channel)) for n in range(second.products)
            ]
            for j, register in enumerate(combined(e, second.of_inputs, found)):
                factors.put(e, (row, t, j, channel), register)

    def _transform_results(
        self, top: Index, first: Index, i: Index, lines: View
    ) -> None:
        """One row of products, and a vector of channels, along the first axis."""
        e, (rows, columns) = self._e, self._tiling.filters
        matrix, dtype = transposed(rows.of_results), self._inputs.dtype
        start = place_of(e, self._turned, first, 0, 0)
        steps = [n * e.lanes for n in row_major(self._tiling.covered)]
        counts = (lines.shape[0], self._tiling.tiles[1], e.lanes)
        for k in self._lines_of(i):
            with e.nest(counts, "transform") as (row, tile, sample):
                begin = e.times(e.plus(top, row), rows.outputs)
                for n in range(columns.outputs):
                    column = e.plus(e.times(tile, columns.outputs), n)
                    found = []
                    for m in range(rows.outputs):
                        place = (e.plus(begin, m), column, sample)
                        number = e.affine(place, (*steps, 1))
                        at = e.plus(start, e.times(number, self._turned.tile))
                        found.append(e.load_lanes(self._turned.pointer(), at, dtype))
                    made = combined(e, matrix, found)[k]
                    lines.put(e, (row, column, sample), made)

    def _products(self, i: Index, first: Index, factors: View, lines: View) -> None:
        e, g = self._e, self._g
        columns = _side_by_side(self._second)
        most = max(1, (g.registers - 4) // len(columns[0]))
        parts = heights(self._tiling.channels[0], most)
        g.journal.tile(f"{parts[0][2]}x{len(columns[0])}")
        for start, stop, height in parts:
            with e.loop(stop, "rows", step=height, start=start) as channel:
                for some in columns:
                    cells = list(itertools.product(some, range(height)))
                    found = self._tile(channel, cells, factors, lines)
                    for (j, k), register in zip(cells, found, strict=True):
                        place = (i, first, j, e.plus(channel, k), e.by_lane(0))
                        self._add(place, register)

    def _tile(
        self,
        channel: Index,
        cells: Sequence[tuple[int, int]],
        factors: View,
        lines: View,
    ) -> list[Register]:
        """Sums in registers, of some columns of products and channels. They begin with
        zero, not with what has been summed up: short sums err less."""
        e, step = self._e, self._tiling.filters[1].outputs
        found = [e.number(0, lines.dtype, lanes=True)] * len(cells)
        counts = (*factors.shape[:2], e.lanes)
        with e.nest(counts, "place", found) as (row, tile, sample):
            begin = e.times(tile, step)
            results = [
                lines.at(e, (row, e.plus(begin, n), sample)) for n in range(step)
            ]
            made = combined(e, self._second, results)
            for cell, (j, k) in enumerate(cells):
                place = (row, tile, j, e.plus(channel, k))
                at = e.times(e.affine(place, factors.strides), e.lanes)
                factor = e.load(factors.pointer(), e.plus(at, sample), factors.dtype)
                found[cell] = e.fma(e.spread(factor), made[j], found[cell])
        return found

    def _add(self, place: Place, register: Register) -> None:
        before = self._sums.at(self._e, place)
        self._sums.put(self._e, place, ELEMENTWISE["add"][0](self._e, before, register))

    def finish(self, into: View) -> None:
        """The gradient of what has been summed up; sums are zero again."""
        e, (high, wide) = self._e, self._tiling.products
        rows, columns = (transposed(f.of_kernel) for f in self._tiling.filters)
        zero = e.number(0, into.dtype, lanes=True)

        def line(i: int, first: Index, channel: Index) -> list[Register]:
            found = []
            for j in range(wide):
                place = (i, first, j, channel, e.by_lane(0))
                found.append(self._sums.at(e, place))
                self._sums.put(e, place, zero)
            return combined(e, columns, found)

        channels, out = self._tiling.channels
        for loop, _, active in rounds(e, out, "out", e.lanes):
            with loop as first, e.loop(channels, "in") as channel:
                lines = [line(i, first, channel) for i in range(high)]
                for b, numbers in enumerate(transposed(lines)):
                    for a, register in enumerate(combined(e, rows, numbers)):
                        with using(e, active):
                            place = (a, b, channel, e.by_lane(first))
                            into.put(e, place, register)


def _side_by_side(matrix: Matrix) -> list[tuple[int, ...]]:
    """Rows that are computed together, since they share their parts; and the others."""
    pairs = pairs_of(matrix)
    alone = sorted(set(range(len(matrix))).difference(*pairs))
    return [*pairs, tuple(alone)]
