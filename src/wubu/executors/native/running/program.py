"""A compiled graph: its memory, its pointers, and one call of it.

Read first: `compilation.py` for where machine code comes from, `slots.py` for
variables, `workers.py` for threads.
"""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from wubu.core.graph import Graph, Slot
from wubu.errors import ExecutorError, WubuError
from wubu.executors.base import Program
from wubu.executors.native.generation import skeleton
from wubu.executors.native.generation.memory import aligned, enough_memory, zeroed
from wubu.executors.native.machine.slots import Slots, address, is_readable
from wubu.executors.native.machine.target import MachineCode, Target, assembly
from wubu.executors.native.running import workers
from wubu.executors.native.running.compilation import Compiled, compile_graph, emit
from wubu.executors.native.running.crew import Experience, crew

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator
    from wubu.executors.native.looking.profile import Profile

_SIGNATURE = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
_LITTLE = 1 << 20  # bytes that are allocated without asking whether they are there
_SHARED = 128 // 8  # a counter, and flags in a cache line of their own
_STEPS, _THREADS, _INTERRUPT = map(
    skeleton.ARGUMENTS.index, ("steps", "threads", "interrupt")
)
_STOP, _WRONG = skeleton.STOP // 8, skeleton.WRONG // 8


class NativeProgram(Program):
    """A graph as machine code.

    Args:
        threads: how many may work on it.
        partials: the most parts in which sums over samples are added up, whatever the
            number of threads; None: one for each thread.

    Variables change where they lie (see `slots.py`), during one call of machine code
    that nothing interrupts. Other threads that look at a variable meanwhile may see it
    half changed; programs themselves run one after the other.
    """

    def __init__(
        self,
        graph: Graph,
        chosen: Target,
        threads: int,
        partials: int | None = None,
    ) -> None:
        self._graph = graph
        self._chosen = chosen
        self._partials = partials
        self._compiled = self._compile(threads)
        self._code = MachineCode(self._compiled.codes, chosen)
        self._entry = self._code.address("run")
        self._function: Any = _SIGNATURE(self._entry)
        self._outputs = [(value.shape, value.dtype) for value in graph.outputs]
        self._passed_on = [
            (i, j)
            for i, value in enumerate(graph.outputs)
            for j, given in enumerate(graph.inputs)
            if value is given
        ]
        self._experience = Experience()
        self._output_bytes = sum(math.prod(s) * d.itemsize for s, d in self._outputs)
        self._lay_out(self._compiled)

    def _compile(self, threads: int) -> Compiled:
        return compile_graph(self._graph, self._chosen, threads, self._partials)

    def _lay_out(self, compiled: Compiled) -> None:
        """Memory for every thread, and the tables that machine code reads."""
        graph = self._graph
        private, *own, common = [aligned(max(n, 1)) for n in compiled.sizes]
        sizes = [private] * compiled.partials + own * compiled.threads + [common]
        with enough_memory(sum(sizes), graph, compiled.threads):
            self._memory = [zeroed(n) for n in sizes]
        parts = [address(part) for part in self._memory]
        self._parts = (ctypes.c_uint64 * len(parts))(*parts)
        self._arrays = (ctypes.c_uint64 * max(1, len(compiled.slots)))()
        self._strides = (ctypes.c_int64 * max(1, len(graph.inputs)))()
        self._shared_memory = zeroed(aligned(8 * _SHARED))
        at = address(self._shared_memory)
        self._shared = (ctypes.c_int64 * _SHARED).from_address(at)
        tables = self._arrays, self._strides, self._parts
        # In the order of skeleton.ARGUMENTS.
        numbers = [*[ctypes.addressof(table) for table in tables], 1, 1, 0, at]
        self._block = (ctypes.c_int64 * len(numbers))(*numbers)
        self._block_place = ctypes.addressof(self._block)
        self._never = np.zeros(1, np.int32)
        self._never_place = address(self._never)
        input_places = [0] * len(graph.inputs)
        self._output_places = [0] * len(graph.outputs)
        constants = [np.array(array, order="C") for array in graph.constants.values()]
        self._constants = constants
        variables: dict[Slot, list[int]] = {}
        for place, (kind, i) in enumerate(compiled.slots):
            if kind == "input":
                input_places[i] = place
            elif kind == "output":
                self._output_places[i] = place
            elif kind == "constant":
                self._arrays[place] = address(constants[i])
            else:
                pairs = graph.reads if kind == "read" else graph.updates
                variables.setdefault(pairs[i][0], []).append(place)
        self._inputs = [
            (value.shape, value.dtype, place)
            for value, place in zip(graph.inputs, input_places, strict=True)
        ]
        written = {slot for slot, _ in graph.updates}
        self._slots = Slots(variables, written, self._arrays)

    @property
    def graph(self) -> Graph:
        """What it computes."""
        return self._graph

    @property
    def target(self) -> Target:
        """The CPU it is compiled for."""
        return self._chosen

    @property
    def threads(self) -> int:
        """How many threads a call runs on."""
        return self._compiled.threads

    @property
    def partials(self) -> int | None:
        """The most parts of sums over samples; None: one for each thread."""
        return self._partials

    # -- looking inside -----------------------------------------------------------

    def profile(
        self,
        arguments: Sequence[np.ndarray],
        series: Mapping[int, np.ndarray] | None = None,
        steps: int | None = None,
    ) -> Profile:
        """Where the time of a step goes, kernel by kernel. Variables keep their values.

        Args:
            arguments: of each step.
            series: place of an input -> a row for each step.
            steps: how many, if there are no series; by default as many as take a tenth
                of a second.
        """
        from wubu.executors.native.looking.profiling import profile

        return profile(self, arguments, series or {}, steps)

    def text(self) -> str:
        """What it does, as readable pseudo-code; see `schedule.py`."""
        from wubu.executors.native.looking.schedule import text

        return text(self._emit()[1], self._graph)

    def llvm(self) -> str:
        """The program in LLVM's intermediate representation, before optimisation."""
        return self._emit()[0]

    def assembly(self) -> str:
        """The machine code as text."""
        return assembly(self.llvm(), self._chosen)

    def _emit(self) -> tuple[str, Generator]:
        return emit(self._graph, self._chosen, self.threads, self._partials)

    # -- running ------------------------------------------------------------------

    def run(self, arguments: Sequence[np.ndarray]) -> list[np.ndarray]:
        return self._call(arguments, None, 1, self._never)[0]

    def repeat(self, arguments: Sequence[np.ndarray], steps: int) -> list[np.ndarray]:
        """Runs so many times with the same inputs; the outputs of the last run."""
        return self._call(arguments, None, steps, self._never)[0]

    def run_steps(
        self,
        arguments: Sequence[np.ndarray],
        series: Mapping[int, np.ndarray],
        interrupt: np.ndarray,
    ) -> tuple[list[np.ndarray], int]:
        lengths = {len(rows) for rows in series.values()}
        if len(lengths) != 1 or 0 in lengths:
            raise ExecutorError(
                "the series of a call are not equally long",
                expected="one number of steps, at least 1",
                got=sorted(lengths),
            )
        return self._call(arguments, series, lengths.pop(), interrupt)

    def _call(
        self,
        arguments: Sequence[np.ndarray],
        series: Mapping[int, np.ndarray] | None,
        steps: int,
        interrupt: np.ndarray,
    ) -> tuple[list[np.ndarray], int]:
        outputs = self._new_outputs()
        with workers.turn:
            inputs = self._bind_inputs(arguments, series, steps)
            held = inputs, self._slots.bind(), outputs
            table, shared = self._arrays, self._shared
            for place, array in zip(self._output_places, outputs, strict=True):
                table[place] = address(array)
            shared[0] = shared[_STOP] = shared[_WRONG] = 0
            block = self._block
            never = interrupt is self._never
            block[_INTERRUPT] = self._never_place if never else address(interrupt)
            block[_STEPS] = steps
            done = -1  # nobody knows, if a signal ends the call
            try:
                done = self._enter() if steps == 1 else self._start(interrupt, held)
            finally:
                wrong = shared[_WRONG : _WRONG + 3] if shared[_WRONG] else None
                if wrong and done == 0:
                    self._slots.unchanged()
                else:
                    self._slots.changed()
        if wrong:
            error = self._failed(*wrong)
            error.steps_done = done
            raise error
        for i, j in self._passed_on:
            outputs[i][...] = (
                series[j][done - 1] if series and j in series else arguments[j]
            )
        return outputs, done

    def _new_outputs(self) -> list[np.ndarray]:
        """Memory for the outputs, which will belong to the caller."""
        if self._output_bytes < _LITTLE:
            return [np.empty(shape, dtype) for shape, dtype in self._outputs]
        with enough_memory(self._output_bytes, self._graph, self.threads):
            return [np.empty(shape, dtype) for shape, dtype in self._outputs]

    def _bind_inputs(
        self,
        arguments: Sequence[np.ndarray],
        series: Mapping[int, np.ndarray] | None,
        steps: int,
    ) -> list[np.ndarray]:
        """Writes pointers to the inputs into the table; returns what must live."""
        held = list(arguments)
        if len(held) != len(self._inputs):
            self._refuse(len(self._inputs), len(held))
        if steps > 1:
            self._strides[:] = [0] * len(self._strides)
        for i, (shape, dtype, place) in enumerate(self._inputs):
            array = held[i]
            if series and i in series:
                array, shape = series[i], (steps, *shape)
                self._strides[i] = array.nbytes // steps
            if type(array) is not np.ndarray:  # a NumPy number keeps no memory
                array = np.asarray(array)
            if array.shape != shape or array.dtype != dtype:
                self._refuse(f"{dtype}{shape}", f"{array.dtype}{array.shape}", i)
            if not (array.flags.carray or is_readable(array)):
                array = np.array(array, order="C")
            held[i] = array
            self._arrays[place] = address(array)
        return held

    def _refuse(self, expected: Any, got: Any, place: int | None = None) -> NoReturn:
        what = "inputs" if place is None else f"input {place}"
        raise ExecutorError(
            f"the program {self._graph.name} does not fit these {what}",
            expected=expected,
            got=got,
        )

    def _failed(self, check: int, value: int, place: int) -> WubuError:
        """The error of a check that failed; see kernels/checks.py."""
        generator: Any = self._emit()[1]
        return generator.checks[check - 1].failed(value, place)

    def _start(self, interrupt: np.ndarray, held: Any) -> int:
        """Runs many steps: such a call takes long, and may be interrupted."""

        def call(number: int, held: Any = held) -> int:  # alive as long as this is
            return self._enter()

        def stop() -> None:
            interrupt[0] = 1

        before = interrupt[0]
        try:
            return workers.run(1, call, stop)
        except BaseException:
            interrupt[0] = before
            raise

    def _enter(self) -> int:
        """Runs the machine code: on all threads, or where little is to do on those that
        are there. In many steps, other programs would take their CPUs meanwhile."""
        threads, block = self._compiled.threads, self._block_place
        if threads == 1:
            return self._function(block, 0)
        if not self._compiled.elastic:
            self._block[_THREADS] = threads
            return crew().run(self._entry, block, threads)
        experience = self._experience
        asked = experience.prefers_help() and self._block[_STEPS] == 1
        start, done = time.perf_counter() if experience.watches else 0.0, -1
        if asked:
            self._block[_THREADS] = threads
            done = crew().try_to_run(self._entry, block, threads)
        alone = done < 0
        if alone:
            self._block[_THREADS] = 1
            done = self._function(block, 0)
        if asked and alone:
            crew().miss(threads)
        if experience.watches:
            experience.add(asked, (time.perf_counter() - start) / max(1, done))
        return done
