"""Lazy values that live outside a thread's scratch memory: the user's arrays, and what
every thread adds up."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from wubu.executors.native.code import ir
from wubu.executors.native.code.elementwise import RULES
from wubu.executors.native.code.emitter import Emitter, Index, Register, memory_type
from wubu.executors.native.planning.lazy import (
    Lazy,
    Place,
    Shape,
    Unordered,
    View,
    row_major,
)


class PrivateSum(Lazy):
    """The parts that threads have added up (or joined by another elementwise
    operation), taken together in the order of samples."""

    def __init__(
        self, places: list, shape: Shape, dtype: np.dtype, name: str = "add"
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self.lanes = False
        self.cost = 2 * len(places)
        self._views = [View(place, shape, dtype, False) for place in places]
        self._join = RULES[name][0]

    def at(self, e: Emitter, place: Place) -> Register:
        return self._all(e, [view.at(e, place) for view in self._views])

    def is_flat(self) -> bool:
        return True

    def flat(self, e: Emitter, i: Index) -> Register:
        return self._all(e, [view.flat(e, i) for view in self._views])

    def _all(self, e: Emitter, parts: list[Register]) -> Register:
        return functools.reduce(lambda a, b: self._join(e, a, b), parts)


class Rows(Lazy):
    """A batched array as the user has it: one sample after the other."""

    def __init__(
        self, generator: Any, pointer: Callable, value: Any, axis: int
    ) -> None:
        self._g = generator
        self._pointer = pointer
        self.dtype = value.dtype
        self.lanes = True
        self.shape = tuple(n for i, n in enumerate(value.shape) if i != axis)
        strides = row_major(value.shape)
        self._step = strides[axis]
        self._strides = tuple(s for i, s in enumerate(strides) if i != axis)
        self.cost = 3 * generator.e.lanes if self.shape else 1

    def at(self, e: Emitter, place: Place) -> Register:
        plan = self._g.plan
        base = e.affine(place, self._strides)
        first = e.times(self._g.block, e.lanes)
        if self._step == 1 and plan.full:
            at = e.plus(base, first)
            return e.load_lanes(self._pointer(), at, self.dtype, self.dtype.itemsize)
        found = e.undefined(self.dtype)
        for lane in range(e.lanes):
            sample = e.plus(first, lane)
            if not plan.full:  # lanes without a sample repeat the last one
                sample = e.smaller(sample, plan.batch - 1)
            at = e.plus(base, e.times(sample, self._step))
            found = e.insert(found, e.load(self._pointer(), at, self.dtype), lane)
        return found

    def is_by_sample(self) -> bool:
        return self._strides == row_major(self.shape) and self.dtype.kind != "b"

    def by_sample(self, e: Emitter, i: Index) -> list[Register]:
        plan, rows = self._g.plan, []
        first = e.times(self._g.block, e.lanes)
        for lane in range(e.lanes):
            sample = e.plus(first, lane)
            if not plan.full:
                sample = e.smaller(sample, plan.batch - 1)
            at = e.plus(e.times(sample, self._step), i)
            rows.append(
                e.load_lanes(self._pointer(), at, self.dtype, self.dtype.itemsize)
            )
        return e.transposed(rows)

    def put(self, e: Emitter, place: Place, register: Register) -> None:
        """Writes the lanes that hold samples."""
        plan = self._g.plan
        base = e.affine(place, self._strides)
        first = e.times(self._g.block, e.lanes)
        register = e.spread(register)
        for lane in range(e.lanes):
            sample = e.plus(first, lane)
            at = e.plus(base, e.times(sample, self._step))
            with e.unless_full(plan.full, sample, plan.batch):
                e.store(e.extract(register, lane), self._pointer(), at)


def table(e: Emitter, array: np.ndarray) -> ir.Value:
    """The address of a constant array, which is part of the code."""
    kind = memory_type(array.dtype)
    numbers = ir.Constant(ir.ArrayType(kind, array.size), array.ravel().tolist())
    return ir.Table(e.module, numbers, f"table{len(e.module.globals)}")


class Spread(Lazy):
    """A shared value of which each sample takes its own part along an axis."""

    def __init__(self, generator: Any, source: Lazy, axis: int) -> None:
        self._g = generator
        self._source = source
        self._axis = axis
        self.shape = source.shape[:axis] + source.shape[axis + 1 :]
        self.dtype = source.dtype
        self.lanes = True
        self.cost = (source.cost + 3) * generator.e.lanes
        self.depth = source.depth + 1

    def at(self, e: Emitter, place: Place) -> Register:
        plan, found = self._g.plan, e.undefined(self.dtype)
        first = e.times(self._g.block, e.lanes)
        for lane in range(e.lanes):
            sample = e.plus(first, lane)
            if not plan.full:
                sample = e.smaller(sample, plan.batch - 1)
            at = (*place[: self._axis], sample, *place[self._axis :])
            found = e.insert(found, self._source.at(e, at), lane)
        return found

    def leaves(self) -> list[Lazy]:
        return [Unordered(leaf) for leaf in self._source.leaves()]
