"""Large sums of products of shared values are divided by threads."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

import wubu
from executors.native.compare import LANES, WIDEST, restore
from executors.native.compare import compare as compare_with_numpy
from wubu import Variable, ops
from wubu.executors.native.machine.target import target
from wubu.executors.native.planning import divided
from wubu.executors.native.planning.orientation import chosen_axes
from wubu.executors.native.planning.plan import make_plan
from wubu.executors.native.running.crew import Crew
from wubu.executors.native.running.program import NativeProgram

MACHINES = [(WIDEST, 2), (WIDEST, 3), (LANES[0], 2)]
compare = functools.partial(
    compare_with_numpy, axes=lambda graph: {}, machines=MACHINES
)


@pytest.fixture
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(divided, "LEAST", 1)
    monkeypatch.setattr(divided, "WORTH", 1)


small_is_large = pytest.mark.usefixtures("_small_is_large")


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@small_is_large
@pytest.mark.parametrize("turned", ["", "left", "right", "both"])
@pytest.mark.parametrize(
    ("m", "k", "n"),
    [(1, 40, 70), (3, 34, 16), (37, 6, 200), (40, 100, 1), (1, 64, 1), (1, 301, 603)],
)
def test_products_of_matrices(m: int, k: int, n: int, turned: str) -> None:
    """Whole tiles for every thread, edges alone, and nothing to divide."""

    def function(a: Any, b: Any) -> Any:
        a = a.T if turned in ("left", "both") else a
        b = b.T if turned in ("right", "both") else b
        product = ops.matmul(a, b)
        return product, ops.matmul(b.T, a.T), ops.matmul(product.T, a)

    a = normal(*((k, m) if turned in ("left", "both") else (m, k)))
    b = normal(*((n, k) if turned in ("right", "both") else (k, n)), seed=1)
    compare(function, a, b)


@small_is_large
def test_products_of_vectors_are_not_divided() -> None:
    graph = compare(ops.matmul, normal(50), normal(50, seed=1))
    assert not find(graph)


@small_is_large
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("filters", [6, 36])
def test_convolutions_and_their_gradients(groups: int, filters: int) -> None:
    """What a convolution reads has margins, also if threads have made it together."""
    kernels = normal(3, 3, 6 // groups, filters), normal(3, 3, filters, 5, seed=1)

    def function(x: Any) -> Any:
        def loss(x: Any, first: Any, second: Any) -> Any:
            y = ops.conv(x, first, strides=2, padding="same")
            return (ops.conv(y, second, padding="same") ** 2).sum()

        return wubu.value_and_grad(loss, (0, 1, 2))(x, *map(wubu.tensor, kernels))

    graph = compare(function, normal(2, 9, 8, 6))
    assert len(find(graph)) == 6


@small_is_large
def test_training_step_by_step() -> None:
    """Nobody writes a variable that another thread still reads."""
    weights = [Variable(normal(40, 60) / 10), Variable(normal(60, 40, seed=1) / 10)]

    def step(x: Any) -> Any:
        def loss(a: Any, b: Any) -> Any:
            return ((ops.tanh(x @ a) @ b) ** 2).sum()

        gradients = wubu.grad(loss, (0, 1))(*[w.value for w in weights])
        for w, gradient in zip(weights, gradients, strict=True):
            w.assign(w - 0.01 * gradient / (1 + (w * w).sum()))
        return x @ weights[0] @ weights[1]

    compare(step, normal(3, 40), steps=20)


@small_is_large
def test_in_many_steps_of_one_call() -> None:
    """A step does not write what another thread still reads of the one before."""
    state = Variable(normal(1, 70))
    weights = normal(70, 70, seed=1) / 10

    def step() -> None:
        state.assign(ops.tanh(ops.tanh(state @ weights) @ weights))

    graph = wubu.trace(step)
    start = [slot.read().copy() for slot, _ in graph.updates]
    found = []
    for threads in (1, 2, 3):
        restore(graph, start)
        program = NativeProgram(graph, target(), threads)
        program._compiled = program._compiled._replace(elastic=False)
        program.repeat([], 200)
        found.append(state.numpy().copy())
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_variables_that_are_summed_before_they_change() -> None:
    """Each thread takes the sum for itself; none changes them before all have."""
    w = Variable(normal(64, 64))

    def step(x: Any) -> Any:
        gradient = wubu.grad(lambda w: ((x @ w) ** 2).mean())(w.value)
        new = w - gradient
        w.assign(new / (1 + (new * new).mean()))

    graph = compare_with_numpy(step, normal(64, 64), machines=MACHINES, steps=5)
    _, after = NativeProgram(graph, target(), 2).text().split("g = sum")
    before_updates, _ = after.split("update ")
    assert "wait for all threads" in before_updates


@small_is_large
@pytest.mark.parametrize("length", [1, 2, 7])
def test_in_the_steps_of_a_loop(length: int) -> None:
    """What is made in one step, others may still read while the next one begins."""
    a, b = normal(70, 90) / 10, normal(90, 70, seed=1) / 10
    weights = normal(3, 20, seed=2), normal(20, 20, seed=3) / 10

    def function(x: Any, xs: Any, a: Any, b: Any) -> Any:
        def step(h: Any, x: Any) -> Any:
            y = ops.tanh(h @ a)
            return ops.tanh(y @ b) + x, y

        return ops.scan(step, x, xs)

    def nested(x: Any, w: Any) -> Any:
        def step(h: Any, x: Any) -> Any:
            return ops.scan(lambda h, x: (ops.tanh(h @ w) + x, h), h, x)

        return ops.scan(step, x[0], x.reshape(1, 3, 20) * ops.ones((length, 1, 1)))

    graph = compare(
        function, normal(1, 70), normal(length, 1, 70, seed=4), a, b, steps=3
    )
    assert len(find(graph)) == 2
    compare(nested, *weights, steps=3)


@small_is_large
def test_one_thread_alone_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where others sleep, and there is little to do, nobody wakes them."""
    weights = normal(70, 70, seed=1) / 10
    row = normal(1, 70)
    graph = wubu.trace(lambda x: ops.tanh(x @ weights) @ weights, row)
    program = NativeProgram(graph, target(), 2)
    assert program.threads == 2 and program._compiled.elastic
    asked: list[int] = []
    monkeypatch.setattr(Crew, "try_to_run", lambda self, *given: asked.append(1) or -1)
    (alone,) = program.run([row])
    assert asked
    program._compiled = program._compiled._replace(elastic=False)
    (both,) = program.run([row])
    np.testing.assert_array_equal(alone, both)


@small_is_large
def test_beside_samples() -> None:
    """A product that all samples of a batch read."""
    a, b = normal(20, 33), normal(33, 48, seed=1)

    def function(x: Any, a: Any, b: Any) -> Any:
        return ops.exp(x @ (a @ b) / 10)

    x = normal(64, 20, seed=2)
    graph = compare_with_numpy(function, x, a, b, machines=[*MACHINES, (WIDEST, 1)])
    assert chosen_axes(graph, WIDEST)
    assert len(find(graph)) == 1


def test_what_is_small_is_left_to_one_thread() -> None:
    """Meeting takes time."""
    row, weights = normal(1, 1500), normal(1500, 1500)
    large = wubu.trace(lambda x, w: x @ w, row, weights)
    small = wubu.trace(lambda x, w: x @ w, row[:, :200], weights[:200, :200])
    both = wubu.trace(lambda x, w: (x @ w, x[0, :9] @ w[:9]), row, weights)
    assert [make_plan(graph, 8, 2).threads for graph in (large, small)] == [2, 1]
    assert [len(find(graph)) for graph in (large, small, both)] == [1, 0, 1]


def find(graph: Any) -> Any:
    return make_plan(graph, WIDEST, 2).divided
