"""The `native` executor: a graph becomes machine code for this CPU."""

from __future__ import annotations

from wubu.core.determinism import are_deterministic_algorithms_enabled
from wubu.core.graph import Graph
from wubu.core.threads import get_num_threads
from wubu.executors.base import Executor, Program
from wubu.executors.native.kernels.making import NO_HALF_FLOATS
from wubu.executors.native.looking.peak import fma_peak
from wubu.executors.native.machine.target import target
from wubu.executors.native.planning.lost import MUCH, warn_of_lost_lanes
from wubu.executors.native.planning.orientation import chosen_axes
from wubu.executors.native.planning.work import EACH, ENOUGH, operations
from wubu.executors.native.running.program import NativeProgram
from wubu.ops.scan_bodies import without_residuals

# Parts of sums over samples where they do not depend on the threads. No more threads
# than this can work; every part takes memory, and time when parts are added up.
_PARTIALS = 8


class NativeExecutor(Executor):
    """Compiles with LLVM.

    Programs run on as many threads as `set_num_threads` or `WUBU_THREADS` say, by
    default on as many as this process has CPUs; those with little to do run on one, or
    on those that are awake. With deterministic algorithms sums over samples are added
    up in parts that do not depend on the threads.
    """

    name = "native"

    def compile(self, graph: Graph) -> Program:
        graph = without_residuals(graph)
        threads, work = get_num_threads(), operations(graph)
        if work >= MUCH:
            warn_of_lost_lanes(graph)
        if work < ENOUGH:
            alone = work < 2 * EACH or chosen_axes(graph, target().lanes)
            threads = 1 if alone else min(threads, work // EACH)
        partials = _PARTIALS if are_deterministic_algorithms_enabled() else None
        return NativeProgram(graph, target(), threads, partials)

    def check(self) -> None:
        target()

    def unsupported_dtypes(self) -> dict[str, str]:
        return {"float16": NO_HALF_FLOATS}

    def threads(self) -> int:
        """How many threads programs run on."""
        return get_num_threads()

    def peak(self, threads: int | None = None) -> float:
        """The most float32 operations in a second that this CPU reaches, in FLOP/s.

        Args:
            threads: how many run at once; by default as many as programs run on.
        """
        return fma_peak(threads or get_num_threads())


executor = NativeExecutor()
