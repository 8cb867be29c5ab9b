"""What a body of `scan` may do besides computing, against a plain Python loop: end
derivatives, take derivatives, assign variables, draw random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from wubu import ops
from wubu.errors import TraceError

XS = np.random.default_rng(0).standard_normal((5, 3))
WAYS = pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])


def loop(step: Any, carry: Any, xs: Any) -> tuple[Any, Any]:
    ys = []
    for t in range(xs.shape[0]):
        carry, y = step(carry, xs[t])
        ys.append(y)
    return carry, None if ys[0] is None else ops.stack(ys)


# -- where derivatives end ------------------------------------------------------------


def detached(w: Any, c: Any, x: Any) -> Any:
    new = ops.tanh(c * w + x)
    return new + (c * w).detach(), new


def stopped(w: Any, c: Any, x: Any) -> Any:
    new = ops.tanh(c * w + x)
    return new * ops.stop_gradient(ops.sin(new)), ops.stop_gradient(c) * x


def without_grad(w: Any, c: Any, x: Any) -> Any:
    with wubu.no_grad():
        scale = ops.exp(w * x)
        scale = scale / scale.sum()
    return ops.tanh(c * w * scale), scale * c


def a_leaf_inside(w: Any, c: Any, x: Any) -> Any:
    """One step down the slope of an energy, which is not differentiated itself."""
    place = (c * 2).detach().requires_grad_()
    energy = (ops.cos(place) * w.detach()).sum()
    energy.backward()
    return c * w - 0.1 * place.grad + x, place.grad * w


STEPS = [detached, stopped, without_grad, a_leaf_inside]


@WAYS
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
@pytest.mark.parametrize("twice", [False, True])
def test_derivatives_end_where_they_end_in_a_loop(
    step: Any, twice: bool, compiled: bool
) -> None:
    def total(run: Any) -> Any:
        def function(w: Any, c: Any, xs: Any) -> Any:
            last, ys = run(lambda carry, x: step(w, carry, x), c, xs)
            return ops.square(last).sum() + ops.sin(ys).sum()

        def slopes(*arguments: Any) -> Any:
            parts = wubu.grad(function, (0, 1, 2))(*arguments)
            return sum((ops.sin(part).sum() for part in parts), start=0.0)

        return wubu.grad(slopes if twice else function, (0, 1, 2))

    arguments = np.array([0.3, -0.7, 1.1]), np.array([0.5, 0.2, -0.4]), XS
    found = (wubu.jit(total(ops.scan)) if compiled else total(ops.scan))(*arguments)
    for a, b in zip(found, total(loop)(*arguments), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), 1e-11, 1e-13)


@pytest.mark.parametrize("outside", ["constant", "carry", "row"])
def test_backward_that_reaches_what_comes_from_outside_is_refused(outside: str) -> None:
    w = wubu.Variable(np.ones(3))

    def step(c: Any, x: Any) -> Any:
        place = wubu.tensor(np.ones(3)) * x.detach()
        place = place.detach().requires_grad_()
        (place * {"constant": w, "carry": c, "row": x}[outside]).sum().backward()
        return c + place.grad, None

    with pytest.raises(TraceError, match="a tensor from outside") as caught:
        ops.scan(step, np.zeros(3), XS)
    assert "wubu.grad" in str(caught.value.fix)
    assert w.grad is None


def test_loops_inside_keep_nothing_for_a_derivative_that_nobody_takes() -> None:
    def outer(c: Any, x: Any) -> Any:
        return ops.scan(lambda h, y: (ops.tanh(h * y), None), c, x)[0], None

    def run(xs: Any) -> Any:
        return ops.scan(outer, np.float64(0.5), xs)[0]

    for graph in (wubu.trace(run, XS), wubu.trace(wubu.grad(run), XS)):
        body = next(n for n in graph.nodes if n.primitive.name == "scan").params["body"]
        (inner,) = (n for n in body.nodes if n.primitive.name == "scan")
        kept = {*body.outputs, *(v for n in body.nodes for v in n.inputs)}
        assert set(inner.outputs) <= kept


# -- variables that are assigned ------------------------------------------------------


@WAYS
def test_a_variable_assigned_in_a_body_goes_from_step_to_step(compiled: bool) -> None:
    total = wubu.Variable(np.zeros(3), trainable=False)

    def step(c: Any, x: Any) -> Any:
        before = total.value
        total.assign(total + x)
        return c + 1.0, total.value - before * 0.5

    def run(xs: Any) -> Any:
        return ops.scan(step, np.float64(0), xs)

    call = wubu.jit(run) if compiled else run
    for times in (1, 2):
        count, ys = call(XS)
        sums = (times - 1) * XS.sum(0) + np.cumsum(XS, 0)
        before = np.vstack([(times - 1) * XS.sum(0), sums[:-1]])
        assert count.item() == 5
        np.testing.assert_allclose(ys.numpy(), sums - before / 2, 1e-12)
        np.testing.assert_allclose(total.numpy(), times * XS.sum(0), 1e-12)


@WAYS
def test_a_variable_assigned_in_a_loop_inside_a_loop(compiled: bool) -> None:
    count = wubu.Variable(0, "int64", trainable=False)

    def inner(c: Any, x: Any) -> Any:
        count.assign(count + 1)
        return c + x * count.astype("float64"), None

    def run(xs: Any) -> Any:
        return ops.scan(lambda c, row: ops.scan(inner, c, row), np.float64(0), xs)[0]

    gradient = wubu.grad(run)
    found = (wubu.jit(gradient) if compiled else gradient)(XS)
    np.testing.assert_allclose(found.numpy(), np.arange(1, 16).reshape(5, 3), 1e-12)
    assert count.item() == 15


@WAYS
def test_random_numbers_in_a_body_are_those_of_a_loop(compiled: bool) -> None:
    def draws(run: Any, seeds: Any) -> Any:
        def step(c: Any, x: Any) -> Any:
            noise = wubu.random.normal((3,), dtype="float64", seed=seeds)
            return c + x * noise, noise

        return lambda xs: run(step, wubu.tensor(np.zeros(3)), xs)

    wubu.set_random_seed(3)
    wanted = draws(loop, wubu.random.SeedGenerator(1))(wubu.tensor(XS))
    wubu.set_random_seed(3)
    call = draws(ops.scan, wubu.random.SeedGenerator(1))
    found = (wubu.jit(call) if compiled else call)(wubu.tensor(XS))
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), 1e-12)


@WAYS
def test_a_layer_in_a_body_may_have_states_and_drop_out(compiled: bool) -> None:
    drop = wubu.layers.Dropout(0.5, seed=1)
    norm = wubu.layers.BatchNormalization(momentum=0.5)
    norm.ensure_built(((None, 2),))
    xs = np.random.default_rng(0).standard_normal((4, 8, 2)).astype("float32")

    def run(xs: Any) -> Any:
        def step(c: Any, x: Any) -> Any:
            return c, drop(norm(x, training=True), training=True)

        return ops.scan(step, 0.0, xs)[1]

    dropped = (wubu.jit(run) if compiled else run)(xs).detach().numpy() == 0
    assert 0.2 < dropped.mean() < 0.8
    assert (dropped[0] != dropped[1]).any()
    mean = np.zeros(2)
    for x in xs:
        mean = 0.5 * mean + 0.5 * x.mean(0)
    np.testing.assert_allclose(norm.moving_mean.numpy(), mean, 1e-5)
