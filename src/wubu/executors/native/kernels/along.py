"""Sums of products of shared values, with vectors along an axis of the operands.

`scheme.py` decides how; this file emits the loops. One tile serves all: its sums lie in
registers, and an index that differs from lane to lane makes vectors of what is loaded
with it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from wubu.executors.native.code.emitter import Index, Register
from wubu.executors.native.kernels.contraction import Contraction, Store
from wubu.executors.native.kernels.scheme import Scheme, arrange
from wubu.executors.native.kernels.streaming import stream
from wubu.executors.native.planning.divided import Part, parts_of
from wubu.executors.native.planning.lazy import View, row_major
from wubu.executors.native.planning.strided import load, rounds, using

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator


class _Tile(NamedTuple):
    """Some of an axis: where it starts, and how many sums lie along it."""

    start: Index
    many: int


def contract_shared(g: Generator, work: Contraction, store: Store) -> None:
    """Emits a contraction of shared values; `store(place, register)` takes each result,
    or a vector of results if the place differs from lane to lane."""
    itemsize = work.right.dtype.itemsize
    registers = max(8, g.registers * 4 // max(4, itemsize))
    arranged = arrange(work, g.e.lanes, registers)
    if arranged.scheme.streams:
        stream(g, arranged.work, arranged.scheme.axis, store)
    else:
        _Emission(g, arranged.work, arranged.scheme, store).emit()


class _Emission:
    """Emits one contraction by a scheme."""

    def __init__(
        self, g: Generator, work: Contraction, scheme: Scheme, store: Store
    ) -> None:
        self._g, self._e, self._store = g, g.e, store
        self._work, self._scheme = work, scheme
        self._dtype = work.right.dtype
        self._right = work.right  # as it is read: perhaps packed
        self._right_outer = [axis.right for axis in work.outer]
        self._right_inner = [axis.right for axis in work.inner]
        self._vectors = scheme.axis >= 0 or scheme.inner
        self._divided = -1  # the axis that threads divide
        self._threads = g.plan.threads

    def emit(self) -> None:
        outer, axis = self._work.outer, self._scheme.axis
        rows = [i for i, a in enumerate(outer) if a.right and i != axis]
        columns = [i for i, a in enumerate(outer) if not a.right and i != axis]
        along = [axis] if axis >= 0 else []
        offset = (
            self._g.scratch.take(self._packed_size()) if self._scheme.packed else -1
        )
        order = [*rows, *along, *columns]
        if self._g.dividing and order:
            self._divided = max(order, key=self._evenness)
        self._loops([*rows, *along], columns, {}, offset)
        if offset >= 0:
            self._g.scratch.give(offset)

    def _loops(
        self, first: list[int], then: list[int], at: dict[int, _Tile], offset: int
    ) -> None:
        """Loops along the axes of the right operand, then along the others."""
        if not first and offset >= 0:
            self._pack(at, offset)
            offset = -1
        axes = first or then
        if not axes:
            self._tile(at)
            return
        axis, *rest = axes
        lanes = self._e.lanes if axis == self._scheme.axis else 1
        for loop, size in self._parts_of(axis):
            count = math.ceil(size / lanes)
            with loop as i:
                here = {**at, axis: _Tile(i, count)}
                if first:
                    self._loops(rest, then, here, offset)
                else:
                    self._loops([], rest, here, offset)

    def _unit(self, axis: int) -> int:
        """Elements of a whole tile along an axis."""
        lanes = self._e.lanes if axis == self._scheme.axis else 1
        return self._scheme.counts[axis] * lanes

    def _evenness(self, axis: int) -> float:
        """How evenly threads can divide the tiles along an axis; 1 is best."""
        tiles, threads = self._work.outer[axis].size / self._unit(axis), self._threads
        return tiles / (threads * math.ceil(tiles / threads))

    def _parts_of(self, axis: int) -> list[Part]:
        """Loops over whole tiles along an axis, and over what is left at its edge."""
        size, unit = self._work.outer[axis].size, self._unit(axis)
        return parts_of(self._g, size, unit, f"tile{axis}", axis == self._divided)

    def _active(self, at: dict[int, _Tile], vector: int) -> int:
        """Lanes in use in one of the vectors of a tile."""
        axis, lanes = self._scheme.axis, self._e.lanes
        if axis < 0 or not isinstance(at[axis].start, int):
            return lanes
        start = at[axis].start + vector * lanes
        return min(lanes, self._work.outer[axis].size - start)

    # -- packing ------------------------------------------------------------------

    def _packed_size(self) -> int:
        steps = math.prod(axis.size for axis in self._work.inner)
        wide = self._scheme.counts[self._scheme.axis] * self._e.lanes
        return steps * wide * self._dtype.itemsize

    def _pack(self, at: dict[int, _Tile], offset: int) -> None:
        """Lays what the right operand has for these results side by side."""
        e, work, axis = self._e, self._work, self._scheme.axis
        wide = self._scheme.counts[axis] * e.lanes
        shape = (*(a.size for a in work.inner), wide)
        packed = View(self._g.place("scratch", offset), shape, self._dtype, False)
        base: Index = work.right.offset
        for i, part in at.items():
            base = e.plus(base, e.times(part.start, work.outer[i].right))
        with e.nest(shape[:-1], "pack") as steps:
            here = e.plus(base, e.affine(steps, [a.right for a in work.inner]))
            for j in range(at[axis].many):
                move = e.times(e.by_lane(j * e.lanes), work.outer[axis].right)
                with using(e, self._active(at, j)):
                    found = load(
                        e, work.right.pointer(), e.plus(here, move), self._dtype
                    )
                packed.put(e, (*steps, e.by_lane(j * e.lanes)), e.spread(found))
        self._right = packed.with_strides(
            shape, packed.strides, e.times(at[axis].start, -1)
        )
        self._right_inner = list(row_major(shape)[:-1])
        self._right_outer = [int(i == axis) for i in range(len(work.outer))]

    # -- a tile -------------------------------------------------------------------

    def _tile(self, at: dict[int, _Tile]) -> None:
        """Sums in registers, all steps of the inner axes, and the results."""
        e, work, scheme = self._e, self._work, self._scheme
        order = range(len(work.outer))
        cells = list(itertools.product(*[range(at[i].many) for i in order]))
        zero = e.number(0, self._dtype, self._vectors)
        most = max(1, 8 // len(cells))
        sums = [
            [e.variable(zero.value.type, "sum") for _ in range(most)] for _ in cells
        ]
        for one in itertools.chain(*sums):
            e.builder.store(zero.value, one)
        places = [self._place(at, cell) for cell in cells]
        actives = [
            self._active(at, cell[scheme.axis]) if scheme.axis >= 0 else e.lanes
            for cell in cells
        ]
        with e.nest([axis.size for axis in work.inner[:-1]], "inner") as before:
            size = work.inner[-1].size if work.inner else 1
            unit = e.lanes if scheme.inner else 1
            for loop, unrolled, active in rounds(e, size, "step", unit, most):
                with loop as last:
                    for k in range(unrolled):
                        steps = (*before, self._step(last, k)) if work.inner else ()
                        mine = [cell[k] for cell in sums]
                        used = [active] * len(cells) if scheme.inner else actives
                        self._add(places, used, steps, mine)
        for place, cell, active in zip(places, sums, actives, strict=True):
            total = self._total(cell)
            with using(e, active):
                self._store(place, total)

    def _place(self, at: dict[int, _Tile], cell: Sequence[int]) -> list[Index]:
        e, found = self._e, []
        for i, number in enumerate(cell):
            if i == self._scheme.axis:
                found.append(e.by_lane(e.plus(at[i].start, number * e.lanes)))
            else:
                found.append(e.plus(at[i].start, number))
        return found

    def _step(self, last: Index, number: int) -> Index:
        e = self._e
        if self._scheme.inner:
            return e.by_lane(e.plus(last, number * e.lanes))
        return e.plus(last, number)

    def _add(
        self,
        places: Sequence[Sequence[Index]],
        actives: Sequence[int],
        steps: Sequence[Index],
        sums: Sequence[Any],
    ) -> None:
        """Adds the products of a step to the sums; what several need is loaded once."""
        e, work = self._e, self._work
        left = work.left, [a.left for a in work.outer], [a.left for a in work.inner]
        right = self._right, self._right_outer, self._right_inner
        known: dict[Any, Register] = {}

        def operand(side: Any, place: Sequence[Index], active: int) -> Register:
            view, outer, inner = side
            where = e.plus(e.affine(place, outer), e.affine(steps, inner))
            key = id(view), where if isinstance(where, int) else id(where)
            if key not in known:
                whole = e.plus(where, view.offset)
                with using(e, active):
                    found = load(e, view.pointer(), whole, self._dtype)
                known[key] = e.spread(found) if self._vectors else found
            return known[key]

        for place, active, cell in zip(places, actives, sums, strict=True):
            a, b = operand(left, place, active), operand(right, place, active)
            kind = e.type_of(self._dtype, self._vectors)
            so_far = Register(
                e.builder.load(cell, typ=kind), self._dtype, self._vectors
            )
            e.builder.store(e.fma(a, b, so_far).value, cell)

    def _total(self, cells: Sequence[Any]) -> Register:
        """The sums of one result added up."""
        e, kind = self._e, self._dtype.kind
        name = {"f": "fadd", "b": "or_"}.get(kind, "add")
        join = getattr(e.builder, name)
        values = [
            e.builder.load(cell, typ=e.type_of(self._dtype, self._vectors))
            for cell in cells
        ]
        while len(values) > 1:
            half = -(-len(values) // 2)
            pairs = itertools.zip_longest(values[:half], values[half:])
            values = [join(a, b) if b is not None else a for a, b in pairs]
        found = Register(values[0], self._dtype, self._vectors)
        return e.sum_lanes(found) if self._scheme.inner else found
