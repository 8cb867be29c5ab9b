"""Where values are kept, and for how long."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from wubu.core.graph import Value
from wubu.executors.native.code import ir
from wubu.executors.native.code.elementwise import RULES
from wubu.executors.native.code.emitter import I8, Index, Register
from wubu.executors.native.generation.memory import aligned
from wubu.executors.native.generation.skeleton import Skeleton, Sum
from wubu.executors.native.kernels.moves import RULES as MOVES
from wubu.executors.native.planning.lazy import Lazy, Memo, Place, View, row_major
from wubu.executors.native.planning.mixing import all_nodes
from wubu.executors.native.planning.places import PrivateSum
from wubu.executors.native.planning.plan import Plan
from wubu.executors.native.planning.strided import rounds, using, walk


class Storage(Skeleton):
    """Values of a program by what they are now: lazy, or in memory."""

    def __init__(self, plan: Plan, clocks: bool = False) -> None:
        super().__init__(plan, clocks)
        self.memo = Memo()
        self.values: dict[Value, Lazy] = {}
        self.padded: dict[Value, View] = {}
        self.block: Index = 0
        self.homes: dict[Value, View] = {}  # places that wait for a value
        self.turned: dict[Any, Any] = {}  # see kernels/turned.py
        self.filters: dict[Value, View] = {}  # see kernels/winograd.py
        self.after_blocks: list[Callable[[], None]] = []  # what a part of sums needs
        self.position = 0
        self.round: Index | None = None  # of the loop that is emitted
        self.dividing = False  # whether threads make a value together
        self._last_read = _last_reads(plan)
        self._held: dict[int, list[int]] = {}

    def new_view(self, value: Value) -> View:
        """A new place for a value; it is the value from now on."""
        if value in self.plan.crossing:
            view = self._crossing_view(value)
        elif value in self.plan.margins:
            view = self.padded[value] = self._padded_view(value)
        else:
            view = self.homes.get(value) or self._plain_view(value)
        self.values[value] = view
        return view

    def _plain_view(self, value: Value) -> View:
        """A place without margins; a batched value gives it back after its last read,
        a shared one, which other threads may look at, never."""
        shape = self.plan.shape(value)
        size = int(np.prod(shape)) * value.dtype.itemsize
        if not self.plan.is_batched(value):
            place = self._new_place(value, "private", size)
            return View(place, shape, value.dtype, lanes=False)
        place = self.place("scratch", self.hold(value, size * self.e.lanes))
        return View(place, shape, value.dtype, lanes=True)

    def _padded_view(self, value: Value) -> View:
        """Spatial axes have zeros around; the place is never used again for anything
        else, so that they stay zero."""
        shape = self.plan.shape(value)
        lanes = self.plan.is_batched(value)
        first = 0 if lanes else 1  # the axis of samples comes first
        wide = list(shape)
        starts = [0] * len(shape)
        for axis, (before, after) in enumerate(self.plan.margins[value], start=first):
            wide[axis] = before + shape[axis] + after
            starts[axis] = before
        size = int(np.prod(wide)) * value.dtype.itemsize
        size *= self.e.lanes if lanes else 1
        strides = row_major(wide)
        start = sum(a * s for a, s in zip(starts, strides, strict=True))
        pointer = self._new_place(value, "fixed", size)
        return View(pointer, shape, value.dtype, lanes, strides, start)

    def _new_place(self, value: Value, kind: str, size: int) -> Callable:
        """Memory of a kind, or that of all threads for what they make together."""
        if self.dividing and value in self.plan.divided:
            return self._common_place(size)
        arena = {"private": self.private, "fixed": self.fixed}[kind]
        return self.place(kind, arena.take(size))

    def _common_place(self, size: int) -> Callable:
        """Memory of all threads. In a loop there are two places in turn: what is made
        in one step, others may read while the next one begins."""
        if self.round is None:
            return self.place("common", self.common.take(size))
        e, size = self.e, aligned(size)
        places = self.place("common", self.common.take(2 * size))
        number = self.round

        def place() -> ir.Value:  # computed in each kernel that asks
            b = e.builder
            whole = isinstance(number, int)
            odd = number % 2 if whole else b.and_(e.index(number), e.index(1))
            return e.address(places(), e.times(odd, size), I8)

        return place

    def _crossing_view(self, value: Value) -> View:
        """Kept for all blocks, where all threads find it, for a later phase."""
        shape = self.plan.shape(value)
        each = int(np.prod(shape)) * value.dtype.itemsize * self.e.lanes
        offset = self.common.take(each * self.plan.blocks)

        def pointer() -> ir.Value:
            at = self.e.times(self.block, each)
            return self.e.address(self.place("common", offset)(), at, I8)

        view = View(pointer, shape, value.dtype, True)
        view.kept_for = value
        return view

    @contextlib.contextmanager
    def own_blocks(self) -> Iterator[None]:
        """A loop over the blocks of samples that are this thread's."""
        with self.journal.grouped("blocks"), self.own_partials() as (low, high):
            with self.e.loop(high, "block", start=low) as self.block:
                yield
            self.block = 0
            while self.after_blocks:
                self.after_blocks.pop(0)()

    def all_blocks_of(self, value: Value) -> View:
        """A value that crosses phases, with the blocks as its first axis."""
        found = self.view_of(value)
        assert value in self.plan.crossing
        size = int(np.prod(found.shape))

        def pointer() -> ir.Value:
            block, self.block = self.block, 0
            start = found.pointer()
            self.block = block
            return start

        shape, strides = (self.plan.blocks, *found.shape), (size, *found.strides)
        return View(pointer, shape, value.dtype, True, strides, found.offset)

    def view_of(self, value: Value) -> View:
        """The value in memory; stored now if it was not. Every sample has its own."""
        found = self.values[value]
        if (
            isinstance(found, View)
            and found.lanes == self.plan.is_batched(value)
            and (value not in self.plan.crossing or found.kept_for is value)
        ):
            return found
        return self.store(value, found)

    def store(self, value: Value, source: Lazy) -> View:
        """Stores every element of a lazy value in a new place."""
        with self.journal.storing(value):
            view = self.new_view(value)
            view.kept_for = value
            self.fill(view, source)
        return view

    def fill(self, view: View, source: Lazy) -> None:
        """Writes every element; along vectors where elements lie side by side."""
        e = self.e
        if not (source.is_flat() and view.is_flat()):
            if not (source.lanes and self._fill_by_sample(view, source)):
                self._fill_along(view, source)
            return
        size = int(np.prod(source.shape))
        for loop, _, active in rounds(e, size, "fill", e.lanes):
            with loop as i, using(e, active), self.memo:
                view.put_flat(e, i, source.flat(e, i))

    def _fill_by_sample(self, view: View, source: Lazy) -> bool:
        """Writes every element, read in vectors along the elements of each sample;
        whether that can be done."""
        e, shape = self.e, source.shape
        first = len(shape)  # from this axis on, places are equally far apart
        while (
            first
            and view.strides[first - 1] == math.prod(shape[first:]) * (view.strides[-1])
        ):
            first -= 1
        length = math.prod(shape[first:])
        if length < e.lanes or not (view.lanes and source.is_by_sample()):
            return False
        with e.nest(shape[:first], "row") as row:
            start = e.times(e.affine(row, row_major(shape[:first])), length)
            at = e.plus(e.affine(row, view.strides[:first]), view.offset)
            with e.loop(length, "turn", step=e.lanes) as i, self.memo:
                # The last vector begins earlier where it would end behind the row.
                i = e.smaller(i, length - e.lanes)
                for k, register in enumerate(source.by_sample(e, e.plus(start, i))):
                    step = e.times(e.plus(i, k), view.strides[-1])
                    where = e.times(e.plus(at, step), e.lanes)
                    e.store(e.spread(register), view.pointer(), where)
        return True

    def _fill_along(self, view: View, source: Lazy) -> None:
        """Writes every element, shared ones with vectors along the last axis."""

        def put(place: Place) -> None:
            with self.memo:
                view.put(self.e, place, source.at(self.e, place))

        walk(self.e, source.shape, "map", put, not (view.lanes or source.lanes))

    def store_plain(self, value: Value, source: Lazy) -> View:
        """Stores a value without margins, whatever else is kept of it."""
        with self.journal.storing(value):
            view = self._plain_view(value)
            self.fill(view, source)
        return view

    def padded_view_of(self, value: Value) -> View:
        """The value with margins of zeros around it."""
        if value not in self.plan.margins:
            return self.view_of(value)
        if value not in self.padded:
            with self.journal.storing(value):
                view = self.padded[value] = self._padded_view(value)
                self.fill(view, self.values[value])
        return self.padded[value]

    def hold(self, value: Value, size: int, *others: Value) -> int:
        """Scratch memory until values have been read for the last time."""
        offset = self.scratch.take(size)
        last = max(self._last_read[v] for v in (value, *others))
        self._held.setdefault(last, []).append(offset)
        return offset

    @contextlib.contextmanager
    def for_now(self, dtype: np.dtype, *shape: int) -> Iterator[View]:
        """Scratch memory of vectors, for the code that is emitted inside."""
        offset = self.scratch.take(math.prod(shape) * dtype.itemsize * self.e.lanes)
        yield View(self.place("scratch", offset), shape, dtype, lanes=True)
        self.scratch.give(offset)

    def release(self) -> None:
        for offset in self._held.pop(self.position, []):
            self.scratch.give(offset)

    # -- sums over samples ----------------------------------------------------------

    def private_sum(
        self,
        value: Value,
        name: str = "add",
        start: Any = 0,
        shape: tuple[int, ...] | None = None,
    ) -> View:
        """A place where this thread adds up a part of a value that is summed over all
        samples, or joins it by another elementwise operation that starts with another
        number. It may lie in memory in another shape."""
        shape = value.shape if shape is None else shape
        count = int(np.prod(value.shape))
        offset = self.private.take(count * value.dtype.itemsize)
        self.sums.append(Sum(offset, count, value.dtype, start))
        places = [self.place("private", offset, i) for i in range(self.plan.partials)]
        self.values[value] = PrivateSum(places, shape, value.dtype, name)
        own = self.place("partial", offset)
        return View(own, shape, value.dtype, lanes=False)

    def only_samples(self, register: Register, other: Any = 0) -> Register:
        """Zero, or another number, in lanes that hold no sample."""
        if self.plan.full or not register.lanes:
            return register
        rest = self.e.number(other, register.dtype, lanes=True)
        kept = self.e.builder.select(self.valid().value, register.value, rest.value)
        return Register(kept, register.dtype, True)

    def sample_numbers(self) -> Register:
        """The number of each lane's sample in the batch, int64."""
        int64 = np.dtype("int64")
        first = self.e.spread(
            Register(self.e.index(self.e.times(self.block, self.e.lanes)), int64, False)
        )
        lanes = self.e.lane_numbers(int64)
        return Register(self.e.builder.add(first.value, lanes.value), int64, True)

    def valid(self) -> Register:
        """Which lanes hold a sample."""
        numbers = self.sample_numbers()
        limit = self.e.number(self.plan.batch, numbers.dtype, lanes=True)
        found = self.e.builder.icmp_signed("<", numbers.value, limit.value)
        return Register(found, np.dtype("bool"), True)


def _last_reads(plan: Plan) -> dict[Value, int]:
    """The last place in the order at which a value, or something computed from it where
    it is read, may still be read."""
    last: dict[Value, int] = {}
    for node in reversed(list(all_nodes(plan.graph))):
        name = node.primitive.name
        here = plan.order[id(node)]
        for v in node.outputs:
            last.setdefault(v, here)
        if name == "scan":  # results of a step are read at its end
            for v in node.params["body"].outputs:
                last[v] = max(last.get(v, 0), here)
        later = name in RULES or name in MOVES or node.outputs[0] in plan.ends
        reach = max(here, *(last[v] for v in node.outputs)) if later else here
        for v in node.inputs:
            last[v] = max(last.get(v, 0), reach)
    return last
