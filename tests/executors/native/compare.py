"""Runs one graph on the numpy executor and as machine code, and compares everything."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

import numpy as np

import wubu
from wubu.core.executors import load_executor
from wubu.core.graph import Graph, Value
from wubu.errors import ArgumentError
from wubu.executors.native.machine.target import target
from wubu.executors.native.planning import plan
from wubu.executors.native.planning.axes import batch_axes
from wubu.executors.native.running.program import NativeProgram


def lane_counts() -> list[int]:
    """The vectors this CPU has."""
    found = []
    for lanes in (4, 8, 16):
        try:
            found.append(target(lanes).lanes)
        except ArgumentError:
            break
    return found


LANES = lane_counts()
WIDEST = LANES[-1]

# (lanes, threads): what a test uses that has no reason for another choice, and all.
USUAL = [(WIDEST, 1)]
ALL = [(lanes, 1) for lanes in LANES] + [(LANES[0], 2), (WIDEST, 2)]


def compare(
    function: Callable[..., Any],
    *arrays: Any,
    machines: Sequence[tuple[int, int]] = USUAL,
    tolerance: float = 2e-5,
    steps: int = 1,
    axes: Callable[[Graph], dict[Value, int]] = batch_axes,
) -> Graph:
    """Checks that a function gives the same outputs, and leaves the same variables.

    Floats may differ by `tolerance`, of a number and of the largest number beside it:
    sums are added in another order. Everything else is the same.

    Args:
        axes: says which axes of a graph run over samples.

    Returns:
        The graph, to look into.
    """
    given = [np.asarray(a) for a in arrays]
    graph = wubu.trace(function, *given)
    start = [slot.read().copy() for slot, _ in graph.updates]
    reference = load_executor("numpy").compile(graph)
    wanted = run(graph, reference, given, steps)
    for lanes, threads in machines:
        restore(graph, start)
        with mock.patch.object(plan, "chosen_axes", lambda graph, _: axes(graph)):
            program = NativeProgram(graph, target(lanes), threads)
        # As many threads as asked for, however little there is to do.
        program._compiled = program._compiled._replace(elastic=False)
        found = run(graph, program, given, steps)
        for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
            what = f"result {i}, {lanes} lanes, {threads} threads, {graph}"
            assert_close(a, b, tolerance, what)
    return graph


def run(
    graph: Graph, program: Any, given: Sequence[np.ndarray], steps: int
) -> list[np.ndarray]:
    for _ in range(steps):
        outputs = program.run(given)
    return [*outputs, *[slot.read().copy() for slot, _ in graph.updates]]


def restore(graph: Graph, arrays: Sequence[np.ndarray]) -> None:
    for (slot, _), array in zip(graph.updates, arrays, strict=True):
        slot.write(array.copy())


def assert_close(
    found: np.ndarray, wanted: np.ndarray, tolerance: float, what: str
) -> None:
    assert found.shape == wanted.shape, what
    assert found.dtype == wanted.dtype, what
    if wanted.dtype.kind != "f":
        np.testing.assert_array_equal(found, wanted, err_msg=what)
        return
    if wanted.dtype == np.float64:
        tolerance *= 1e-6
    finite = wanted[np.isfinite(wanted)]
    beside = float(np.abs(finite).max(initial=0)) / math.sqrt(max(1, finite.size))
    np.testing.assert_allclose(
        found, wanted, tolerance, tolerance * max(beside, 1e-3), err_msg=what
    )
