"""The end of a step: variables take their new values, shared outputs are written.

Variables are changed in place. Those whose new values are computed from each other's
old ones are computed together, element by element, in one loop; where that is not
possible, new values wait in memory of their own until everybody has read the old ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from wubu.core.graph import Slot, Value
from wubu.executors.native.code.emitter import Index, Register
from wubu.executors.native.kernels.wide_gradients import (
    WideGradient,
    emit_gradient,
    store_gradient,
)
from wubu.executors.native.planning.lazy import Known, Lazy, View
from wubu.executors.native.planning.strided import using

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator


class Update(NamedTuple):
    """One array to write."""

    key: Any  # its place in the table of arrays
    slot: Slot | None  # the variable, if it is one
    value: Value


class Updates:
    """Everything a step writes."""

    def __init__(self, generator: Generator) -> None:
        self.g = generator
        graph = generator.graph
        self._all = [
            Update(("update", i), slot, value)
            for i, (slot, value) in enumerate(graph.updates)
        ]
        self._all += [
            Update(("output", i), None, value)
            for i, value in enumerate(graph.outputs)
            if not generator.plan.is_batched(value)
        ]

    def emit(self) -> None:
        journal = self.g.journal
        numbers = [u for u in self._all if self._is_number(u)]
        groups = self._groups([u for u in self._all if not self._is_number(u)])
        self._store_gradients(groups)
        apart = [u for g in groups if not self._goes_together(g) for u in g]
        waiting = [(update, self._aside(update)) for update in apart]
        if apart:
            self.g.barrier()
        for group in groups:
            if self._goes_together(group):
                gradients = self._gradients(group)
                form = "wide gradient" if gradients else "update"
                made = tuple(u.value for u in group)
                node = journal.maker(gradients[0].value) if gradients else None
                with journal.part(form, node, made):
                    self._in_one_loop(group)
        for update, view in waiting:
            with journal.part("copy", None, (update.value,)):
                self._copy(update, view)
        if numbers:
            self._store_numbers(numbers)

    def _store_numbers(self, numbers: list[Update]) -> None:
        """Single numbers, which every thread has in registers."""
        g, made = self.g, tuple(u.value for u in numbers)
        with g.journal.part("numbers", None, made), g.only_first():
            for update in numbers:
                known = self._lazy(update)
                assert isinstance(known, Known)
                g.e.store(known.register, g.pointer(update.key), 0)

    def _lazy(self, update: Update) -> Lazy:
        return self.g.values[update.value]

    def _is_number(self, update: Update) -> bool:
        return isinstance(self._lazy(update), Known) and self._size(update) == 1

    def _size(self, update: Update) -> int:
        return int(np.prod(update.value.shape))

    def _groups(self, updates: list[Update]) -> list[list[Update]]:
        """Updates of which one reads what another writes belong together."""
        writers = {u.slot: i for i, u in enumerate(updates) if u.slot is not None}
        group = list(range(len(updates)))
        gradients: dict[int, int] = {}
        for i, update in enumerate(updates):
            for leaf in self._lazy(update).leaves():
                slot: Any = getattr(leaf, "slot", None)
                other = writers.get(slot)
                if isinstance(leaf, WideGradient):
                    other = gradients.setdefault(id(leaf), i)
                if other is not None:
                    old, new = group[other], group[i]
                    group = [new if g == old else g for g in group]
        found: dict[int, list[Update]] = {}
        for i, update in enumerate(updates):
            found.setdefault(group[i], []).append(update)
        return list(found.values())

    def _goes_together(self, group: list[Update]) -> bool:
        same = len({self._size(u) for u in group}) == 1
        return same and all(self._lazy(u).is_flat() for u in group)

    def _gradients(self, group: list[Update]) -> list[WideGradient]:
        """The gradients that this group reads and nobody has stored."""
        leaves = [leaf for update in group for leaf in self._lazy(update).leaves()]
        found = {id(x): x for x in leaves if isinstance(x, WideGradient)}
        return [x for x in found.values() if x.memory is None]

    def _store_gradients(self, groups: list[list[Update]]) -> None:
        """Stores wide gradients, but one for each loop that can compute it itself."""
        stored = []
        for group in groups:
            gradients = self._gradients(group)
            whole = [x for x in gradients if x.is_whole(self.g.e.lanes)]
            if whole and self._goes_together(group):
                gradients.remove(whole[0])
            stored += gradients
        for gradient in stored:
            with self.g.journal.making("wide gradient", gradient.value):
                store_gradient(self.g, gradient)
        if stored:
            self.g.barrier()

    def _in_one_loop(self, group: list[Update]) -> None:
        """One loop along the elements, a part of them for each thread. It is a function
        that all variables share whose new values are computed in the same way."""
        gradients = self._gradients(group)
        if gradients:
            self._in_registers(group, gradients[0])
            return
        g, e = self.g, self.g.e
        with e.outlined("update", shared=True) as outline:
            size = outline.given(e.index(self._size(group[0])), "size")
            lanes = e.index(e.lanes)
            count, rest = e.builder.udiv(size, lanes), e.builder.urem(size, lanes)
            low, high = g.share_of(count)
            with e.loop_between(low, high, "update") as vector, g.memo:
                self._vector(group, e.times(vector, e.lanes))
            some = e.builder.icmp_signed("<", e.index(0), rest)
            with g.only_first(), e.when(some), using(e, rest), g.memo:
                self._vector(group, e.times(count, e.lanes))

    def _in_registers(self, group: list[Update], gradient: WideGradient) -> None:
        """The loop goes where the gradient is computed, whose sums are in registers."""
        g, e = self.g, self.g.e

        def take(at: Index, register: Register, some: int) -> None:
            with g.memo:
                g.memo.say(gradient, ("flat", at), register)
                self._vector(group, at)

        def prepare(at: Index, count: int) -> None:
            for update in group:
                e.prefetch(g.pointer(update.key), at, update.value.dtype, True, count)

        emit_gradient(g, gradient, take, prepare)

    def _vector(self, group: list[Update], at: Index) -> None:
        found = [self._lazy(u).flat(self.g.e, at) for u in group]
        for update, register in zip(group, found, strict=True):
            self._target(update).put_flat(self.g.e, at, register)

    def _target(self, update: Update) -> View:
        g = self.g
        return View(
            lambda: g.pointer(update.key), update.value.shape, update.value.dtype, False
        )

    def _aside(self, update: Update) -> View:
        """The new value in memory of every thread's own."""
        g = self.g
        value, source = update.value, self._lazy(update)
        offset = g.private.take(self._size(update) * value.dtype.itemsize)
        view = View(g.place("private", offset), value.shape, value.dtype, False)
        with g.journal.part("aside", None, (value,)):
            g.fill(view, source)
        return view

    def _copy(self, update: Update, waiting: View) -> None:
        g = self.g
        with g.only_first():
            g.fill(self._target(update), waiting)
