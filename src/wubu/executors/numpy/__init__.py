"""The `numpy` executor: walks the graph with each primitive's own NumPy evaluation.

It is the reference that other executors are tested against, runs on every platform,
and is the one to step through with a debugger.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wubu.core.graph import Graph
from wubu.core.interpret import Interpreter
from wubu.core.modes import is_debugging_nans
from wubu.core.origin import check_updates
from wubu.executors.base import Executor, Program


class NumpyProgram(Program):
    """A graph that is walked node by node."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._interpreter = Interpreter(graph)

    def run(self, arguments: Sequence[np.ndarray]) -> list[np.ndarray]:
        reads = [slot.read() for slot, _ in self._graph.reads]
        results = self._interpreter.run(arguments, reads)
        shared = {id(array) for array in (*arguments, *reads)}
        owned = [_own(array, shared) for array in results]
        split = len(self._graph.outputs)
        if is_debugging_nans():
            check_updates(self._graph, arguments, owned[split:])
        for (slot, _), array in zip(self._graph.updates, owned[split:], strict=True):
            slot.write(array)
        return owned[:split]


def _own(array: np.ndarray, shared: set[int]) -> np.ndarray:
    """The array in memory of its own; results may be views, inputs or each other."""
    if array.base is not None or id(array) in shared or not array.flags.writeable:
        return array.copy()
    shared.add(id(array))
    return array


class NumpyExecutor(Executor):
    """Compiles nothing: makes a graph ready for walking."""

    name = "numpy"

    def compile(self, graph: Graph) -> Program:
        return NumpyProgram(graph)


executor = NumpyExecutor()
