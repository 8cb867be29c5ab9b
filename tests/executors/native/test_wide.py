"""Wide dense layers: all samples together, gradients that are never stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wubu
from executors.native.compare import ALL, LANES, compare
from wubu import Variable, ops
from wubu.executors.native.planning import wide
from wubu.executors.native.planning.plan import make_plan

MACHINES = [*ALL, (LANES[-1], 3)]
# (samples, inputs, units): whole vectors and panels, and neither.
SHAPES = [(32, 128, 128), (33, 70, 96), (40, 201, 65), (19, 64, 150)]


@pytest.fixture(autouse=True)
def _small_is_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wide, "LEAST_BYTES", 1)


def normal(*shape: int, seed: int = 0, dtype: Any = np.float32) -> np.ndarray:
    found = np.random.default_rng(seed).standard_normal(shape)
    return (found / np.sqrt(shape[0])).astype(dtype)


def network(
    inputs: int, units: int, dtype: Any = np.float32
) -> tuple[list[Variable], Callable]:
    """Two wide layers and a narrow one."""
    weights = [
        Variable(normal(inputs, units, seed=1, dtype=dtype)),
        Variable(normal(units, inputs, seed=2, dtype=dtype)),
        Variable(normal(inputs, 5, seed=3, dtype=dtype)),
    ]
    bias = Variable(normal(units, seed=4, dtype=dtype))

    def loss(x: Any) -> Any:
        hidden = ops.maximum(ops.matmul(x, weights[0]) + bias, 0)
        hidden = ops.tanh(ops.matmul(hidden, weights[1])) + x
        return ops.mean(ops.matmul(hidden, weights[2]) ** 2)

    return [*weights, bias], loss


def gradients(loss: Any, variables: list[Variable]) -> list[Any]:
    """Gradients that no variable keeps."""
    loss.backward()
    found = [v.grad for v in variables]
    for v in variables:
        v.grad = None
    return found


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_training(shape: tuple[int, int, int], optimizer: str) -> None:
    samples, inputs, units = shape
    variables, loss = network(inputs, units)
    chosen = wubu.optimizers.get(optimizer)
    chosen.build(variables)

    def step(x: Any) -> Any:
        found = loss(x)
        chosen.apply(gradients(found, variables), variables)
        return found

    x = normal(samples, inputs)
    graph = compare(step, x, machines=MACHINES, steps=2, tolerance=2e-4)
    plan = make_plan(graph, 4, 2)
    # Two layers, and the input's gradient through the second one.
    assert (len(plan.wide.products), len(plan.wide.gradients)) == (3, 2)
    assert not plan.wide.stored


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_gradients_that_others_read_are_stored(shape: tuple[int, int, int]) -> None:
    samples, inputs, units = shape
    variables, loss = network(inputs, units)
    chosen = wubu.optimizers.SGD(0.1, global_clipnorm=0.01)
    chosen.build(variables)

    def step(x: Any) -> Any:
        found = loss(x)
        chosen.apply(gradients(found, variables), variables)
        return found

    graph = compare(step, normal(samples, inputs), machines=MACHINES)
    plan = make_plan(graph, 4, 2)
    assert plan.wide.stored == plan.wide.gradients != frozenset()


def test_gradients_as_results() -> None:
    variables, loss = network(70, 130)

    def results(x: Any) -> Any:
        return gradients(loss(x), variables)

    compare(results, normal(37, 70), machines=MACHINES)


def test_one_variable_with_two_gradients() -> None:
    shared = Variable(normal(96, 96, seed=1))

    def step(x: Any) -> Any:
        hidden = ops.tanh(ops.matmul(x, shared))
        loss = ops.mean(ops.matmul(hidden, shared) ** 2)
        (gradient,) = gradients(loss, [shared])
        shared.assign(shared - 0.1 * gradient)
        return loss

    compare(step, normal(48, 96), machines=MACHINES)


def test_results_for_each_sample_leave_the_program() -> None:
    weights = Variable(normal(80, 72))

    def layer(x: Any) -> Any:
        y = ops.matmul(x, weights)
        return y, ops.exp(y), ops.matmul(y * 2, ops.transpose(weights))

    compare(layer, normal(50, 80, seed=5), machines=MACHINES)


def test_double_precision_and_regularized_weights() -> None:
    variables, loss = network(72, 100, np.float64)
    weights = variables[0]

    def step(x: Any) -> Any:
        found = loss(x) + 0.01 * ops.sum(weights**2)
        gradient, *_ = gradients(found, variables)
        weights.assign(weights - 0.1 * gradient)
        return found

    compare(step, normal(41, 72, dtype=np.float64), machines=MACHINES)


def test_a_batch_of_one_block_has_no_wide_layers() -> None:
    _, loss = network(70, 130)
    graph = wubu.trace(loss, normal(4, 70))
    assert not make_plan(graph, 4, 2).wide.products
