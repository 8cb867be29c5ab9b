"""Where values are kept, and for how long."""

from __future__ import annotations

from typing import Any

import llvmlite.ir as ir
import numpy as np

from wubu.core.graph import Value
from wubu.executors.native.elementwise import RULES
from wubu.executors.native.emitter import I8, Index, Register
from wubu.executors.native.lazy import Lazy, Memo, View, row_major
from wubu.executors.native.moves import RULES as MOVES
from wubu.executors.native.places import PrivateSum
from wubu.executors.native.plan import Plan
from wubu.executors.native.skeleton import Skeleton


class Storage(Skeleton):
    """Values of a program by what they are now: lazy, or in memory."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.memo = Memo()
        self.values: dict[Value, Lazy] = {}
        self.padded: dict[Value, View] = {}
        self.block: Index = 0
        self.position = 0
        self._last_read = _last_reads(plan)
        self._held: dict[int, list[int]] = {}

    def new_view(self, value: Value) -> View:
        """A new place for a batched value; it is the value from now on."""
        shape = self.plan.shape(value)
        margins = self.plan.margins.get(value)
        size = value.dtype.itemsize * self.e.lanes
        if value in self.plan.crossing:
            view = self._crossing_view(value, shape, size)
        elif margins is not None:
            view = self._padded_view(value, shape, margins, size)
            self.padded[value] = view
        else:
            offset = self.scratch.take(int(np.prod(shape)) * size)
            self._held.setdefault(self._last_read[value], []).append(offset)
            view = View(self.place("scratch", offset), shape, value.dtype, True)
        self.values[value] = view
        return view

    def _padded_view(self, value: Value, shape: Any, margins: Any, size: int) -> View:
        """Spatial axes have zeros around and between; the place is never used again for
        anything else, so that they stay zero."""
        wide = list(shape)
        starts, steps = [0] * len(shape), [1] * len(shape)
        for axis, (before, after, between) in enumerate(margins):
            wide[axis] = before + (shape[axis] - 1) * (between + 1) + 1 + after
            starts[axis], steps[axis] = before, between + 1
        offset = self.fixed.take(int(np.prod(wide)) * size)
        strides = row_major(wide)
        start = sum(a * s for a, s in zip(starts, strides, strict=True))
        strides = tuple(a * s for a, s in zip(steps, strides, strict=True))
        pointer = self.place("fixed", offset)
        view = View(pointer, shape, value.dtype, True, strides, start)
        view.steps = tuple(steps)
        return view

    def _crossing_view(self, value: Value, shape: Any, size: int) -> View:
        """Kept for all blocks of this thread, for a later phase."""
        each = int(np.prod(shape)) * size
        most = -(-self.plan.blocks // self.plan.threads) + 1
        offset = self.fixed.take(each * most)

        def pointer() -> ir.Value:
            low, _ = self.share_of(self.plan.blocks)
            number = self.e.plus(self.block, self.e.times(low, -1))
            base = self.place("fixed", offset)()
            return self.e.address(base, self.e.times(number, each), I8)

        return View(pointer, shape, value.dtype, True)

    def view_of(self, value: Value) -> View:
        """The value in memory; stored now if it was not."""
        found = self.values[value]
        if isinstance(found, View) and (
            value not in self.plan.crossing or found.kept_for is value
        ):
            return found
        return self.store(value, found)

    def store(self, value: Value, source: Lazy) -> View:
        """Stores every element of a lazy value in a new place."""
        if not self.plan.is_batched(value):
            return self.store_shared(value, source)
        view = self.new_view(value)
        view.kept_for = value
        self.fill(view, source)
        return view

    def fill(self, view: View, source: Lazy) -> None:
        with self.e.nest(source.shape, "map") as place, self.memo:
            view.put(self.e, place, source.at(self.e, place))

    def store_shared(self, value: Value, source: Lazy) -> View:
        """Every thread stores a shared value in a place of its own."""
        shape = source.shape
        offset = self.private.take(int(np.prod(shape)) * value.dtype.itemsize)
        view = View(self.place("private", offset), shape, value.dtype, lanes=False)
        self.values[value] = view
        self.fill(view, source)
        return view

    def store_plain(self, value: Value, source: Lazy) -> View:
        """Stores a batched value without margins, whatever else is kept of it."""
        shape = self.plan.shape(value)
        size = value.dtype.itemsize * self.e.lanes
        offset = self.scratch.take(int(np.prod(shape)) * size)
        self._held.setdefault(self._last_read[value], []).append(offset)
        view = View(self.place("scratch", offset), shape, value.dtype, True)
        self.fill(view, source)
        return view

    def padded_view_of(self, value: Value) -> View:
        """The value with its margins of zeros around it."""
        if value not in self.plan.margins:
            return self.view_of(value)
        if value not in self.padded:
            source = self.values[value]
            shape = self.plan.shape(value)
            size = value.dtype.itemsize * self.e.lanes
            margins = self.plan.margins[value]
            self.padded[value] = self._padded_view(value, shape, margins, size)
            self.fill(self.padded[value], source)
        return self.padded[value]

    def release(self) -> None:
        for offset in self._held.pop(self.position, []):
            self.scratch.give(offset)

    # -- sums over samples ----------------------------------------------------------

    def private_sum(self, value: Value) -> View:
        """A place where this thread adds up a value that is summed over all samples."""
        size = int(np.prod(value.shape)) * value.dtype.itemsize
        offset = self.private.take(size)
        self.sums.append((offset, size))
        places = [self.place("private", offset, t) for t in range(self.plan.threads)]
        self.values[value] = PrivateSum(places, value.shape, value.dtype)
        own = self.place("private", offset)
        return View(own, value.shape, value.dtype, lanes=False)

    def only_samples(self, register: Register) -> Register:
        """Zero in lanes that hold no sample."""
        if self.plan.full or not register.lanes:
            return register
        zero = self.e.number(0, register.dtype, lanes=True)
        kept = self.e.builder.select(self.valid().value, register.value, zero.value)
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
    for node in reversed(plan.graph.nodes):
        name = node.primitive.name
        here = plan.order[id(node)]
        for v in node.outputs:
            last.setdefault(v, here)
        later = name in RULES or name in MOVES or node.outputs[0] in plan.ends
        reach = max(here, *(last[v] for v in node.outputs)) if later else here
        for v in node.inputs:
            last[v] = max(last.get(v, 0), reach)
    return last
