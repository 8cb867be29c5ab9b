"""Too little memory is an error that says how much was asked for, and what helps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import layers, ops
from wubu.bench import workloads
from wubu.core.graph import Graph, Node
from wubu.core.memory import memory_limit
from wubu.errors import OutOfMemoryError
from wubu.executors.native.code.elementwise import RULES
from wubu.executors.native.kernels.moves import RULES as MOVES
from wubu.executors.native.machine.target import target
from wubu.executors.native.planning.axes import batch_axes
from wubu.executors.native.running import program
from wubu.executors.native.running.compilation import compile_graph
from wubu.executors.native.running.program import NativeProgram
from wubu.training.feeds import make_feed
from wubu.training.readiness import make_ready


def dense(x: Any) -> Any:
    return ops.tanh(x @ np.ones((3, 5), np.float32))


def hungry(size: int, monkeypatch: pytest.MonkeyPatch, threads: int = 1) -> None:
    """As if intermediate values took so many bytes on each of some threads."""

    def larger(*arguments: Any) -> Any:
        found = compile_graph(*arguments)
        return found._replace(sizes=[64, 64, size, 64], threads=threads)

    monkeypatch.setattr(program, "compile_graph", larger)


@pytest.mark.parametrize("size", [2**48, 2**62])
def test_the_error_says_how_much_and_what_helps(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hungry(size, monkeypatch, threads=2)
    graph = wubu.trace(dense, wubu.zeros((40, 3)))
    with pytest.raises(OutOfMemoryError, match="for a run of dense") as caught:
        NativeProgram(graph, target(), 2)
    assert isinstance(caught.value, MemoryError)
    assert f"{2 * size / 1e9:,.1f} GB" in str(caught.value.got)
    assert memory_limit().whose in str(caught.value.got)
    assert "a smaller batch than 40" in str(caught.value.fix)
    assert "set_num_threads(1)" in str(caught.value.fix)


def test_memory_that_the_system_refuses_is_the_same_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hungry(2**62, monkeypatch)
    monkeypatch.setattr("wubu.core.memory.memory_limit", lambda: None)
    with pytest.raises(OutOfMemoryError, match="for a run of dense") as caught:
        NativeProgram(wubu.trace(dense, wubu.zeros((40, 3))), target(), 1)
    assert "num_threads" not in str(caught.value.fix)


def test_results_that_do_not_fit_either() -> None:
    graph = wubu.trace(lambda x: ops.broadcast_to(x, (2**58, 1)) * 2, np.ones(1, "f4"))
    with pytest.raises(OutOfMemoryError, match="for a run of"):
        NativeProgram(graph, target(), 1).run([np.ones(1, "f4")])


def test_training_says_so_before_a_weight_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = wubu.Sequential([layers.Input((3,)), layers.Dense(2)])
    model.compile("adam", "mse")
    before = [w.copy() for w in model.get_weights()]
    hungry(2**60, monkeypatch)
    with pytest.raises(MemoryError, match="a smaller batch than 7"):
        model.fit(np.ones((14, 3)), np.ones((14, 2)), batch_size=7, verbose=0)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_numpy_names_the_operation() -> None:
    @wubu.jit(executor="numpy")
    def double(x: Any) -> Any:
        return ops.broadcast_to(x, (2**58, 1)) * 2

    with pytest.raises(OutOfMemoryError, match="not enough memory for mul") as caught:
        double(np.ones(1, "f4"))
    assert "test_memory.py:" in str(caught.value.where)
    assert "GB for an array of shape (288230376151711744, 1)" in str(caught.value.got)


def training_step(name: str) -> Graph:
    workload = workloads.find(name)
    model = workloads.build(workload.layers, workload.input_shape)
    x = np.zeros((workload.batch, *workload.input_shape), np.float32)
    y = np.zeros(workload.batch, np.int32)
    make_ready(model, make_feed(x, y, batch_size=workload.batch), "train")
    return wubu.trace(lambda x, y: model.train_step((x, y, None)), x, y)


def is_computed_where_it_is_read(node: Node) -> bool:
    return node.primitive.name in RULES or node.primitive.name in MOVES


def needed(graph: Graph, lanes: int) -> int:
    """Bytes that the layout needs on one thread: a block of each result of a kernel,
    from where it is made to where it is last read, by way of elementwise operations
    and movements too; and every sum over samples."""
    axes, last = batch_axes(graph), {}
    for i, node in reversed(list(enumerate(graph.nodes))):
        reach = i
        if is_computed_where_it_is_read(node):
            reach = max(last.get(value, i) for value in node.outputs)
        for value in node.inputs:
            last[value] = max(last.get(value, 0), reach)
    live, sums = [0] * len(graph.nodes), 0
    for i, node in enumerate(graph.nodes):
        if is_computed_where_it_is_read(node):
            continue
        for value in node.outputs:
            size = math.prod(value.shape) * value.dtype.itemsize
            if value in axes:
                for k in range(i, last.get(value, i) + 1):
                    live[k] += size // value.shape[axes[value]] * lanes
            elif any(v in axes for v in node.inputs):
                sums += size
    return max(live) + sums


@pytest.mark.parametrize("name", ["mlp", "lenet", "cnn", "lstm"])
@pytest.mark.parametrize("threads", [1, 2])
def test_programs_take_at_most_half_more_than_their_values_need(
    name: str, threads: int
) -> None:
    graph, chosen = training_step(name), target()
    found = compile_graph(graph, chosen, threads, None)
    private, *own, common = found.sizes
    taken = private * found.partials + sum(own) * found.threads + common
    assert 0 < taken <= 1.5 * threads * needed(graph, chosen.lanes)
