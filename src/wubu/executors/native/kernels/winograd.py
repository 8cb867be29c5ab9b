"""Convolutions in tiles with fewer products; see `native/winograd.py`.

One row of tiles after the other: inputs are transformed along the first axis for the
whole row, since tiles share columns. Then for each tile, and each of its rows of
products, inputs are transformed along the second axis, multiplied and summed over
channels in registers, and transformed back where they are. Last come the results along
the first axis.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from wubu.core.graph import Node
from wubu.executors.native.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.emitter import Emitter, Index, Register
from wubu.executors.native.kernels.making import Store
from wubu.executors.native.lazy import Place, View
from wubu.executors.native.strided import walk
from wubu.executors.native.winograd import Matrix, Tiling, transposed

if TYPE_CHECKING:
    from wubu.executors.native.generate import Generator


def transform_kernel(g: Generator, node: Node) -> None:
    """The kernel as the products take it, once a step: [row, column, in, out]."""
    e, kernel = g.e, node.inputs[1]
    tiling = g.plan.filters[node.outputs[0]]
    rows, columns = (f.of_kernel for f in tiling.filters)
    if tiling.turned:
        rows, columns = _backwards(rows), _backwards(columns)
    source = g.view_of(kernel)
    shape = (*tiling.products, *kernel.shape[2:])
    size = math.prod(shape) * kernel.dtype.itemsize
    made = View(g.place("private", g.private.take(size)), shape, kernel.dtype, False)

    def put(place: Place) -> None:
        taps = range(kernel.shape[1])
        lines = [
            combined(
                e, rows, [source.at(e, (i, j, *place)) for i in range(len(rows[0]))]
            )
            for j in taps
        ]
        for i, line in enumerate(transposed(lines)):
            for j, register in enumerate(combined(e, columns, line)):
                made.put(e, (i, j, *place), register)

    with g.journal.making("turn", node.outputs[0]):
        walk(e, kernel.shape[2:], "kernel", put)
    g.filters[node.outputs[0]] = made


def _backwards(matrix: Matrix) -> Matrix:
    return tuple(row[::-1] for row in matrix)


def filtered(g: Generator, node: Node) -> None:
    """A convolution, or its input's gradient."""
    tiling = g.plan.filters[node.outputs[0]]
    inputs = g.padded_view_of(node.inputs[0])
    back = [-n for n in tiling.before]
    start = inputs.offset + g.e.affine(back, inputs.strides[:2])
    inputs = inputs.with_strides(inputs.shape, inputs.strides, start)
    rows = _rows(tiling, g.registers)
    g.journal.tile(f"{rows}x{tiling.products[1]}")

    def kernel(store: Store) -> None:
        _Filter(g, tiling, inputs, g.filters[node.outputs[0]], rows).emit(store)

    g.produce(node.outputs[0], kernel)


