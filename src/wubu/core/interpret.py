"""Walks a graph with NumPy: each node's own evaluation, in order.

Values are dropped after their last use. The `numpy` executor and the NumPy evaluation
of `scan` stand on this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from wubu.core.graph import Graph, Node
from wubu.core.memory import raise_not_enough
from wubu.core.modes import is_debugging_nans
from wubu.core.not_finite import check_results
from wubu.errors import WubuError


class _Step(NamedTuple):
    evaluate: Callable[..., Any]
    params: dict[str, Any]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    many: bool
    last_used: tuple[int, ...]
    node: Node


class Interpreter:
    """A graph prepared for walking: values are places in a list.

    Example:
        >>> import wubu
        >>> graph = wubu.trace(lambda x: x * x, wubu.ones(2))
        >>> Interpreter(graph).run([np.array([1, 2], "float32")], [])
        [array([1., 4.], dtype=float32)]
    """

    def __init__(self, graph: Graph) -> None:
        places = {value: i for i, value in enumerate(graph.inputs)}
        for _, value in graph.reads:
            places[value] = len(places)
        self._num_given = len(places)
        self._constants = []
        for value, array in graph.constants.items():
            self._constants.append((len(places), array))
            places[value] = len(places)
        for node in graph.nodes:
            for value in node.outputs:
                places[value] = len(places)
        self._results = [places[value] for value in graph.results()]
        self._num_places = len(places)
        self._steps = _steps(graph, places, set(self._results))

    def run(
        self, inputs: Sequence[np.ndarray], reads: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """The graph's results (outputs, then updates) for these inputs and variables.

        Results may share memory with each other and with the inputs.
        """
        values: list[Any] = [None] * self._num_places
        values[: self._num_given] = [*inputs, *reads]
        for place, array in self._constants:
            values[place] = array
        checked = is_debugging_nans()
        with np.errstate(all="ignore"):
            for step in self._steps:
                self._take(step, values, checked)
        return [values[place] for place in self._results]

    def _take(self, step: _Step, values: list[Any], checked: bool) -> None:
        inputs = [values[i] for i in step.inputs]
        try:
            found = step.evaluate(*inputs, **step.params)
            if checked:
                node = step.node
                results = found if step.many else (found,)
                check_results(node.primitive.name, inputs, results, node.where())
        except WubuError as error:
            error.where = error.where or step.node.where()
            raise
        except MemoryError as error:
            node = step.node
            name, where = node.primitive.name, node.where() or None
            raise_not_enough(name, error, inputs, where)
        if step.many:
            for place, array in zip(step.outputs, found, strict=True):
                values[place] = np.asarray(array)
        else:
            values[step.outputs[0]] = np.asarray(found)
        for place in step.last_used:
            values[place] = None


def _steps(graph: Graph, places: dict[Any, int], kept: set[int]) -> list[_Step]:
    steps = []
    needed_later = set(kept)
    for node in reversed(graph.nodes):
        inputs = tuple(places[value] for value in node.inputs)
        outputs = tuple(places[value] for value in node.outputs)
        last_used = (set(inputs) | set(outputs)) - needed_later
        needed_later |= set(inputs)
        steps.append(
            _Step(
                node.primitive.evaluate,
                node.params,
                inputs,
                outputs,
                node.primitive.many_outputs,
                tuple(sorted(last_used)),
                node,
            )
        )
    return steps[::-1]
