"""Loops in native code: where values lie that steps hand on and hand out."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest

import wubu
from executors.native.compare import ALL, compare
from wubu import ops
from wubu.executors.native.machine.target import target
from wubu.executors.native.planning import plan
from wubu.executors.native.planning.axes import batch_axes
from wubu.executors.native.running.program import NativeProgram


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


XS, START, W = numbers(5, 6, 8), numbers(6, 4, seed=1), numbers(4, 8, seed=2) / 2


def both(function, *arrays):
    compare(function, *arrays, machines=ALL, tolerance=1e-4)


def gates(h, x):
    return ops.split(x + h @ W, 2, axis=-1)


def hands_out_old(h, x):
    a, b = gates(h, x)
    return ops.tanh(a) * ops.sigmoid(b), h


def hands_out_old_and_new(h, x):
    a, b = gates(h, x)
    after = ops.tanh(a) * ops.sigmoid(b)
    return after, (h, after, after * 2)


def hands_out_new_twice(h, x):
    a, b = gates(h, x)
    after = ops.sigmoid(a) - b
    return after, (after, after)


def changes_nothing(h, x):
    return h, (h, x)


def exchanges(carry, x):
    """Each of two carries becomes the other: what is read must not be written yet."""
    a, b = carry
    first, _ = gates(a, x)
    return (b, ops.tanh(first)), (a, b)


def joins(h, x):
    """Reads a concatenation at other places than those it is computed at."""
    a, b = gates(h, x)
    whole = ops.concatenate([ops.tanh(a), ops.sigmoid(b)], axis=1)
    return ops.flip(whole, 1)[:, :4], (whole, ops.exp(ops.flip(whole, 1)))


STEPS = [
    hands_out_old,
    hands_out_old_and_new,
    hands_out_new_twice,
    changes_nothing,
    joins,
]


@pytest.mark.parametrize("reverse", [False, True], ids=["forwards", "backwards"])
class TestResults:
    @pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
    def test_equal_those_of_numpy(self, step, reverse):
        def run(xs, h):
            last, ys = ops.scan(step, h, xs, reverse=reverse)
            return [last, *(ys if isinstance(ys, tuple) else [ys])]

        both(run, XS, START)

    def test_of_carries_that_change_places(self, reverse):
        def run(xs, h):
            last, ys = ops.scan(exchanges, (h, h * 2), xs, reverse=reverse)
            return [*last, *ys]

        both(run, XS, START)

    def test_of_a_loop_after_a_loop(self, reverse):
        def run(xs, h):
            first, ys = ops.scan(hands_out_old, h, xs)
            last, zs = ops.scan(
                lambda c, x: (ops.tanh(c + x), (c, x)), first, ys, reverse=reverse
            )
            return [first, last, *zs]

        both(run, XS, START)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_gradients_equal_those_of_numpy(step):
    def loss(xs, h):
        last, ys = ops.scan(step, h, xs)
        ys = ys if isinstance(ys, tuple) else (ys,)
        return (last * last).sum() + sum((y * y).sum() for y in ys)

    both(wubu.grad(loss, (0, 1)), XS, START)


def test_functions_of_functions_are_computed_in_a_later_loop():
    def run(xs, h):
        def step(h, x):
            after = ops.tanh(ops.sigmoid(x) * h)
            return after, (ops.sigmoid(x), after * 2)

        last, ys = ops.scan(step, h, xs)
        return [last, *ys]

    arrays = numbers(5, 6, 4), numbers(6, 4, seed=1)
    both(run, *arrays)
    with mock.patch.object(plan, "chosen_axes", lambda graph, _: batch_axes(graph)):
        text = NativeProgram(wubu.trace(run, *arrays), target(), 1).llvm()
    loops = [line for line in text.splitlines() if "together0.body" in line]
    assert len([line for line in loops if line.endswith(":")]) == 2


def test_what_only_a_derivative_needs_is_not_kept():
    model = wubu.Sequential([wubu.layers.LSTM(8), wubu.layers.Dense(3)])
    x = numbers(2, 5, 4)
    predict = wubu.jit(lambda x: model(x, training=False), executor="native")
    found = predict(x)
    (loop,) = [
        node for node in predict.program(x).graph.nodes if node.primitive.name == "scan"
    ]
    assert len(loop.outputs) == 2  # the state and the cell, after the last step
    with wubu.no_grad():
        np.testing.assert_allclose(found, model(x, training=False), rtol=1e-5)
