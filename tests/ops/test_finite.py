"""`check_finite`: the value itself, or an error."""

from __future__ import annotations

import numpy as np
import pytest

import wubu
from wubu import ops
from wubu.errors import NotFiniteError


def test_finite_numbers_pass_with_their_gradient() -> None:
    x = wubu.tensor([1.0, -2.0], requires_grad=True)
    y = ops.check_finite(x * x)
    y.sum().backward()
    assert y.tolist() == [1.0, 4.0]
    assert x.grad.tolist() == [2.0, -4.0]


def test_whole_numbers_are_finite() -> None:
    assert ops.check_finite(np.arange(3)).tolist() == [0, 1, 2]


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_the_error_says_what_it_is_and_where(number: float) -> None:
    with pytest.raises(NotFiniteError, match=f"the norm is {number}") as caught:
        ops.check_finite([[1.0, number]], what="the norm")
    assert "test_finite.py:" in str(caught.value.where)
    assert isinstance(caught.value, FloatingPointError)


def test_a_trace_records_it_and_computes_nothing() -> None:
    graph = wubu.trace(lambda: ops.check_finite(np.array([np.inf])) * 2)
    assert "check_finite" in graph.text()
