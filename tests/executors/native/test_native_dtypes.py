"""Machine code knows every dtype: the arithmetic of each is NumPy's."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from executors.native.compare import ALL, compare
from wubu import ops
from wubu.core.dtypes import DTYPES

INTEGERS = [name for name, dtype in DTYPES.items() if dtype.kind in "iu"]
FLOATS = ["float32", "float64"]


def numbers(dtype: str, batch: int = 19, seed: int = 0) -> np.ndarray:
    """Among others the smallest and the largest."""
    random = np.random.default_rng(seed)
    if dtype == "bool":
        return random.integers(0, 2, (batch, 5)) > 0
    if dtype.startswith("float"):
        return (random.standard_normal((batch, 5)) * 9).astype(dtype)
    limits = np.iinfo(dtype)
    found = random.integers(-9 if limits.min else 0, 9, (batch, 5)).astype(dtype)
    found[0, :2] = limits.min, limits.max
    return found


@pytest.mark.parametrize("batch", [1, 19])
@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers(dtype: str, batch: int) -> None:
    def function(a: Any, b: Any) -> Any:
        return [
            *(a + b, a - b, a * b, -a, abs(a), a // b, a % b, ops.sign(a)),
            *(a & b, a | b, a ^ b, ~a, a == b, a < b, ops.maximum(a, b)),
            *(ops.minimum(a, b), a.sum(1), a.max(1), a.argmax(1), a.max(), a.sum()),
            *(ops.cumsum(a, 1), ops.where(a < b, a, b), ops.power(a, b & 7)),
            *(a @ b.T[:, :1], a / b, a.min(0)),
        ]

    compare(function, numbers(dtype, batch), numbers(dtype, batch, 1), machines=ALL[:1])


@pytest.mark.parametrize("batch", [1, 19])
def test_bools(batch: int) -> None:
    def function(a: Any, b: Any) -> Any:
        return [
            *(a & b, a | b, a ^ b, ~a, a == b, a < b, a + b, a * b, ops.maximum(a, b)),
            *(a.sum(), ops.any(a, 1), ops.all(a, 0), a.argmax(1), ops.where(a, b, a)),
            *(ops.cumsum(a, 1), ops.max(a), ops.minimum(a, b), a.astype("float32")),
        ]

    compare(function, numbers("bool", batch), numbers("bool", batch, 1), machines=ALL)


@pytest.mark.parametrize(
    ("source", "target"),
    list(itertools.product([*INTEGERS, *FLOATS, "bool"], repeat=2)),
)
def test_conversions(source: str, target: str) -> None:
    """Where C defines them: what does not fit an integer is left out."""
    x = numbers(source)
    if source in FLOATS and target in INTEGERS:
        x = np.abs(x) if np.iinfo(target).min == 0 else x
    compare(lambda x: ops.cast(x, target), x)


@pytest.mark.parametrize("dtype", FLOATS)
def test_numbers_that_are_not_finite(dtype: str) -> None:
    odd = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.5, -2.5, 1e-40, 3e38])
    a, b = (x.ravel().astype(dtype) for x in np.meshgrid(odd, odd))

    def function(a: Any, b: Any) -> Any:
        return [
            *(a + b, a - b, a * b, a / b, a // b, a % b, -a, abs(a), ops.sign(a)),
            *(a == b, a < b, ops.maximum(a, b), ops.minimum(a, b), ops.round(a)),
            *(ops.floor(a), ops.where(a < b, a, b), a.astype("bool"), ops.sqrt(a)),
            *(a.max(), a.sum(), ops.max(a[:, None] * b[:, None], 1)),
        ]

    compare(function, a, b, machines=ALL)


@pytest.mark.parametrize("batch", [1, 19])
def test_not_a_number_is_the_largest(batch: int) -> None:
    x = numbers("float32", batch * 2).reshape(batch, 10)
    x[batch - 1, [3, 7]] = np.nan

    def function(x: Any) -> Any:
        rows = ops.reshape(x, (batch, 10, 1))
        pooled = [ops.max_pool(rows, size, 1) for size in (2, 3)]
        return [x.max(1), x.argmax(1), x.max(0), x.max(), *pooled]

    compare(function, x, machines=ALL)


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64"])
def test_the_lowest_integer_by_minus_one(dtype: str) -> None:
    """Which some CPUs refuse to divide: NumPy gives the lowest integer again."""
    ends = np.iinfo(dtype)
    numbers = [ends.min, ends.min + 1, -7, -1, 0, 1, 8, ends.max]
    divisors = [ends.min, -3, -1, 0, 1, 2, ends.max]
    a, b = np.array(list(itertools.product(numbers, divisors)), dtype).T

    def function(a: Any, b: Any) -> Any:
        return ops.floor_divide(a, b), ops.mod(a, b)

    with np.errstate(all="ignore"):
        compare(function, a, b, machines=ALL)
        compare(function, a.reshape(-1, 1), b.reshape(-1, 1), machines=ALL)
