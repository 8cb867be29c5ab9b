"""`scan` against an unrolled Python loop: values, derivatives, structure, errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wubu
from harness.gradients import check_gradients
from wubu import ops
from wubu.core import tree
from wubu.core.graph import Graph


def loop(step, init, xs=None, length=None, reverse=False):
    """What scan means, in plain Python."""
    rows = [] if xs is None else tree.flatten(xs)[0]
    length = length if length is not None else wubu.as_tensor(rows[0]).shape[0]
    carry, ys = init, []
    for t in reversed(range(length)) if reverse else range(length):
        x = None if xs is None else tree.map_structure(lambda a, t=t: a[t], xs)
        carry, y = step(carry, x)
        ys.append(y)
    ys = ys[::-1] if reverse else ys
    if ys[0] is None:
        return carry, None
    return carry, tree.map_structure(lambda *parts: ops.stack(parts), *ys)


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape) * 0.5


def rnn(w, u):
    def step(h, x):
        h = ops.tanh(x @ w + h @ u)
        return h, h

    return step


def lstm_like(w, u):
    """Two carries in a dictionary, two results in a tuple, an input in a tuple."""

    def step(carry, x):
        first, second = x
        h, c = carry["h"], carry["c"]
        gate = ops.sigmoid(first @ w + h @ u)
        c = gate * c + (1 - gate) * ops.tanh(second @ w)
        h = ops.tanh(c) * gate
        return {"h": h, "c": c}, (h * 2, c.sum())

    return step


def counting(w, u):
    """An integer carry beside a float one; the captured constant depends on nothing."""
    offset = np.array([1.0, -1.0])

    def step(carry, x):
        n, h = carry
        h = ops.tanh(x @ w + h @ u) * (n + 1) + offset
        return (n + 1, h), (n, h)

    return step


W, U = normal(3, 2, seed=1), normal(2, 2, seed=2)
XS, START = normal(4, 5, 3, seed=3), normal(5, 2, seed=4)


def run_rnn(scan, xs, h, w, u, **options):
    return scan(rnn(w, u), h, xs, **options)


def run_lstm(scan, xs, h, w, u, **options):
    carry = {"h": h, "c": h * 0.5}
    return scan(lstm_like(w, u), carry, (xs, xs * 2), **options)


def run_counting(scan, xs, h, w, u, **options):
    count = wubu.tensor(0)
    return scan(counting(w, u), (count, h), xs, **options)


PROGRAMS = {"rnn": run_rnn, "lstm": run_lstm, "counting": run_counting}


@pytest.mark.parametrize("reverse", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("name", PROGRAMS)
class TestAgainstAPythonLoop:
    def results(self, name, scan, reverse, *arrays):
        arrays = [wubu.as_tensor(a) for a in arrays]
        return tree.flatten(PROGRAMS[name](scan, *arrays, reverse=reverse))[0]

    def test_values(self, name, reverse):
        found = self.results(name, ops.scan, reverse, XS, START, W, U)
        expected = self.results(name, loop, reverse, XS, START, W, U)
        for a, b in zip(found, expected, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a.numpy(), b.numpy(), 1e-13, 1e-14)

    def test_values_compiled(self, name, reverse):
        def results(*arrays):
            return self.results(name, ops.scan, reverse, *arrays)

        function = wubu.jit(results, executor="numpy")
        expected = self.results(name, ops.scan, reverse, XS, START, W, U)
        for a, b in zip(function(XS, START, W, U), expected, strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())

    def test_gradients_equal_those_of_the_loop(self, name, reverse):
        def gradients(scan, compiled=False):
            def loss(*arrays):
                parts = self.results(name, scan, reverse, *arrays)
                return sum((p * p).sum() for p in parts if p.dtype.kind == "f")

            function = wubu.grad(loss, (0, 1, 2, 3))
            function = wubu.jit(function) if compiled else function
            return [g.numpy() for g in function(XS, START, W, U)]

        expected = gradients(loop)
        for found in (gradients(ops.scan), gradients(ops.scan, compiled=True)):
            for a, b in zip(found, expected, strict=True):
                np.testing.assert_allclose(a, b, 1e-11, 1e-12)

    def test_derivatives_equal_differences_twice(self, name, reverse):
        check_gradients(
            lambda *arrays: self.results(name, ops.scan, reverse, *arrays),
            [XS[:3, :2], START[:2], W, U],
        )


@given(
    length=st.integers(1, 4),
    reverse=st.booleans(),
    seed=st.integers(0, 99),
    wanted=st.sets(st.integers(0, 3), min_size=1),
)
def test_only_what_requires_a_gradient_gets_one(length, reverse, seed, wanted):
    arrays = [normal(length, 2, 3, seed=seed), START[:2], W, U]

    def gradients(scan):
        leaves = [
            wubu.tensor(a, requires_grad=i in wanted) for i, a in enumerate(arrays)
        ]
        h, ys = run_rnn(scan, *leaves, reverse=reverse)
        (ops.square(ys).sum() + h.sum()).backward()
        return [leaf.grad for leaf in leaves]

    for i, (a, b) in enumerate(zip(gradients(ops.scan), gradients(loop), strict=True)):
        assert (a is None) == (i not in wanted)
        if a is not None:
            np.testing.assert_allclose(a.numpy(), b.numpy(), 1e-11, 1e-12)


def test_a_result_that_is_not_used_and_one_that_is_only_carried():
    def last(xs):
        return ops.scan(lambda c, x: (c * x, x * 2), wubu.tensor(1.0, "float64"), xs)[0]

    xs = np.array([2.0, 3.0, 4.0])
    assert wubu.grad(last)(xs).tolist() == [12.0, 8.0, 6.0]
    check_gradients(last, [xs])


def test_length_without_xs():
    h, ys = ops.scan(lambda c, _: (c * 2, c), 1.0, length=5)
    assert h.item() == 32.0
    assert ys.tolist() == [1.0, 2.0, 4.0, 8.0, 16.0]
    slope = wubu.grad(lambda c: ops.scan(lambda c, _: (c * 2, None), c, length=5)[0])
    assert slope(1.0).item() == 32.0


def test_without_results_there_are_none():
    assert ops.scan(lambda c, x: (c + x, None), 0.0, wubu.ones(3))[1] is None
    carry, ys = ops.scan(lambda c, x: (c, x), (), wubu.ones(3))
    assert carry == ()
    assert ys.tolist() == [1.0, 1.0, 1.0]


def test_no_steps_leave_the_carry():
    h, ys = ops.scan(lambda c, x: (c + x, c), 3.0, wubu.zeros(0))
    assert h.item() == 3.0
    assert ys.shape == (0,)


def test_a_constant_of_the_body_that_is_a_result_itself():
    w = wubu.tensor(2.0, "float64", requires_grad=True)
    _, ys = ops.scan(lambda c, x: (c, w), 0.0, wubu.ones(3))
    ys.sum().backward()
    assert w.grad.item() == 3.0


def test_map_stacks_results_of_every_slice():
    x = normal(4, 3)
    found = ops.map(lambda row: {"sum": row.sum(), "double": row * 2}, x)
    np.testing.assert_allclose(found["sum"].numpy(), x.sum(1))
    np.testing.assert_allclose(found["double"].numpy(), x * 2)


def test_scan_in_scan():
    def program(scan):
        def loss(w, xs, h):
            def step(h, rows):
                h, ys = scan(lambda c, x: (ops.tanh(c * w + x), c), h, rows)
                return h, ys.sum(0) * w

            last, ys = scan(step, h, xs)
            return last.sum() + (ys * ys).sum()

        return loss

    arguments = [np.array(0.7), normal(3, 4, 2), normal(2, seed=5)]
    found = wubu.value_and_grad(program(ops.scan), (0, 1, 2))(*arguments)
    expected = wubu.value_and_grad(program(loop), (0, 1, 2))(*arguments)
    for a, b in zip(tree.flatten(found)[0], tree.flatten(expected)[0], strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), 1e-11, 1e-12)
    check_gradients(program(ops.scan), arguments)


def test_variables_captured_by_a_body_get_gradients():
    for compiled in (False, True):
        w, u = wubu.Variable(W), wubu.Variable(U)

        def step(xs, h, w=w, u=u):
            _, ys = ops.scan(rnn(w, u), h, xs)
            loss = ops.square(ys).sum()
            loss.backward()
            return loss

        (wubu.jit(step) if compiled else step)(wubu.tensor(XS), wubu.tensor(START))
        expected = wubu.grad(
            lambda w, u: ops.square(loop(rnn(w, u), START, XS)[1]).sum(), (0, 1)
        )(W, U)
        np.testing.assert_allclose(w.grad.numpy(), expected[0].numpy(), 1e-11)
        np.testing.assert_allclose(u.grad.numpy(), expected[1].numpy(), 1e-11)


def scans(graph: Graph) -> list:
    return [node for node in graph.nodes if node.primitive.name == "scan"]


def test_weight_gradients_are_contractions_after_the_loop():
    """Nothing in the backward loop has the size of a weight: not its carry, not what it
    stacks. The steps are one more axis of one contraction for each weight."""
    w, u = wubu.Variable(normal(30, 20)), wubu.Variable(normal(20, 20))

    def step(xs, h):
        ops.square(ops.scan(rnn(w, u), h, xs)[1]).sum().backward()

    graph = wubu.trace(step, normal(7, 5, 30), normal(5, 20))
    forward, backward = scans(graph)
    body = backward.params["body"]
    sizes = {int(np.prod(v.shape)) for v in body.outputs}
    assert max(sizes) <= 5 * 30
    inner = [n for n in body.nodes if n.primitive.name == "dot_general"]
    assert len(inner) == 1, "g @ u.T, from step to step"
    outside = [n for n in graph.nodes if n.primitive.name == "dot_general"]
    assert len(outside) == 2
    for node in outside:
        assert node.inputs[0].shape[0] == node.inputs[1].shape[0] == 7
    assert backward.params["reverse"] and not forward.params["reverse"]


def test_derivatives_inside_a_body():
    """Of what the body is given, of numbers, of what it captures; and through them."""
    w = wubu.Variable(3.0)
    for inner in (
        lambda x: wubu.grad(lambda y: x * y)(2.0),
        lambda x: wubu.grad(lambda y: y * y)(x * 0.5),
        lambda x: wubu.grad(lambda y: y * y)(w) / 6.0,
    ):
        total, _ = ops.scan(lambda c, x, f=inner: (c + f(x), None), 0.0, wubu.ones(3))
        assert total.item() == 3.0

    def descend(target):
        """Three steps of gradient descent on (y - target)², as a loop."""

        def step(y, _):
            return y - 0.1 * wubu.grad(lambda z: (z - target) ** 2)(y), None

        return ops.scan(step, np.float64(0), length=3)[0]

    assert wubu.grad(descend)(np.float64(1)).item() == pytest.approx(1 - 0.8**3)
    check_gradients(descend, [np.array(0.7)])


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ops.scan(lambda c, x: c, 0.0, wubu.ones(3)), r"returns \(carry, y\)"),
        (
            lambda: ops.scan(lambda c, x: ((c, c), x), 0.0, wubu.ones(3)),
            "another structure",
        ),
        (
            lambda: ops.scan(lambda c, x: (c + x, x), 0.0, wubu.ones(3, 2)),
            "keeps shape and dtype; part 0",
        ),
        (
            lambda: ops.scan(lambda c, x: (c, x), 0.0, (wubu.ones(3), wubu.ones(4))),
            "one number of steps",
        ),
        (lambda: ops.scan(lambda c, x: (c, x), 0.0), "one number of steps"),
        (
            lambda: ops.scan(lambda c, x: (c, x), 0.0, wubu.ones(())),
            "steps as their first axis",
        ),
    ],
)
def test_bodies_that_do_not_fit_are_refused_with_the_callers_line(call, text):
    with pytest.raises(wubu.errors.WubuError, match=text) as caught:
        call()
    assert "test_scan.py:" in caught.value.where


def test_a_branch_in_a_body_is_refused():
    with pytest.raises(wubu.errors.TraceError, match="branch on its value"):
        ops.scan(lambda c, x: (c if x > 0 else -c, None), 0.0, wubu.ones(3))


def test_an_error_in_a_body_leaves_no_trace_behind():
    with pytest.raises(ZeroDivisionError):
        ops.scan(lambda c, x: 1 / 0, 0.0, wubu.ones(3))
    assert (wubu.ones(2) + 1).tolist() == [2.0, 2.0]
