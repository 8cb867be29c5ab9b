"""Convolutions in tiles with fewer products; see `planning/winograd.py`.

One row of tiles after the other: inputs are transformed along the first axis for the
whole row, since tiles share columns. Then for each tile, and each of its rows of
products, inputs are transformed along the second axis, multiplied and summed over
channels in registers, and transformed back where they are. Last come the results along
the first axis. Where the kernel is large, all tiles of the row meet one part of it
after the other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from wubu.core.graph import Node, Value
from wubu.executors.native.code.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.code.emitter import Emitter, Index, Register
from wubu.executors.native.kernels.making import Store
from wubu.executors.native.planning.lazy import Place, View
from wubu.executors.native.planning.strided import rounds, using
from wubu.executors.native.planning.winograd import Matrix, Tiling, transposed

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator


def transform_kernels(g: Generator, nodes: Sequence[Node]) -> None:
    """Makes kernels as the products take them, once a step; large ones once for all
    threads, which divide the work."""
    nodes = [node for node in nodes if node.primitive.name != "conv_kernel"]
    large = [node for node in nodes if g.plan.filters[node.outputs[0]].is_large()]
    for node in nodes:
        with g.journal.making("turn", node.outputs[0]):
            _transform_kernel(g, node, node in large)
    if large:
        g.barrier()


def _transform_kernel(g: Generator, node: Node, together: bool) -> None:
    e, kernel = g.e, node.inputs[1]
    tiling = g.plan.filters[node.outputs[0]]
    into, out = tiling.channels
    rows, columns = (f.of_kernel for f in tiling.filters)
    if tiling.turned:
        rows, columns = _backwards(rows), _backwards(columns)
    source = g.view_of(kernel)
    made = g.filters[node.outputs[0]] = _kernel_view(g, tiling, kernel.dtype, together)

    def put(channel: Index, first: Index) -> None:
        to = e.by_lane(first)
        pair = (to, channel) if tiling.turned else (channel, to)
        taps = [
            [source.at(e, (i, j, *pair)) for i in range(kernel.shape[0])]
            for j in range(kernel.shape[1])
        ]
        lines = [combined(e, rows, line) for line in taps]
        for i, line in enumerate(transposed(lines)):
            for j, register in enumerate(combined(e, columns, line)):
                made.put(e, (i, first, channel, j, e.by_lane(0)), register)

    low, high = g.share_of(into) if together else (0, into)
    with e.loop(high, "in", start=low) as channel:
        for loop, _, active in rounds(e, out, "out", e.lanes):
            with loop as first, using(e, active):
                put(channel, first)


def _kernel_view(g: Generator, tiling: Tiling, dtype: np.dtype, together: bool) -> View:
    """A place for a transformed kernel, in the order in which it is read: [row, vector
    of channels out, channel in, column, channel out in the vector]. A vector is counted
    by its first channel."""
    (into, out), (high, wide) = tiling.channels, tiling.products
    unit, vectors = g.e.lanes, -(-out // g.e.lanes)
    size = high * vectors * into * wide * unit * dtype.itemsize
    arena, kind = (g.common, "common") if together else (g.private, "private")
    return View(
        g.place(kind, arena.take(size)),
        (high, vectors * unit, into, wide, unit),
        dtype,
        lanes=False,
        strides=(vectors * into * wide * unit, into * wide, wide * unit, unit, 1),
    )


def _backwards(matrix: Matrix) -> Matrix:
    return tuple(row[::-1] for row in matrix)


def filtered(g: Generator, node: Node) -> None:
    """A convolution, or its input's gradient."""
    tiling = g.plan.filters[node.outputs[0]]
    inputs = from_first_window(g, tiling, node.inputs[0])
    rows = _rows(tiling, g.registers, g.e.lanes)
    g.journal.tile(f"{rows}x{tiling.products[1]}")

    def kernel(store: Store) -> None:
        _Filter(g, tiling, inputs, g.filters[node.outputs[0]], rows).emit(store)

    g.produce(node.outputs[0], kernel)


def from_first_window(g: Generator, tiling: Tiling, value: Value) -> View:
    """Inputs, counted from where the first tile begins, in their margins."""
    view = g.padded_view_of(value)
    back = [-n for n in tiling.before]
    start = view.offset + g.e.affine(back, view.strides[:2])
    return view.with_strides(view.shape, view.strides, start)


