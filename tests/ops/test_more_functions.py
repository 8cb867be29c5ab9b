"""Sorting in compiled functions, branches and loops, functions of several tensors."""

from __future__ import annotations

import numpy as np
import pytest

import wubu
from wubu import ops
from wubu.errors import ArgumentError, ShapeError

RANDOM = np.random.default_rng(3)
ROWS = [
    RANDOM.normal(size=(3, 13)),
    RANDOM.integers(0, 4, (2, 21)),
    np.array([[2.0, np.nan, 1.0, np.inf, np.nan, -np.inf, 1.0]]),
    np.array([[True, False, True]]),
    np.array([[5]]),
]


@pytest.mark.parametrize("executor", ["numpy", "native"])
@pytest.mark.parametrize("x", ROWS, ids=["floats", "ties", "nan", "bool", "one"])
def test_compiled_functions_sort_as_numpy_does(x, executor):
    order = wubu.jit(ops.argsort, executor=executor)(x).numpy()
    np.testing.assert_array_equal(order, np.argsort(x, -1, kind="stable"))


def test_a_branch_on_a_known_value_runs_one_function():
    def unwanted():
        raise AssertionError

    assert ops.cond(False, unwanted, lambda: 3) == 3
    assert ops.switch(7, [unwanted, lambda x: x + 1], 1) == 2


def test_a_compiled_branch_chooses_among_results():
    def f(x):
        number = ops.cast(ops.sum(x), "int32")
        chosen = ops.switch(number, [lambda v: v, lambda v: v * 10, lambda v: -v], x)
        return chosen, ops.cond(number > 0, lambda: x, lambda: x + 100)

    compiled = wubu.jit(f)
    for value, switched, decided in [(0, 0, 100), (1, 10, 1), (2, -2, 2), (9, -9, 9)]:
        found = compiled(np.array([float(value)]))
        assert [y.item() for y in found] == [switched, decided]


def test_a_compiled_loop_runs_as_long_as_its_condition_holds():
    def double(x):
        limit = lambda i, v: ops.sum(v) < 100.0  # noqa: E731
        return ops.while_loop(limit, lambda i, v: (i + 1, v * 2), (0, x), 20)

    times, found = wubu.jit(double)(np.array([3.0]))
    assert (times.item(), found.item()) == (6, 192.0)
    assert [y.item() for y in map(ops.array, double(wubu.tensor([3.0])))] == [6, 192.0]


def test_a_compiled_loop_without_a_number_of_rounds_is_refused():
    loop = wubu.jit(
        lambda x: ops.while_loop(lambda v: ops.sum(v) < 9, lambda v: v * 2, x)
    )
    with pytest.raises(ArgumentError, match="maximum_iterations"):
        loop(np.ones(2))


def test_of_several_conditions_the_first_counts():
    x = np.array([-1.0, 0.5, 3.0])
    found = ops.select([x < 0, x < 1], [x * 0, x * 10], 7.0)
    assert found.tolist() == [0.0, 5.0, 7.0]
    with pytest.raises(ArgumentError, match="a choice for each condition"):
        ops.select([x < 0], [])


def test_casts_stop_at_the_ends_of_the_dtype():
    found = ops.saturate_cast(np.array([-300, 300]), "int8")
    assert found.tolist() == [-128, 127]
    assert ops.saturate_cast(np.array([-1.0, 2.0]), "float32").tolist() == [-1.0, 2.0]


def test_joining_and_splitting_along_the_third_axis_are_inverse():
    parts = [RANDOM.normal(size=(2, 3)) for _ in range(2)]
    joined = ops.dstack(parts)
    np.testing.assert_array_equal(joined.numpy(), np.dstack(parts))
    for part, given in zip(ops.dsplit(joined, 2), parts, strict=True):
        np.testing.assert_array_equal(part[:, :, 0].numpy(), given)


def test_different_elements_and_their_counts():
    x = np.array([3, 1, 3])
    values, counts = ops.unique(x, return_counts=True)
    assert (values.tolist(), counts.tolist()) == ([1, 3], [1, 2])
    assert [i.tolist() for i in ops.nonzero(x - 3)] == [[1]]


def test_attention_over_fewer_key_heads_repeats_them():
    q, k = RANDOM.normal(size=(1, 3, 4, 2)), RANDOM.normal(size=(1, 5, 2, 2))
    mask = np.array([True, True, True, False, True])
    found = ops.dot_product_attention(q, k, k, mask=mask)
    wide = np.repeat(k, 2, axis=2)
    logits = np.einsum("btnh,bsnh->bnts", q, wide) / np.sqrt(2)
    weights = np.where(mask, np.exp(logits), 0)
    weights /= weights.sum(-1, keepdims=True)
    expected = np.einsum("bnts,bsnh->btnh", weights, wide)
    np.testing.assert_allclose(found.numpy(), expected, 1e-12)
    with pytest.raises(ShapeError, match="3 divides"):
        ops.dot_product_attention(q, np.ones((1, 5, 3, 2)), np.ones((1, 5, 3, 2)))


def test_blocks_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="whole blocks"):
        ops.space_to_depth(np.ones((1, 3, 4, 1)), 2)


def test_operations_of_nn_are_recorded_on_symbols():
    symbol = wubu.Input((4,))
    assert ops.nn.relu(symbol).shape == (None, 4)
    assert ops.nn.one_hot is ops.one_hot
