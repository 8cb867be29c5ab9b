"""The skeleton of a program: its function, the loop over steps, pointers, threads."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from wubu.executors.native.code import ir
from wubu.executors.native.code.emitter import (
    I8,
    I32,
    INDEX,
    POINTER,
    Emitter,
    Index,
)
from wubu.executors.native.code.waiting import waiting
from wubu.executors.native.generation.journal import Journal
from wubu.executors.native.planning.plan import Plan

ARGUMENTS = ("arrays", "strides", "memory", "steps", "threads", "interrupt", "shared")
_NUMBERS = ("steps", "threads")
WRONG = 72  # what a check found: its number, the value, the place
STOP = 64  # where in `shared` thread 0 publishes the interrupt: a line of its own


class Sum(NamedTuple):
    """A place in private memory that starts every step with one number everywhere."""

    offset: int
    length: int
    dtype: np.dtype
    start: Any


class Skeleton:
    """Emits the function

        run(block, thread) -> steps done

    around what a subclass emits in `step`. The block holds the ARGUMENTS, eight bytes
    for each: `arrays` are pointers (see `slots`),
    `strides` bytes that each moves on per step, `memory` a table: private memory for
    each part of sums over samples (the first are the threads' own), then (fixed,
    scratch) for each thread, then what is common to all. `shared` is the counter of the
    barrier.
    """

    def __init__(self, plan: Plan, clocks: bool = False) -> None:
        self.plan = plan
        self.graph = plan.graph
        self.e = Emitter("wubu", plan.lanes)
        self.journal = Journal(self, clocks)
        self.private, self.fixed, self.scratch, self.common = map(
            self.journal.arena, ("private", "fixed", "scratch", "common")
        )
        self.sums: list[Sum] = []
        self.checks: list[Any] = []  # see kernels/checks.py
        self.slots: list[Any] = []  # what each pointer in `arrays` is for
        self._pointers: dict[Any, ir.Value] = {}

    def step(self, number: ir.Value) -> None:
        """Emits one step."""
        raise NotImplementedError

    def run(self) -> None:
        e = self.e
        arguments = [("block", POINTER), ("thread", INDEX)]
        self._clear = e.declare("clear", [POINTER])
        self._collect_slots()
        with e.function("run", arguments, INDEX) as (block, thread):
            self.given = {"thread": thread}
            for i, name in enumerate(ARGUMENTS):
                kind = INDEX if name in _NUMBERS else POINTER
                found = e.builder.load(e.address(block, i, INDEX), typ=kind)
                self.given[name] = found
            self._barriers = e.variable(INDEX, "barriers")
            e.builder.store(ir.Constant(INDEX, 0), self._barriers)
            self._load_memory()
            with self.journal.program():
                self._loop_over_steps()
            e.builder.ret(e.builder.load(self._done, typ=INDEX))
        self._define_clear()

    def _loop_over_steps(self) -> None:
        e, b = self.e, self.e.builder
        self._done = done = e.variable(INDEX, "done")
        b.store(ir.Constant(INDEX, 0), done)
        head, after = b.append_basic_block("step"), b.append_basic_block("end")
        self._end = after
        b.branch(head)
        b.position_at_end(head)
        number = b.load(done, typ=INDEX)
        self.step(number)
        following = b.add(number, ir.Constant(INDEX, 1))
        b.store(following, done)
        # Thread 0 has published the interrupt before the last barrier of the step.
        stop = b.load(e.address(self.given["shared"], STOP, I8), typ=I32)
        more = b.icmp_signed("<", following, self.given["steps"])
        go = b.and_(more, b.icmp_signed("==", stop, ir.Constant(I32, 0)))
        b.cbranch(go, head, after)
        b.position_at_end(after)

    def publish_interrupt(self) -> None:
        """Thread 0 reads the flag once, so that all threads see the same answer."""
        with self.only_first():
            b = self.e.builder
            flag = b.load(self.given["interrupt"], typ=I32)
            b.store(flag, self.e.address(self.given["shared"], STOP, I8))

    def report(self, number: int, value: ir.Value, place: ir.Value) -> None:
        """Writes what a check found, if nothing was found before."""
        e, b = self.e, self.e.builder
        shared = self.given["shared"]
        first = b.cmpxchg(
            e.address(shared, WRONG, I8),
            e.index(0),
            e.index(number),
            "acq_rel",
            "acquire",
        )
        with e.when(b.extract_value(first, 1)):
            b.store(value, e.address(shared, WRONG + 8, I8))
            b.store(place, e.address(shared, WRONG + 16, I8))

    def end_if_wrong(self) -> None:
        """Ends the run, with this step undone, if a check has found something."""
        if not self.checks:
            return
        self.barrier()
        e, b = self.e, self.e.builder
        found = b.load(e.address(self.given["shared"], WRONG, I8), typ=INDEX)
        going_on = b.append_basic_block("right")
        b.cbranch(b.icmp_signed("==", found, e.index(0)), going_on, self._end)
        b.position_at_end(going_on)

    def clear_sums(self) -> None:
        """Sets the sums of this thread to zero."""
        with self.journal.part("clear"), self.own_partials():
            self.e.builder.call(self._clear, [self._memory["partial", None]])

    # -- pointers -----------------------------------------------------------------

    def _collect_slots(self) -> None:
        graph = self.graph
        self.slots = [("input", i) for i in range(len(graph.inputs))]
        self.slots += [("read", i) for i in range(len(graph.reads))]
        self.slots += [("constant", v) for v in graph.constants]
        self.slots += [("update", i) for i in range(len(graph.updates))]
        self.slots += [("output", i) for i in range(len(graph.outputs))]

    def _load_memory(self) -> None:
        """This thread's memory, and all private memory."""
        e, thread = self.e, self.given["thread"]
        threads, partials = self.plan.threads, self.plan.partials
        own = e.plus(e.times(thread, 2), partials)
        self._memory: dict[Any, ir.Value] = {
            ("private", None): self._memory_at(thread),
            ("fixed", None): self._memory_at(own),
            ("scratch", None): self._memory_at(e.plus(own, 1)),
            ("common", None): self._memory_at(partials + 2 * threads),
        }
        self._memory["partial", None] = self._memory["private", None]
        for number in range(partials):
            self._memory["private", number] = self._memory_at(number)

    def _memory_at(self, number: Index) -> ir.Value:
        at = self.e.address(self.given["memory"], number, POINTER)
        return self.e.builder.load(at, typ=POINTER)

    def _load_arrays(self, number: ir.Value) -> None:
        e, b = self.e, self.e.builder
        for i, slot in enumerate(self.slots):
            base = b.load(e.address(self.given["arrays"], i, POINTER), typ=POINTER)
            if slot[0] == "input":
                move = b.load(e.address(self.given["strides"], i, INDEX), typ=INDEX)
                base = b.gep(base, b.mul(number, move), I8)
            self._pointers[slot] = base

    def pointer(self, slot: Any) -> ir.Value:
        return self._pointers[slot]

    def place(self, kind: str, offset: int, number: int | None = None) -> Callable:
        """The address of a place in this thread's memory, or in that of a number.
        "partial" is private memory for the sums that are added up now."""
        memory, e = self._memory, self.e
        return lambda: e.outside(
            (kind, offset, number),
            lambda: e.address(memory[kind, number], offset, I8),
        )

    # -- threads ------------------------------------------------------------------

    def barrier(self) -> None:
        """Waits until every thread is here."""
        if self.plan.threads > 1:
            with self.journal.part("wait"):
                self._wait()

    @property
    def _threads(self) -> Index:
        """How many threads run: without samples, where threads add nothing up, fewer
        may come than there is memory for."""
        return self.plan.threads if self.plan.axes else self.given["threads"]

    def _wait(self) -> None:
        e, b = self.e, self.e.builder
        count = b.add(b.load(self._barriers, typ=INDEX), ir.Constant(INDEX, 1))
        b.store(count, self._barriers)
        wanted = b.mul(count, e.index(self._threads))
        counter = self.given["shared"]
        b.atomic_rmw("add", counter, ir.Constant(INDEX, 1), "acq_rel")
        b.call(waiting(self.e), [counter, wanted])

    @contextlib.contextmanager
    def only_first(self) -> Iterator[None]:
        """Code for thread 0 alone."""
        first = self.e.builder.icmp_signed("==", self.given["thread"], self.e.index(0))
        with self.e.when(first):
            yield

    def share_of(self, count: Index) -> tuple[Index, Index]:
        """This thread's part of `count` things: from, up to."""
        if self.plan.threads == 1:
            return 0, count
        return self._part_of(count, self.given["thread"], self._threads)

    def _part_of(
        self, count: Index, number: Index, parts: Index
    ) -> tuple[Index, Index]:
        """One of so many parts of `count` things: from, up to."""
        e = self.e
        first, last = (
            e.builder.udiv(e.index(e.times(n, count)), e.index(parts))
            for n in (number, e.plus(number, 1))
        )
        return first, last

    @contextlib.contextmanager
    def own_partials(self) -> Iterator[tuple[Index, Index]]:
        """A loop over the parts of sums over samples that this thread adds up, if they
        are more than the threads. Each has its own private memory, and a range of
        blocks, which is given: from, up to."""
        threads, partials = self.plan.threads, self.plan.partials
        if partials == threads:
            yield self.share_of(self.plan.blocks)
            return
        low, high = self.share_of(partials)
        with self.e.loop(high, "partial", start=low) as number:
            self._memory["partial", None] = self._memory_at(number)
            yield self._part_of(self.plan.blocks, number, partials)

    def _define_clear(self) -> None:
        e = self.e
        kind = ir.FunctionType(ir.VoidType(), [POINTER, I8, INDEX, ir.IntType(1)])
        fill = ir.Function(e.module, kind, "llvm.memset.p0.i64")
        zero, no = ir.Constant(I8, 0), ir.Constant(ir.IntType(1), 0)
        with e.function("clear", [("private", POINTER)]) as (private,):
            for offset, length, dtype, start in self.sums:
                at = e.address(private, offset, I8)
                if start == 0:
                    size = e.index(length * dtype.itemsize)
                    e.builder.call(fill, [at, zero, size, no])
                    continue
                number = e.number(start, dtype)
                with e.loop(length, "clear") as i:
                    e.store(number, at, i)
