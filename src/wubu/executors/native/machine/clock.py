"""The CPU's own clock: a counter that machine code can read in some ten cycles.

How fast it runs is found out by comparing it with the system's clock.
"""

from __future__ import annotations

import ctypes
import functools
import platform
import time
from typing import Any, NamedTuple

import llvmlite.binding as llvm
import numpy as np

from wubu.executors.native.code import ir
from wubu.executors.native.code.emitter import I8, POINTER, Emitter
from wubu.executors.native.code.indices import INDEX
from wubu.executors.native.machine.slots import address
from wubu.executors.native.machine.target import (
    MachineCode,
    Target,
    compile_object,
    target,
)

TICKS, CALLS, READINGS = 0, 8, 16  # where the numbers of a stopwatch lie
STOPWATCH = 64  # bytes: no two stopwatches share a cache line
_TRIALS, _ROUNDS = 20, 2000


def read_clock(e: Emitter) -> ir.Value:
    """Emits a reading of the counter."""
    if platform.machine().lower() in ("aarch64", "arm64"):
        # The counter of cycles may be forbidden here; that of time never is.
        llvm.initialize_native_asmparser()  # for code that LLVM has no name for
        kind = ir.FunctionType(INDEX, [])
        return e.builder.asm(kind, "mrs $0, cntvct_el0", "=r")
    name = "llvm.readcyclecounter"
    function = e.module.globals.get(name)
    if function is None:
        function = ir.Function(e.module, ir.FunctionType(INDEX, []), name)
    return e.builder.call(function, [])


def add_time(e: Emitter, last: ir.Value, stopwatch: ir.Value, call: int) -> None:
    """Adds to a stopwatch what has passed since the last reading.

    Args:
        last: where that reading is; this one takes its place.
        call: 1 if a call ends here, else 0.
    """
    b = e.builder
    now = read_clock(e)
    passed = b.sub(now, b.load(last, typ=INDEX))
    b.store(now, last)
    for place, amount in ((TICKS, passed), (CALLS, call), (READINGS, 1)):
        if amount != 0:
            at = e.address(stopwatch, place, I8)
            b.store(b.add(b.load(at, typ=INDEX), e.index(amount)), at)


class Moment(NamedTuple):
    """The same moment on both clocks."""

    ticks: int
    seconds: float


class Clock:
    """The counter, for Python."""

    def __init__(self, chosen: Target) -> None:
        self._code = MachineCode([compile_object(_functions(chosen), chosen)], chosen)
        now = ctypes.CFUNCTYPE(ctypes.c_int64)
        read = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)
        self._now: Any = now(self._code.address("now"))
        self._read: Any = read(self._code.address("read"))

    def moment(self) -> Moment:
        """Now, by both clocks: the closest of a few pairs of readings."""
        found = []
        for _ in range(5):
            before = time.perf_counter_ns()
            ticks = self._now()
            after = time.perf_counter_ns()
            found.append((after - before, ticks, (before + after) / 2))
        _, ticks, nanoseconds = min(found)
        return Moment(ticks, nanoseconds / 1e9)

    def ticks_per_reading(self) -> float:
        """How long a reading takes that is added to a stopwatch."""
        memory = np.zeros(3 * STOPWATCH, np.uint8)
        at, found = address(memory), []
        at += -at % STOPWATCH
        for _ in range(_TRIALS):
            before = self._now()
            self._read(at, _ROUNDS)
            found.append(self._now() - before)
        return min(found) / _ROUNDS


@functools.cache
def clock() -> Clock:
    """The clock of this CPU."""
    return Clock(target())


def _functions(chosen: Target) -> str:
    """LLVM IR of `now()`, and of `read(memory, rounds)`, which reads so many times."""
    e = Emitter("clock", chosen.lanes)
    with e.function("now", [], INDEX):
        e.builder.ret(read_clock(e))
    with e.function("read", [("memory", POINTER), ("rounds", INDEX)]) as given:
        memory, rounds = given
        last = e.variable(INDEX, "last")
        e.builder.store(e.index(0), last)
        with e.loop(rounds, "round"):
            add_time(e, last, memory, call=1)
    return str(e.module)