def _rows(tiling: Tiling, registers: int) -> int:
    """How many channels of results a tile of registers has: as many as fit, in parts of
    about one size."""
    most = max(1, (registers - 2) // tiling.products[1])
    return -(-tiling.channels[1] // -(-tiling.channels[1] // most))


class _Filter:
    """The loops of one convolution."""

    def __init__(
        self, g: Generator, tiling: Tiling, inputs: View, kernel: View, rows: int
    ) -> None:
        self._g, self._e, self._tiling = g, g.e, tiling
        self._inputs, self._rows = inputs, rows
        # The kernel's axes as the products sum them: [row, column, in, out].
        order = (0, 1, 3, 2) if tiling.turned else (0, 1, 2, 3)
        self._kernel = kernel.with_strides(
            tuple(kernel.shape[i] for i in order),
            tuple(kernel.strides[i] for i in order),
            kernel.offset,
        )

    def emit(self, store: Store) -> None:
        tiling, e = self._tiling, self._e
        (into, out), (high, wide) = tiling.channels, tiling.products
        _, across = tiling.widths()
        with (
            self._scratch(high, across, into) as lines,
            self._scratch(wide, into) as line,
            self._scratch(high, tiling.filters[1].outputs, out) as sums,
            e.loop(tiling.tiles[0], "tiles") as row,
        ):
            self._first_axis(row, lines)
            with e.loop(tiling.tiles[1], "tile") as column:
                with e.loop(high, "line") as i:
                    self._second_axis(column, i, lines, line)
                    self._products(i, line, sums)
                self._results((row, column), sums, store)

    @contextlib.contextmanager
    def _scratch(self, *shape: int) -> Iterator[View]:
        dtype, arena = self._inputs.dtype, self._g.scratch
        offset = arena.take(math.prod(shape) * dtype.itemsize * self._e.lanes)
        yield View(self._g.place("scratch", offset), shape, dtype, lanes=True)
        arena.give(offset)

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

    def _second_axis(self, column: Index, i: Index, lines: View, line: View) -> None:
        e, filtering = self._e, self._tiling.filters[1]
        first = e.times(column, filtering.outputs)
        with e.loop(line.shape[1], "transform") as channel:
            found = [
                lines.at(e, (i, e.plus(first, j), channel))
                for j in range(filtering.products)
            ]
            for j, register in enumerate(combined(e, filtering.of_inputs, found)):
                line.put(e, (j, channel), register)

    def _products(self, i: Index, line: View, sums: View) -> None:
        """Sums over channels, in registers, and what the second axis makes of them."""
        e, (into, out) = self._e, self._tiling.channels
        whole = out // self._rows * self._rows
        parts = [(0, whole, self._rows), (whole, out, out - whole)]
        columns = range(self._tiling.products[1])
        zero = e.number(0, line.dtype, lanes=True)
        for start, stop, rows in parts:
            if start == stop:
                continue
            with e.loop(stop, "channels", step=rows, start=start) as first:
                cells = list(itertools.product(range(rows), columns))
                found = [zero] * len(cells)
                with e.loop(into, "sum", carried=found) as channel:
                    for j in columns:
                        number = line.at(e, (j, channel))
                        for k in range(rows):
                            where = (i, j, channel, e.plus(first, k))
                            weight = e.spread(self._kernel.at(e, where))
                            at = k * len(columns) + j
                            found[at] = e.fma(weight, number, found[at])
                for k in range(rows):
                    part = found[k * len(columns) : (k + 1) * len(columns)]
                    made = combined(e, self._tiling.filters[1].of_results, part)
                    for j, register in enumerate(made):
                        sums.put(e, (i, j, e.plus(first, k)), register)

    def _results(self, tile: tuple[Index, Index], sums: View, store: Store) -> None:
        e, tiling = self._e, self._tiling
        first, second = (
            e.times(t, f.outputs) for t, f in zip(tile, tiling.filters, strict=True)
        )
        with e.loop(sums.shape[1], "across") as j, e.loop(sums.shape[2], "out") as out:
            column = e.plus(second, j)
            with self._inside(column, 1):
                found = [sums.at(e, (i, j, out)) for i in range(sums.shape[0])]
                made = combined(e, tiling.filters[0].of_results, found)
                for i, register in enumerate(made):
                    row = e.plus(first, i)
                    with self._inside(row, 0):
                        store((row, column, out), register)

    def _inside(self, i: Index, axis: int) -> contextlib.AbstractContextManager[None]:
        """Code for results that there are: the last tile may reach further."""
        size, e = self._tiling.sizes[axis], self._e
        if size % self._tiling.filters[axis].outputs == 0:
            return contextlib.nullcontext()
        return e.when(e.builder.icmp_signed("<", e.index(i), e.index(size)))


# -- small matrices of constants ------------------------------------------------------


def combined(e: Emitter, matrix: Matrix, numbers: Sequence[Register]) -> list[Register]:
    """A matrix of constants times a vector of registers.

    Points come in pairs ±p, so rows (or columns) come in pairs that only differ in the
    sign of every other element: those share their even and their odd part.
    """
    columns = transposed(matrix)
    pairs = _pairs(columns)
    if pairs:
        return _folded(e, matrix, numbers, pairs)
    found: dict[int, Register] = {}
    for i, k in _pairs(matrix):
        row = matrix[i]
        even = _scaled(e, *_sum(e, row[::2], numbers[::2]))
        odd, factor = _sum(e, row[1::2], numbers[1::2])
        found[i] = _add(e, factor, odd, even)
        found[k] = _add(e, -factor, odd, even)
    return [
        found[i] if i in found else _scaled(e, *_sum(e, row, numbers))
        for i, row in enumerate(matrix)
    ]


def _pairs(rows: Matrix) -> list[tuple[int, int]]:
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
    alone = set(range(len(numbers))).difference(*pairs)
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