def _rows(tiling: Tiling, registers: int, lanes: int) -> int:
    """How many channels of results a tile of registers has: so many that fit, and that
    tiles fill vectors of the kernel."""
    most = max(1, (registers - 2) // tiling.products[1])
    return max(n for n in (1, 2, 4, 8) if n <= min(most, lanes))


class _Filter:
    """The loops of one convolution."""

    def __init__(
        self, g: Generator, tiling: Tiling, inputs: View, kernel: View, rows: int
    ) -> None:
        self._g, self._e, self._tiling = g, g.e, tiling
        self._inputs, self._kernel, self._rows = inputs, kernel, rows
        # Tiles that meet a part of the kernel while it is in the nearest cache.
        self._together = tiling.tiles[1] if tiling.is_large() else 1

    def emit(self, store: Store) -> None:
        tiling, e, many = self._tiling, self._e, self._together
        (into, out), (high, wide) = tiling.channels, tiling.products
        _, across = tiling.widths()
        with (
            self._g.for_now(self._inputs.dtype, high, across, into) as lines,
            self._g.for_now(self._inputs.dtype, many, wide, into) as line,
            self._g.for_now(
                self._inputs.dtype, many, high, tiling.filters[1].outputs, out
            ) as sums,
            e.loop(tiling.tiles[0], "tiles") as row,
        ):
            self._first_axis(row, lines)
            with e.loop(tiling.tiles[1], "tile", step=many) as column:
                with e.loop(high, "line") as i:
                    with e.loop(many, "tile") as t:
                        self._second_axis((column, t), i, lines, line)
                    self._products(i, line, sums)
                with e.loop(many, "tile") as t:
                    self._results((row, column, t), sums, store)

    def _first_axis(self, row: Index, lines: View) -> None:
        e, filtering = self._e, self._tiling.filters[0]
        top = e.times(row, filtering.outputs)
        with e.nest(lines.shape[1:], "transform") as place:
            found = [
                self._inputs.at(e, (e.plus(top, i), *place))
                for i in range(filtering.products)
            ]
            for i, register in enumerate(combined(e, filtering.of_inputs, found)):
                lines.put(e, (i, *place), register)

    def _second_axis(self, tile: Place, i: Index, lines: View, line: View) -> None:
        e, filtering = self._e, self._tiling.filters[1]
        column, t = tile
        first = e.times(e.plus(column, t), filtering.outputs)
        with e.loop(line.shape[-1], "transform") as channel:
            found = [
                lines.at(e, (i, e.plus(first, j), channel))
                for j in range(filtering.products)
            ]
            for j, register in enumerate(combined(e, filtering.of_inputs, found)):
                line.put(e, (t, j, channel), register)

    def _products(self, i: Index, line: View, sums: View) -> None:
        """Sums over channels, for one vector of the kernel after the other."""
        e = self._e
        for start, stop, count in _parts(self._tiling.channels[1], e.lanes):
            with e.loop(stop, "vector", step=e.lanes, start=start) as first:
                for begin, end, rows in _parts(count, self._rows):
                    with (
                        e.loop(end, "rows", step=rows, start=begin) as k,
                        e.loop(self._together, "tile") as t,
                    ):
                        self._tile((i, first, k, t), rows, line, sums)

    def _tile(self, at: Place, rows: int, line: View, sums: View) -> None:
        """Sums in registers, and what the second axis makes of them."""
        e, columns = self._e, range(self._tiling.products[1])
        i, first, start, t = at
        found = [e.number(0, line.dtype, lanes=True)] * (rows * len(columns))
        with e.loop(self._tiling.channels[0], "sum", carried=found) as channel:
            for j in columns:
                number = line.at(e, (t, j, channel))
                for k in range(rows):
                    place = (i, first, channel, j, e.plus(start, k))
                    weight = e.spread(self._kernel.at(e, place))
                    cell = k * len(columns) + j
                    found[cell] = e.fma(weight, number, found[cell])
        for k in range(rows):
            part = found[k * len(columns) : (k + 1) * len(columns)]
            made = combined(e, self._tiling.filters[1].of_results, part)
            for j, register in enumerate(made):
                to = e.plus(first, e.plus(start, k))
                sums.put(e, (t, i, j, to), register)

    def _results(self, tile: Place, sums: View, store: Store) -> None:
        e, tiling = self._e, self._tiling
        row, column, t = tile
        high, wide = (f.outputs for f in tiling.filters)
        top, first = e.times(row, high), e.times(e.plus(column, t), wide)
        with e.nest(sums.shape[2:], "result") as (j, out):
            x = e.plus(first, j)
            with self._inside(x, 1):
                lines = range(tiling.products[0])
                found = [sums.at(e, (t, i, j, out)) for i in lines]
                made = combined(e, tiling.filters[0].of_results, found)
                for i, register in enumerate(made):
                    y = e.plus(top, i)
                    with self._inside(y, 0):
                        store((y, x, out), register)

    def _inside(self, i: Index, axis: int) -> contextlib.AbstractContextManager[None]:
        """Code for results that there are: the last tile may reach further."""
        size, e = self._tiling.sizes[axis], self._e
        if size % self._tiling.filters[axis].outputs == 0:
            return contextlib.nullcontext()
        return e.when(e.builder.icmp_signed("<", e.index(i), e.index(size)))


def _parts(count: int, step: int) -> list[tuple[int, int, int]]:
    """From, up to, and how many at a time: whole steps, and what is left."""
    whole = count // step * step
    parts = [(0, whole, step), (whole, count, count - whole)]
    return [part for part in parts if part[2] and part[0] < part[1]]


# -- small matrices of constants ------------------------------------------------------


def combined(e: Emitter, matrix: Matrix, numbers: Sequence[Register]) -> list[Register]:
    """A matrix of constants times a vector of registers.

    Points come in pairs ±p, so rows (or columns) come in pairs that only differ in the
    sign of every other element: those share their even and their odd part.
    """
    columns = transposed(matrix)
    pairs = pairs_of(columns)
    if pairs:
        return _folded(e, matrix, numbers, pairs)
    found: dict[int, Register] = {}
    for i, k in pairs_of(matrix):
        row = matrix[i]
        even = _scaled(e, *_sum(e, row[::2], numbers[::2]))
        odd, factor = _sum(e, row[1::2], numbers[1::2])
        found[i] = _add(e, factor, odd, even)
        found[k] = _add(e, -factor, odd, even)
    return [
        found[i] if i in found else _scaled(e, *_sum(e, row, numbers))
        for i, row in enumerate(matrix)
    ]


def pairs_of(rows: Matrix) -> list[tuple[int, int]]:
    """Rows that differ in the signs of their odd elements."""
    signs = [(-1) ** k for k in range(len(rows[0]))]
    turned = [tuple(s * a for s, a in zip(signs, row, strict=True)) for row in rows]
    return [
        (i, turned.index(row, i + 1))
        for i, row in enumerate(rows)
        if any(row[1::2]) and row in turned[i + 1 :]
    ]


def _folded(
    e: Emitter,
    matrix: Matrix,
    numbers: Sequence[Register],
    pairs: Sequence[tuple[int, int]],
) -> list[Register]:
    """Where columns are pairs: even rows see the sum of two numbers, odd rows their
    difference."""
    alone = sorted(set(range(len(numbers))).difference(*pairs))
    both = [
        tuple(
            ELEMENTWISE[name][0](e, numbers[i], numbers[k]) for name in ("add", "sub")
        )
        for i, k in pairs
    ]
    found = []
    for number, row in enumerate(matrix):
        factors = [row[i] for i, _ in pairs] + [row[i] for i in alone]
        terms = [pair[number % 2] for pair in both] + [numbers[i] for i in alone]
        found.append(_scaled(e, *_sum(e, factors, terms)))
    return found


def _sum(
    e: Emitter, factors: Sequence[Fraction], numbers: Sequence[Register]
) -> tuple[Register, Fraction]:
    """A sum of multiples, as a register and what is left to multiply it with."""
    terms = [(f, n) for f, n in zip(factors, numbers, strict=True) if f]
    terms.sort(key=lambda term: abs(term[0]) != 1)  # a plain one first, if there is one
    (factor, total), *rest = terms
    for f, number in rest:
        total = _add(e, f / factor, number, total)
    return total, factor


def _add(e: Emitter, factor: Fraction, number: Register, total: Register) -> Register:
    """factor * number + total."""
    if abs(factor) == 1:
        name = "add" if factor > 0 else "sub"
        return ELEMENTWISE[name][0](e, total, number)
    return e.fma(_constant(e, factor, number), number, total)


def _scaled(e: Emitter, number: Register, factor: Fraction) -> Register:
    if factor == 1:
        return number
    return ELEMENTWISE["mul"][0](e, _constant(e, factor, number), number)


def _constant(e: Emitter, factor: Fraction, like: Register) -> Register:
    return e.number(float(factor), like.dtype, like.lanes)
