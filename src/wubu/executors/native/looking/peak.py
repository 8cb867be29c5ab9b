"""How fast this CPU multiplies and adds when it does nothing else.

A loop of fused multiply-adds on registers: no memory is touched, and there are enough
independent sums to hide the time that one takes. Nothing that computes with floats can
be faster, so speeds are told as shares of it.
"""

from __future__ import annotations

import ctypes
import time
from typing import Any

import numpy as np

from wubu.executors.native.code.emitter import POINTER, Emitter, Register
from wubu.executors.native.code.indices import INDEX
from wubu.executors.native.machine.slots import address
from wubu.executors.native.machine.target import (
    MachineCode,
    Target,
    compile_object,
    target,
)
from wubu.executors.native.running import workers

_FLOAT = np.dtype("float32")
_SUMS = 12  # two a cycle, each ready after four; with two factors they fit 16 registers
_SECONDS = 0.004  # of one trial: short, so that few things come in between
_TRIALS = 50
_SIGNATURE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)


def fma_peak(threads: int) -> float:
    """The most float32 operations in a second that so many threads reach together.

    A multiply-add counts as two operations. The best of many short trials, a quarter of
    a second in all.

    Args:
        threads: how many run at once.

    Returns:
        FLOP/s.
    """
    peak = Peak(threads)
    peak.look(_TRIALS)
    return peak.best


class Peak:
    """The peak as far as it is known: the best of the trials so far. Trials at several
    times find one more easily at which nothing else is running.

    Args:
        threads: how many run at once.
    """

    def __init__(self, threads: int) -> None:
        chosen = target()
        self.best = 0.0
        self._threads = threads
        self._code = MachineCode([compile_object(_loop(chosen), chosen)], chosen)
        self._function: Any = _SIGNATURE(self._code.address("multiply_add"))
        self._memory = [_start_values(chosen) for _ in range(threads)]
        self._work = threads * _SUMS * chosen.lanes * 2  # operations of a round
        self._rounds = 1000
        while self._seconds() < _SECONDS:
            self._rounds *= 2

    def look(self, trials: int) -> None:
        """Some more trials."""
        fastest = min(self._seconds() for _ in range(trials))
        self.best = max(self.best, self._rounds * self._work / fastest)

    def _seconds(self) -> float:
        def call(thread: int) -> int:
            self._function(address(self._memory[thread]), self._rounds)
            return 0

        with workers.turn:
            start = time.perf_counter()
            workers.run(self._threads, call)
            return time.perf_counter() - start


def _loop(chosen: Target) -> str:
    """LLVM IR of `multiply_add(memory, rounds)`.

    Memory holds two vectors, the factors, and takes the sums, so that LLVM can neither
    compute the result beforehand nor drop the work.
    """
    e = Emitter("peak", chosen.lanes)
    kind = e.type_of(_FLOAT, True)
    fused = "-fma" not in chosen.features.split(",")
    arguments = [("memory", POINTER), ("rounds", INDEX)]
    with e.function("multiply_add", arguments) as (memory, rounds):
        x = e.load_lanes(memory, 0, _FLOAT)
        y = e.load_lanes(memory, chosen.lanes, _FLOAT)
        sums = [e.variable(kind, f"sum{i}") for i in range(_SUMS)]
        for place in sums:
            e.builder.store(y.value, place)
        with e.loop(rounds, "round"):
            for place in sums:
                total = Register(e.builder.load(place, typ=kind), _FLOAT, True)
                if fused:
                    e.builder.store(e.fma(total, x, y).value, place)
                else:
                    product = e.builder.fmul(total.value, x.value)
                    e.builder.store(e.builder.fadd(product, y.value), place)
        for i, place in enumerate(sums):
            total = Register(e.builder.load(place, typ=kind), _FLOAT, True)
            e.store(total, memory, (2 + i) * chosen.lanes)
    return str(e.module)


def _start_values(chosen: Target) -> np.ndarray:
    """Factors with which the sums stay ordinary numbers: s = s / 2 + 1/2."""
    size = (2 + _SUMS) * chosen.lanes
    raw = np.full(size + 16, 0.5, _FLOAT)
    start = -address(raw) % 64 // _FLOAT.itemsize
    return raw[start : start + size]
