"""The `native` executor: a graph becomes machine code for this CPU."""

from __future__ import annotations

import os

from wubu.core.graph import Graph
from wubu.executors.base import Executor, Program
from wubu.executors.native.program import NativeProgram
from wubu.executors.native.target import target


class NativeExecutor(Executor):
    """Compiles with LLVM."""

    name = "native"

    def compile(self, graph: Graph) -> Program:
        threads = int(os.environ.get("WUBU_THREADS", os.cpu_count() or 1))
        return NativeProgram(graph, target(), threads)


executor = NativeExecutor()
