"""Values that all samples share are computed in vectors along their elements, and give
the numbers of NumPy: every primitive, its derivatives, operands lying in any way."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

import wubu
from executors.native.compare import ALL
from executors.native.compare import compare as compare_with_numpy
from executors.native.lifting import Case
from executors.native.test_against_numpy import all_cases, values_and_gradients
from wubu import ops
from wubu.core.primitive import Primitive
from wubu.core.samples import Sample
from wubu.executors.native.kernels import streaming

F = np.float32


# No axis runs over samples.
compare = functools.partial(compare_with_numpy, axes=lambda graph: {})


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(F)


@pytest.mark.parametrize(("primitive", "sample", "case"), all_cases(19))
def test_primitives_and_their_derivatives(
    primitive: Primitive, sample: Sample, case: Case
) -> None:
    arrays = case.arrays(sample, "float32")
    compare(lambda *x: values_and_gradients(primitive, x, case.params), *arrays)


@pytest.mark.parametrize(("primitive", "sample", "case"), all_cases(5)[::3])
def test_some_on_every_kind_of_vector_in_double_precision(
    primitive: Primitive, sample: Sample, case: Case
) -> None:
    arrays = case.arrays(sample, "float64")
    compare(
        lambda *x: values_and_gradients(primitive, x, case.params),
        *arrays,
        machines=ALL,
    )


# How the operands of a product lie in memory.
LIES: dict[str, Any] = {
    "plainly": lambda x: x,
    "backwards": lambda x: ops.flip(x, (0, 1)),
    "upside down": lambda x: x[::-1],
    "every second": lambda x: x[:, ::2],
    "repeated": lambda x: ops.broadcast_to(x[:1], x.shape),
}


@pytest.mark.parametrize("turned", ["", "left", "right", "both"])
@pytest.mark.parametrize("lie", list(LIES))
@pytest.mark.parametrize(
    ("m", "k", "n"), [(1, 40, 70), (3, 34, 16), (37, 6, 200), (40, 100, 1), (1, 64, 1)]
)
def test_products_of_matrices(m: int, k: int, n: int, lie: str, turned: str) -> None:
    def function(a: Any, b: Any) -> Any:
        a, b = (LIES[lie](x) for x in (a, b))
        a = a.T if turned in ("left", "both") else a
        b = b.T if turned in ("right", "both") else b
        inner = min(a.shape[1], b.shape[0])
        return ops.matmul(a[:, :inner], b[:inner]), ops.matmul(b[:inner].T, a.T[:inner])

    a = normal(*((k, m) if turned in ("left", "both") else (m, k)))
    b = normal(*((n, k) if turned in ("right", "both") else (k, n)), seed=1)
    compare(function, a, b)


@pytest.mark.parametrize("shape", [(301, 603), (2, 190, 400)])
def test_one_row_times_a_large_matrix(shape: tuple[int, ...]) -> None:
    """The matrix is read in order, however it lies."""
    *summed, units = shape
    axes = tuple(range(len(summed)))

    def function(x: Any, w: Any) -> Any:
        turned = ops.reshape(w, (-1, units)).T
        row = ops.reshape(x, (-1,))
        return ops.tensordot(x, w, (axes, axes)), row[None] @ turned.T, turned @ row

    compare(function, normal(*summed), normal(*shape, seed=1), machines=ALL)
    compare(
        lambda x, w: ops.reshape(w[::-1, ..., ::2], (-1, -(-units // 2))).T @ x,
        normal(int(np.prod(summed))),
        normal(*shape, seed=1),
    )


def test_rows_of_a_matrix_too_large_for_caches_are_fetched_ahead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those behind its end, too: nobody reads what is fetched."""
    monkeypatch.setattr(streaming, "NEAR", 4 * 301 * 603)
    x, w = normal(301), normal(301, 603, seed=1)

    def fetches(x: np.ndarray, w: np.ndarray) -> bool:
        product = wubu.jit(lambda x, w: x @ w, executor="native")
        return "llvm.prefetch" in product.program(x, w).llvm()

    assert not fetches(x, w)
    monkeypatch.setattr(streaming, "NEAR", 4 * 301 * 603 - 1)
    assert fetches(x, w)
    compare(lambda x, w: (x @ w, x @ w[::-1]), x, w, machines=ALL)


@pytest.mark.parametrize("dtype", ["float64", "int32", "int8", "uint16", "bool"])
def test_sums_of_products_of_any_numbers(dtype: str) -> None:
    a, b = (np.round(normal(*s) * 3).astype(dtype) for s in ((5, 37), (37, 21)))
    compare(lambda a, b: (a @ b, b.T @ a.T, a @ b[:, 0], (a * 1).sum(1)), a, b)


@pytest.mark.parametrize("groups", [1, 2, 6])
@pytest.mark.parametrize("filters", [6, 36])
def test_convolutions_in_groups(groups: int, filters: int) -> None:
    """From a few filters to several vectors of them; one for each channel."""
    kernel = normal(3, 3, 6 // groups, filters)

    def function(x: Any) -> Any:
        def loss(x: Any, kernel: Any) -> Any:
            y = ops.conv(x, kernel, strides=2, padding="same")
            return (y * y).sum(), y

        return wubu.value_and_grad(loss, (0, 1), has_aux=True)(x, wubu.tensor(kernel))

    compare(function, normal(2, 9, 8, 6), machines=ALL)


@pytest.mark.parametrize("shape", [(1000,), (7, 300), (3, 5, 33), (300, 2)])
def test_reductions_of_many_elements(shape: tuple[int, ...]) -> None:
    def function(x: Any) -> Any:
        found = [x.max(), ops.exp(x).sum(), ops.argmax(x, -1), ops.argmax(x, 0)]
        found += [ops.cumsum(x, 0), ops.cumsum(x, -1), ops.softmax(x, axis=-1)]
        found += [ops.exp(x).sum(axis) for axis in range(x.ndim)]
        return [*found, ops.max(ops.flip(x, -1) * 2, -1), x.T.max(0), x.T.sum(-1)]

    compare(function, normal(*shape), machines=ALL)


def test_elements_picked_one_by_one() -> None:
    """Every lane has an index of its own."""
    picked = np.random.default_rng(0).integers(0, 50, (3, 40))

    def function(x: Any, i: Any) -> Any:
        rows = ops.take(x, i, 0)
        return (
            ops.exp(rows),
            ops.take(x[0], i % 19, 0) * 2,
            ops.take(x[:, ::-1], i, 0).sum(),
        )

    compare(function, normal(50, 19), picked, machines=ALL)
