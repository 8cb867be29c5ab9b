"""The largest elements of rows, beside NumPy's sort; gradients, ties and NaN."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wubu
from executors.native.compare import ALL, compare
from harness.gradients import check_gradients
from wubu import ops
from wubu.errors import ArgumentError, ShapeError
from wubu.ops.ranking import largest

# Ties, infinities, and a row with nothing but the lowest number.
ROWS = np.array(
    [
        [3.0, 9.0, 4.0, 9.0, 3.0],
        [-np.inf, 1.0, -np.inf, np.inf, -np.inf],
        [-np.inf] * 5,
        [0.0, -0.0, -1.0, 2.0, -3.0],
    ],
    "float32",
)


@given(
    st.lists(st.integers(0, 3), max_size=2),
    st.integers(1, 6),
    st.data(),
    st.sampled_from(["float32", "float64", "int8", "int64", "uint8"]),
)
def test_as_a_stable_sort_has_them(
    batch: list[int], n: int, data: st.DataObject, dtype: str
) -> None:
    k = data.draw(st.integers(1, n))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    x = random.integers(0, 4, (*batch, n)).astype(dtype)
    order = np.argsort(-x.astype(float), axis=-1, kind="stable")[..., :k]
    values, indices = ops.top_k(x, k)
    np.testing.assert_array_equal(indices.numpy(), order)
    np.testing.assert_array_equal(values.numpy(), np.take_along_axis(x, order, -1))
    assert values.dtype == x.dtype


@pytest.mark.parametrize("k", [1, 3, 5])
def test_each_element_is_taken_once(k: int) -> None:
    indices, mask = largest(ROWS, k)
    order = np.argsort(-ROWS, axis=-1, kind="stable")[:, :k]
    np.testing.assert_array_equal(indices.numpy(), order)
    assert mask.numpy().sum(-1).tolist() == [k] * len(ROWS)
    assert np.take_along_axis(mask.numpy(), order, -1).all()


def test_nan_is_the_largest() -> None:
    assert ops.top_k([1.0, np.nan, 5.0], 2)[1].tolist() == [1, 2]


def test_gradients_flow_to_what_was_chosen() -> None:
    check_gradients(lambda x: ops.top_k(x, 2)[0] ** 2, np.array([[0.3, 2.0, -1.0]]))
    x = wubu.tensor([1.0, 5.0, 4.0], requires_grad=True)
    ops.top_k(x, 2)[0].sum().backward()
    assert x.grad.tolist() == [0, 1, 1]


@pytest.mark.parametrize("k", [1, 2, 5])
def test_in_top_k_is_fewer_than_k_larger(k: int) -> None:
    for target in range(5):
        found = ops.in_top_k([target] * len(ROWS), ROWS, k).tolist()
        assert found == [(row > row[target]).sum() < k for row in ROWS]


def test_no_class_and_no_number_is_in_no_top() -> None:
    rows = np.array([[1.0, 2.0, np.nan]] * 4, "float32")
    assert ops.in_top_k([-1, 3, 2, 1], rows, 3).tolist() == [False] * 3 + [True]
    assert ops.in_top_k([1], rows[:1], 1).tolist() == [False]  # NaN may be larger


def test_compiled_they_are_the_same() -> None:
    x = np.random.default_rng(0).standard_normal((19, 7)).astype("float32")
    x[3:5] = 2.0
    labels = np.arange(19) % 7
    compare(
        lambda x, y: (*ops.top_k(x * 2, 3), largest(x, 7), ops.in_top_k(y, x, 2)),
        *(x, labels),
        machines=ALL,
    )
    compare(lambda x: largest(x, 3), np.vstack([ROWS, ROWS]))


def test_arguments_are_keras() -> None:
    assert str(inspect.signature(ops.top_k)).startswith("(x: 'Any', k: 'int', sorted")
    assert list(inspect.signature(ops.in_top_k).parameters) == [
        "targets",
        "predictions",
        "k",
    ]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: ops.top_k([1.0, 2.0], 3), ArgumentError, "k from 1 to 2"),
        (lambda: ops.top_k([1.0, 2.0], 0), ArgumentError, "k from 1 to 2"),
        (lambda: ops.top_k(3.0, 1), ShapeError, "those of an axis"),
        (lambda: ops.top_k([1.0], 1.0), ArgumentError, "k is an integer"),
        (lambda: ops.in_top_k([[1]], [[1.0, 2.0]], 1), ShapeError, "each row"),
    ],
)
def test_what_cannot_be_ranked_is_refused(call: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        call()
