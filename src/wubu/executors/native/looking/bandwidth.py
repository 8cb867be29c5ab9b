"""How fast this machine reads memory, with nothing else to do.

Threads add up arrays that are much larger than any cache. What needs more bytes for
its work than memory gives cannot reach the peak of the CPU.
"""

from __future__ import annotations

import ctypes
import time

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
_BYTES = 1 << 27  # of all arrays together
_SUMS = 8  # vectors loaded in a round, each into a sum of its own
_TRIALS = 8
_SIGNATURE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)


def bandwidth(threads: int, size: int = _BYTES) -> float:
    """The most bytes in a second that so many threads read from memory together.

    The best of a few trials, a tenth of a second in all.

    Args:
        threads: how many read at once.
        size: bytes of what is read, all threads together.
    """
    chosen = target()
    code = MachineCode([compile_object(_loop(chosen), chosen)], chosen)
    function = _SIGNATURE(code.address("read"))
    width = chosen.lanes * _SUMS
    rounds = max(1, size // threads // (_FLOAT.itemsize * width))
    raw = [np.ones((rounds + 1) * width, _FLOAT) for _ in range(threads)]
    parts = [a[-address(a) % 64 // _FLOAT.itemsize :] for a in raw]
    ends = [np.empty(width + 16, _FLOAT) for _ in range(threads)]
    ends = [a[-address(a) % 64 // _FLOAT.itemsize :] for a in ends]

    def call(thread: int) -> int:
        function(address(parts[thread]), rounds, address(ends[thread]))
        return 0

    def seconds() -> float:
        with workers.turn:
            start = time.perf_counter()
            workers.run(threads, call)
            return time.perf_counter() - start

    fastest = min(seconds() for _ in range(_TRIALS))
    return threads * rounds * width * _FLOAT.itemsize / fastest


def _loop(chosen: Target) -> str:
    """LLVM IR of `read(memory, rounds, end)`; `end` takes the sums."""
    e = Emitter("bandwidth", chosen.lanes)
    kind = e.type_of(_FLOAT, True)
    arguments = [("memory", POINTER), ("rounds", INDEX), ("end", POINTER)]
    with e.function("read", arguments) as (memory, rounds, end):
        sums = [e.variable(kind, f"sum{i}") for i in range(_SUMS)]
        for place in sums:
            e.builder.store(e.number(0, _FLOAT, lanes=True).value, place)
        with e.loop(rounds, "round") as i:
            first = e.times(i, _SUMS * e.lanes)
            for j, place in enumerate(sums):
                found = e.load_lanes(memory, e.plus(first, j * e.lanes), _FLOAT)
                total = e.builder.fadd(e.builder.load(place, typ=kind), found.value)
                e.builder.store(total, place)
        for j, place in enumerate(sums):
            total = Register(e.builder.load(place, typ=kind), _FLOAT, True)
            e.store(total, end, j * e.lanes)
    return str(e.module)
