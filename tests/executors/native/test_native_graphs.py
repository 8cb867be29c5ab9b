"""Machine code gives the numbers of NumPy: graphs at random, and odd ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wubu
from executors.native.compare import ALL, LANES, WIDEST, compare
from wubu import Variable, ops
from wubu.executors.native.planning.axes import batch_axes

F = np.float32


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(F)


# -- at random ------------------------------------------------------------------------


def _relu(x: Any, n: int) -> Any:
    return ops.maximum(x, 0.1 * n)


def _normalised(x: Any, n: int) -> Any:
    mean = ops.mean(x, axis=-1, keepdims=True)
    return (x - mean) / ops.sqrt(ops.mean((x - mean) ** 2, axis=-1, keepdims=True) + 1)


def _dense(x: Any, n: int) -> Any:
    return ops.tanh(ops.matmul(x, normal(x.shape[-1], n + 2, seed=n) * F(0.5)))


def _conv(x: Any, n: int) -> Any:
    rows = ops.reshape(x, (x.shape[0], -1, 1))
    kernel = normal(2, 1, 1 + n % 3, seed=n)
    y = ops.conv(rows, kernel, strides=1 + n % 2, padding="same", dilation_rate=1)
    return ops.reshape(y, (x.shape[0], -1))


def _pool(x: Any, n: int) -> Any:
    rows = ops.reshape(x, (x.shape[0], -1, 1))
    pool = ops.max_pool if n % 2 else ops.average_pool
    return ops.reshape(pool(rows, 2, 1, "same"), x.shape)


def _largest_place(x: Any, n: int) -> Any:
    """Of rounded numbers: which of two is larger does not hang on a last bit."""
    place = ops.argmax(ops.round(x * 7.31 + 0.123), -1, keepdims=True)
    return x + ops.cast(place, x.dtype)


# Each takes (batch, ...) to (batch, ...), and a small number that varies what it does.
STEPS: dict[str, Any] = {
    "relu": _relu,
    "tanh": lambda x, n: ops.tanh(x * (0.2 * n)),
    "gate": lambda x, n: x * ops.sigmoid(x + n),
    "add to itself": lambda x, n: x + ops.flip(x, -1),
    "normalised": _normalised,
    "softmax": lambda x, n: ops.softmax(x * n, axis=-1),
    "dense": _dense,
    "conv": _conv,
    "pool": _pool,
    "flatten": lambda x, n: ops.reshape(x, (x.shape[0], -1)),
    "add axis": lambda x, n: ops.expand_dims(x, 1) if x.ndim < 4 else x,
    "last axis first": lambda x, n: ops.moveaxis(x, -1, 1),
    "cut": lambda x, n: x[..., n % x.shape[-1] :],
    "every second": lambda x, n: x[..., ::2],
    "joined": lambda x, n: ops.concatenate([x, ops.exp(-x * x)], -1),
    "padded": lambda x, n: ops.pad(x, [(0, 0)] * (x.ndim - 1) + [(1, n % 3)]),
    "so far": lambda x, n: ops.cumsum(x, -1),
    "sum": lambda x, n: ops.sum(x, -1, keepdims=True),
    "largest": lambda x, n: ops.max(x, -1, keepdims=True) - x,
    "centred on the batch": lambda x, n: x - ops.mean(x, axis=0, keepdims=True),
    "picked": lambda x, n: ops.take(x, np.arange(n + 1) % x.shape[-1], -1),
    "chosen": lambda x, n: ops.where(x > 0.1 * n, x, ops.sin(x)),
    "largest place": _largest_place,
    "dropped": lambda x, n: ops.random.dropout(x, 0.25, seed=n),
}

chains = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 4)),
    min_size=1,
    max_size=7,
)


@given(
    chain=chains,
    batch=st.sampled_from([1, 2, 16, 19, 40]),
    machine=st.sampled_from([(n, t) for n in LANES for t in (1, 2)]),
    dtype=st.sampled_from(["float32", "float64"]),
)
@settings(max_examples=60)
def test_chains_of_operations(chain: Any, batch: int, machine: Any, dtype: str) -> None:
    """Derivatives may be differences of large numbers: the narrow tolerance is that of
    float64."""
    weight = Variable((normal(3, seed=1) + 2).astype(dtype))

    def function(x: Any) -> Any:
        leaf = x.detach().requires_grad_()
        y = leaf * weight
        for name, n in chain:
            y = STEPS[name](y, n)
        loss = (y * y).mean()
        loss.backward()
        weight.assign_sub(weight.grad * 0.1)
        weight.grad = None
        return y, loss, leaf.grad

    x = normal(batch, 3).astype(dtype)
    compare(function, x, machines=[machine], tolerance=0.02)


# -- odd ------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 2, 4, 16, 17, 40])
def test_batches_of_any_size(batch: int) -> None:
    compare(
        lambda x: (ops.exp(x), x.sum(), x.max(0), (x * x).sum(1), x.T @ x),
        normal(batch, 5),
        machines=ALL,
    )


def test_values_of_many_phases_wait_for_their_samples() -> None:
    """Every sum over samples is used by samples again."""

    def function(x: Any) -> Any:
        first = x - x.mean(0)
        second = first / ops.sqrt((first * first).mean(0) + 1)
        third = ops.exp(second) / ops.exp(second).sum(0)
        return third, third.sum(), first * third.max(0)

    compare(function, normal(40, 3), machines=ALL)


def test_sums_of_products_that_end_in_one_value() -> None:
    def function(x: Any) -> Any:
        a, b = x @ normal(3, 5), ops.exp(x) @ normal(3, 5, seed=1)
        return ops.tanh(a + ops.maximum(b, 0.0)) * 2

    compare(function, normal(19, 3), machines=ALL)


def test_sums_of_products_over_samples_with_an_axis_that_is_shared() -> None:
    """Not the gradient of a dense layer, though it has two axes, too."""
    other = normal(19, 4, seed=1)

    def function(x: Any) -> Any:
        both = ops.dot_general(x, other, contract=((0,), (0,)), batch=((2,), (1,)))
        return ops.tanh(x), both

    compare(function, normal(19, 9, 4), machines=ALL)


def test_inputs_may_be_results() -> None:
    def function(x: Any, i: Any) -> Any:
        return x, ops.exp(x), i, i[:, ::-1], x

    compare(function, normal(19, 3), np.arange(12).reshape(4, 3), machines=ALL)
    compare(lambda x, i: (i, x.sum()), normal(40, 3), np.arange(40), machines=ALL)


def test_inputs_are_read_anew_in_every_phase() -> None:
    """What was put in order for products of one phase is that of its last block."""

    def function(x: Any) -> Any:
        table = x.T @ x
        return x @ table + (x @ table.T) * 2.0, x.max(0) * x

    compare(function, normal(40, 3), machines=ALL)


def test_convolutions_whose_input_waits() -> None:
    """The margins of one block are not those of the next phase."""
    kernel = Variable(normal(3, 2, 2, seed=1))

    def function(x: Any) -> Any:
        y = ops.conv(ops.tanh(x), kernel, padding="same")
        y = y - y.mean(0)
        (y * y * y).sum().backward()
        found, kernel.grad = kernel.grad, None
        return y, found

    compare(function, normal(40, 6, 2), machines=ALL, tolerance=1e-4)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x @ x.T,
        lambda x: x[::-1],
        lambda x: x[1:] - x[:-1],
        lambda x: ops.cumsum(x, 0),
        lambda x: x.argmax(0),
        lambda x: ops.reshape(x, (-1,)) * 2,
        lambda x: ops.reshape(x, (-1, 2, 3)).sum(0),
        lambda x: ops.concatenate([x, x * 2], 0),
        lambda x: ops.take(x, [3, 1, 1], 0),
        lambda x: ops.softmax(x, axis=0) @ normal(3, 3),
        lambda x: x.sum() + x[0, 0],
    ],
)
def test_samples_may_be_mixed(function: Any) -> None:
    compare(function, normal(18, 3), machines=ALL)


def test_nothing_runs_over_samples() -> None:
    a, b = Variable(normal(5, 3)), Variable(normal(5, 3, seed=1))

    def function() -> Any:
        c = a + b * 2
        a.assign(ops.flip(b, 0))
        b.assign(c)
        return c.sum(), a.value[1:4]

    compare(function, steps=3, machines=[(WIDEST, 1), (WIDEST, 2)])


def test_variables_swap_and_turn() -> None:
    a, b, c = (Variable(normal(4, 4, seed=i)) for i in range(3))

    def function(x: Any) -> Any:
        total = x.sum(0)
        a_was, b_was, c_was = a.value, b.value, c.value
        a.assign(b_was + total)
        b.assign(c_was.T)
        c.assign(a_was[::-1] * 2)
        return a_was[:, 1]

    compare(function, normal(19, 4), steps=3, machines=ALL)


def test_tables_of_samples_made_of_constants() -> None:
    grid = normal(40, 2)

    def function(x: Any) -> Any:
        table = ops.reshape(wubu.tensor(grid), (20, 4)) + 0
        part = ops.cumsum(wubu.tensor(grid), 0)[:20]
        return x + table + part.sum(1, keepdims=True)

    compare(function, normal(20, 4), machines=ALL)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (4, 0), (2, 0, 3)])
def test_values_without_elements(shape: tuple[int, ...]) -> None:
    compare(
        lambda x: (ops.exp(x), x.sum(), x.sum(0), ops.concatenate([x, x], -1)),
        normal(*shape),
    )


def test_long_chains_are_no_recursion() -> None:
    def function(x: Any) -> Any:
        for i in range(400):
            x = x * 0.5 + float(i % 3)
        return x

    compare(function, normal(16, 2))
    compare(function, normal(1))


@pytest.mark.parametrize("batch", [1, 19])
def test_a_lookup_table_learns(batch: int) -> None:
    table = Variable(normal(7, 3))

    def function(i: Any) -> Any:
        loss = (ops.take(table, i, 0) ** 2).sum()
        loss.backward()
        table.assign_sub(table.grad * 0.1)
        table.grad = None
        return loss

    numbers = np.random.default_rng(0).integers(0, 7, (batch, 4))
    compare(function, numbers, steps=2, machines=ALL)


SHAPES = [(), (3,), (19, 5), (19,), (2, 19, 3), (3, 2, 19), (19, 2, 3), (19, 3, 2, 2)]


def test_random_numbers_on_any_axis() -> None:
    state = Variable(np.array([1, 2, 3, 4], np.uint32), trainable=False)

    def function(x: Any) -> Any:
        drawn = [
            ops.random.random_bits(state.value, shape=shape, num_bits=24)
            for shape in SHAPES
        ]
        state.assign(state.value + np.array([0, 0, 0, 1], np.uint32))
        numbers = [d.astype("float32") for d in drawn]
        mixed = ops.moveaxis(numbers[4], 1, 0).sum((1, 2)) + numbers[3]
        mixed = mixed + numbers[5].sum((0, 1)) + x
        return [mixed, *drawn]

    compare(function, normal(19), steps=2, machines=ALL)


# -- loops ----------------------------------------------------------------------------


def recurrent(x: Any, reverse: bool = False) -> Any:
    """(batch, time, features) through a small recurrent network, and its gradients."""
    weights = [normal(3, 5, seed=1), normal(5, 5, seed=2) * F(0.3)]
    leaves = [wubu.tensor(w) for w in weights]

    def loss(x: Any, kernel: Any, recurrent_kernel: Any) -> Any:
        def step(state: Any, row: Any) -> Any:
            h, c = state
            new = ops.tanh(row @ kernel + h @ recurrent_kernel)
            return (new * 0.5 + c, h), (new, h * c)

        start = ops.zeros((x.shape[0], 5))
        rows = ops.transpose(x, (1, 0, 2))
        last, ys = ops.scan(step, (start, start + 1), rows, reverse=reverse)
        total = (last[0] * last[1]).mean() + (ys[0] * ys[1]).mean()
        return total, (last, ys)

    run = wubu.value_and_grad(loss, (0, 1, 2), has_aux=True)
    return run(x, *leaves)


@pytest.mark.parametrize("batch", [1, 16, 19, 40])
@pytest.mark.parametrize("reverse", [False, True])
def test_loops_over_time_and_their_gradients(batch: int, reverse: bool) -> None:
    graph = compare(lambda x: recurrent(x, reverse), normal(batch, 7, 3), machines=ALL)
    assert batch == 1 or batch_axes(graph)


def test_loops_in_loops() -> None:
    table = normal(4, 2)

    def function(x: Any) -> Any:
        def outer(total: Any, row: Any) -> Any:
            def inner(h: Any, column: Any) -> Any:
                return h * 0.5 + ops.sin(column), h + table.sum()

            last, ys = ops.scan(inner, total, ops.transpose(row, (1, 0)))
            return last + total, ys * (row @ normal(3, 3, seed=4)).T[:, :, None][
                :, :, 0
            ]

        return ops.scan(outer, ops.zeros(x.shape[1]), x)

    compare(function, normal(5, 19, 3))
    compare(lambda x: function(ops.transpose(x, (1, 0, 2))), normal(19, 5, 3))


def test_loops_whose_steps_read_tables() -> None:
    def function(x: Any) -> Any:
        def step(h: Any, row: Any) -> Any:
            spread = ops.concatenate([row, ops.cumsum(row, -1)], -1)
            picked = ops.take(spread, [0, 3, 1], -1)
            return h + picked * normal(3, seed=5), ops.max(spread, -1)

        return ops.scan(step, ops.zeros((x.shape[0], 3)), ops.moveaxis(x, 1, 0))

    compare(function, normal(19, 6, 2), machines=ALL)


def test_loops_that_count_or_mix_samples() -> None:
    def counting(x: Any) -> Any:
        def step(state: Any, row: Any) -> Any:
            number, h = state
            return (number + 1, h + row * number.astype("float32")), number

        return ops.scan(step, (wubu.tensor(0), ops.zeros(19)), x.T)

    def mixing(x: Any) -> Any:
        return ops.scan(lambda h, row: (h + row, h.sum()), ops.zeros(3), x)

    compare(counting, normal(19, 4), machines=ALL)
    compare(mixing, normal(19, 3), machines=ALL)
    compare(lambda: ops.scan(lambda h, _: (h * 2.0, h), 1.0, length=5))
