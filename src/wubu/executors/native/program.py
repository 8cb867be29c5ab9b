"""A compiled graph: its memory, its threads, and one call of it."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wubu.core.graph import Graph
from wubu.executors.base import Program
from wubu.executors.native.generate import Generator
from wubu.executors.native.memory import aligned
from wubu.executors.native.plan import make_plan
from wubu.executors.native.target import MachineCode, Target

_SIGNATURE = ctypes.CFUNCTYPE(
    ctypes.c_int64,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_int64,
    ctypes.c_int64,
    ctypes.c_void_p,
    ctypes.c_void_p,
)


class NativeProgram(Program):
    """A graph as machine code."""

    def __init__(self, graph: Graph, chosen: Target, threads: int) -> None:
        self._graph = graph
        self.plan = make_plan(graph, chosen.lanes, threads)
        generator = Generator(self.plan, chosen.registers)
        generator.run()
        self._text = str(generator.e.module)
        self._code = MachineCode(self._text, chosen)
        self._function = _SIGNATURE(self._code.address("run"))
        self._slots = generator.slots
        sizes = (
            generator.private.size,
            generator.fixed.size,
            generator.scratch.size,
        )
        threads = self.plan.threads
        self._memory = [[_zeros(n) for n in sizes] for _ in range(threads)]
        table = [part.ctypes.data for own in self._memory for part in own]
        self._table = np.array(table, np.uint64)
        self._shared = _zeros(128)
        self._constants = {
            value: np.ascontiguousarray(array)
            for value, array in graph.constants.items()
        }
        self._lock = threading.Lock()

    def llvm(self) -> str:
        """The program in LLVM's intermediate representation, before optimisation."""
        return self._text

    def assembly(self) -> str:
        """The machine code as text."""
        return self._code.assembly()

    def run(self, arguments: Sequence[np.ndarray]) -> list[np.ndarray]:
        return self._call(arguments, {}, 1, np.zeros(1, np.int32))[0]

    def run_steps(
        self,
        arguments: Sequence[np.ndarray],
        series: Mapping[int, np.ndarray],
        interrupt: np.ndarray,
    ) -> tuple[list[np.ndarray], int]:
        steps = len(next(iter(series.values())))
        return self._call(arguments, series, steps, interrupt)

    def _call(
        self,
        arguments: Sequence[np.ndarray],
        series: Mapping[int, np.ndarray],
        steps: int,
        interrupt: np.ndarray,
    ) -> tuple[list[np.ndarray], int]:
        with self._lock:
            graph = self._graph
            strides = np.zeros(max(1, len(graph.inputs)), np.int64)
            given = []
            for i, argument in enumerate(arguments):
                array = np.ascontiguousarray(series.get(i, argument))
                given.append(array)
                if i in series:
                    strides[i] = array.strides[0]
            outputs = [np.empty(v.shape, v.dtype) for v in graph.outputs]
            written = {id(slot.variable) for slot, _ in graph.updates}
            for slot, _ in graph.updates:
                _make_own(slot)
            pointers = [self._address(s, given, outputs) for s in self._slots]
            arrays = np.array(pointers, np.uint64)
            self._shared[:] = 0
            done = self._start(arrays, strides, steps, interrupt)
            del written
            for slot, _ in graph.updates:
                slot.variable._version[0] += 1
            return outputs, done

    def _address(
        self, slot: Any, given: list[np.ndarray], outputs: list[np.ndarray]
    ) -> int:
        kind, i = slot
        if kind == "input":
            return given[i].ctypes.data
        if kind == "constant":
            return self._constants[i].ctypes.data
        if kind == "output":
            return outputs[i].ctypes.data
        place = (self._graph.reads if kind == "read" else self._graph.updates)[i][0]
        return place.read().ctypes.data

    def _start(
        self, arrays: np.ndarray, strides: np.ndarray, steps: int, interrupt: np.ndarray
    ) -> int:
        def work(thread: int) -> int:
            return self._function(
                arrays.ctypes.data,
                strides.ctypes.data,
                self._table.ctypes.data,
                thread,
                steps,
                interrupt.ctypes.data,
                self._shared.ctypes.data,
            )

        others = [
            threading.Thread(target=work, args=(t,), daemon=True)
            for t in range(1, self.plan.threads)
        ]
        for other in others:
            other.start()
        done = work(0)
        for other in others:
            other.join()
        return done


def _make_own(slot: Any) -> None:
    """Gives a variable memory that nobody else looks at: programs write in place."""
    variable = slot.variable
    if slot.kind == "gradient":
        if variable._grad is None:
            variable.grad = type(variable).__mro__[1](
                np.zeros(variable.shape, variable.dtype)
            )
        return
    array = variable._array
    import sys

    shared = sys.getrefcount(array) > 3
    if (
        shared
        or array.base is not None
        or not array.flags.c_contiguous
        or not array.flags.writeable
    ):
        variable._array = np.array(array, order="C")


def _zeros(size: int) -> np.ndarray:
    """Zeroed bytes at the start of a cache line."""
    raw = np.zeros(aligned(max(size, 1)) + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + aligned(max(size, 1))]
