"""Large products of shared matrices, in blocks that caches hold.

A block of the right matrix is laid side by side, in panels of a few vectors; tile by
tile, the rows of the left one meet all of its panels. Sums of a block wait in memory
for those of the next. The order is that of K. Goto and R. van de Geijn, Anatomy of
High-Performance Matrix Multiplication (2008).
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from wubu.executors.native.contraction import Contraction, Store
from wubu.executors.native.divided import parts_of
from wubu.executors.native.emitter import Index
from wubu.executors.native.kernels.turned import Stream, add_products
from wubu.executors.native.lazy import View
from wubu.executors.native.strided import using

if TYPE_CHECKING:
    from wubu.executors.native.generate import Generator

_VECTORS = 2  # of the right matrix, side by side in a panel
_STEPS = 256  # summed in one block
_PANELS = 8  # in a block: 256 steps of them are a quarter of a megabyte
_LEAST = 32  # rows and columns
_LEAST_WORK = 1 << 22  # products


def is_blocked(work: Contraction, lanes: int) -> bool:
    """Whether it is a product of two matrices that is worth it."""
    if len(work.outer) != 2 or len(work.inner) != 1 or work.right.dtype.kind != "f":
        return False
    (rows, columns), (steps,) = work.outer, work.inner
    plain = rows.left and columns.right and not rows.right and not columns.left
    least = min(rows.size, steps.size, columns.size // lanes * _LEAST)
    products = rows.size * columns.size * steps.size
    return bool(plain) and least >= _LEAST and products >= _LEAST_WORK


class Blocked:
    """Emits one product; threads divide its rows, if they do it together.

    Args:
        g: the generator.
        work: what is summed.
        registers: vector registers for elements of its dtype.
    """

    def __init__(self, g: Generator, work: Contraction, registers: int) -> None:
        self._g, self._e, self._work = g, g.e, work
        self._tile = (registers - _VECTORS - 1) // _VECTORS  # rows in it
        self._wide = _VECTORS * g.e.lanes
        self._columns = _PANELS * self._wide

    def emit(self, store: Store) -> None:
        (rows, columns), (steps,) = self._work.outer, self._work.inner
        e = self._e
        with (
            self._scratch(rows.size, self._columns) as sums,
            self._scratch(_PANELS, _STEPS, self._wide) as panels,
            e.loop(columns.size, "columns", step=self._columns) as first,
        ):
            self._clear(sums)
            with e.loop(steps.size, "steps", step=_STEPS) as step:
                self._pack(first, step, panels)
                self._add(first, step, panels, sums)
            self._bring_out(first, sums, store)

    @contextlib.contextmanager
    def _scratch(self, *shape: int) -> Iterator[View]:
        g, dtype = self._g, self._work.right.dtype
        offset = g.scratch.take(math.prod(shape) * dtype.itemsize)
        yield View(g.place("scratch", offset), shape, dtype, lanes=False)
        g.scratch.give(offset)

    def _rows(self) -> Iterator[tuple[Index, int]]:
        """Loops over this thread's tiles of rows: the first, and how many."""
        g, size = self._g, self._work.outer[0].size
        for loop, many in parts_of(g, size, self._tile, "rows", g.dividing):
            with loop as row:
                yield row, many

    def _panels(self, first: Index) -> contextlib.AbstractContextManager[Index]:
        """A loop over the panels of a block: the first column, counted in the block."""
        e = self._e
        count = e.smaller(
            self._columns, e.plus(self._work.outer[1].size, e.times(first, -1))
        )
        return e.loop(count, "panel", step=self._wide)

    def _clear(self, sums: View) -> None:
        e = self._e
        zero = e.number(0, sums.dtype, lanes=True)
        for row, many in self._rows():
            for i in range(many):
                with e.loop(self._columns, "zero", step=e.lanes) as column:
                    sums.put(e, (e.plus(row, i), e.by_lane(column)), zero)

    def _pack(self, first: Index, step: Index, panels: View) -> None:
        """Lays a block of the right matrix side by side, panel by panel."""
        e, right, work = self._e, self._work.right, self._work
        columns, steps = work.outer[1], work.inner[0]
        count = e.smaller(_STEPS, e.plus(steps.size, e.times(step, -1)))
        with self._panels(first) as panel:
            at = e.plus(first, panel)
            begin = e.affine((at, step), (columns.right, steps.right))
            begin = e.plus(begin, right.offset)
            to = e.times(panel, _STEPS)  # a panel is as long as it has steps
            left = e.plus(columns.size, e.times(at, -1))  # columns from here on
            if columns.right == 1:
                with e.loop(count, "pack") as k:
                    source = e.plus(begin, e.times(k, steps.right))
                    for j in range(0, self._wide, e.lanes):
                        some = e.smaller(e.larger(e.plus(left, -j), 0), e.lanes)
                        where = e.plus(e.plus(to, e.times(k, self._wide)), j)
                        pointer = right.pointer()
                        found = e.load_some(
                            pointer, e.plus(source, j), right.dtype, some
                        )
                        e.store(found, panels.pointer(), where)
                return
            many = e.smaller(left, self._wide)
            with e.loop(many, "pack") as j, e.loop(count, "pack") as k:
                source = e.affine((j, k), (columns.right, steps.right))
                found = e.load(right.pointer(), e.plus(begin, source), right.dtype)
                where = e.plus(to, e.affine((k, j), (self._wide, 1)))
                e.store(found, panels.pointer(), where)

    def _add(self, first: Index, step: Index, panels: View, sums: View) -> None:
        """Adds the products of a block to the sums."""
        e, left, work = self._e, self._work.left, self._work
        rows, steps = work.outer[0], work.inner[0]
        count = e.smaller(_STEPS, e.plus(steps.size, e.times(step, -1)))
        for row, many in self._rows():
            start = e.affine((row, step), (rows.left, steps.left))
            start = e.plus(start, left.offset)

            def factor(place: Sequence[Index], i: int, start: Index = start) -> Index:
                at = e.plus(e.times(place[0], steps.left), i * rows.left)
                return e.plus(start, at)

            with self._panels(first) as panel:
                cells = [
                    (e.plus(row, i), e.by_lane(e.plus(panel, j)))
                    for i in range(many)
                    for j in range(0, self._wide, e.lanes)
                ]
                found = [sums.at(e, cell) for cell in cells]
                to = e.times(panel, _STEPS)

                def vector(place: Sequence[Index], to: Index = to) -> Index:
                    return e.plus(to, e.times(place[0], self._wide))

                shape = (many, _VECTORS)
                vectors = Stream(panels.pointer, vector)
                factors = Stream(left.pointer, factor)
                add_products(e, found, shape, [count], vectors, factors)
                for cell, register in zip(cells, found, strict=True):
                    sums.put(e, cell, register)

    def _bring_out(self, first: Index, sums: View, store: Store) -> None:
        """Gives the sums of finished columns away."""
        e, size = self._e, self._work.outer[1].size
        whole = size // e.lanes * e.lanes
        here = e.smaller(self._columns, e.plus(whole, e.times(first, -1)))
        last = e.plus(whole, e.times(first, -1))
        for row, many in self._rows():
            with e.loop(many, "row") as i:
                at = e.plus(row, i)
                with e.loop(here, "out", step=e.lanes) as column:
                    to = (at, e.by_lane(e.plus(first, column)))
                    store(to, sums.at(e, (at, e.by_lane(column))))
                if size % e.lanes:
                    is_last = e.builder.icmp_signed(
                        "<", e.index(last), e.index(self._columns)
                    )
                    with e.when(is_last), using(e, size % e.lanes):
                        found = sums.at(e, (at, e.by_lane(last)))
                        store((at, e.by_lane(whole)), found)
