"""The `native` executor: a graph becomes machine code for this CPU."""

from __future__ import annotations

from wubu.core.graph import Graph
from wubu.executors.base import Executor, Program
from wubu.executors.native.lost import MUCH, warn_of_lost_lanes
from wubu.executors.native.peak import fma_peak
from wubu.executors.native.program import NativeProgram
from wubu.executors.native.target import target
from wubu.executors.native.work import ENOUGH, operations
from wubu.executors.native.workers import number_of_threads


class NativeExecutor(Executor):
    """Compiles with LLVM.

    Programs run on `WUBU_THREADS` threads, by default on as many as this process has
    CPUs; those with little to do run on one.
    """

    name = "native"

    def compile(self, graph: Graph) -> Program:
        threads, work = number_of_threads(), operations(graph)
        if work >= MUCH:
            warn_of_lost_lanes(graph)
        if work < ENOUGH:
            threads = 1
        return NativeProgram(graph, target(), threads)

    def check(self) -> None:
        target()

    def threads(self) -> int:
        """How many threads programs run on."""
        return number_of_threads()

    def peak(self, threads: int | None = None) -> float:
        """The most float32 operations in a second that this CPU reaches, in FLOP/s.

        Args:
            threads: how many run at once; by default as many as programs run on.
        """
        return fma_peak(threads or number_of_threads())


executor = NativeExecutor()
