"""Reductions against NumPy and SciPy: axes, keepdims, dtypes, edges, gradients."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import wubu
from harness.gradients import check_gradients
from wubu import ops

REDUCTIONS = {
    "sum": np.sum,
    "max": np.max,
    "min": np.min,
    "mean": np.mean,
    "var": np.var,
    "std": np.std,
    "prod": np.prod,
    "any": np.any,
    "all": np.all,
    "logsumexp": scipy.special.logsumexp,
}


@st.composite
def arrays_and_axes(draw):
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=4))
    seed = draw(st.integers(0, 999))
    x = np.random.default_rng(seed).standard_normal(shape)
    axes = draw(st.sets(st.integers(0, len(shape) - 1)))
    axis = draw(
        st.sampled_from(
            [None, tuple(a - len(shape) for a in axes), *axes] if axes else [None]
        )
    )
    return x, axis


@pytest.mark.parametrize("name", REDUCTIONS)
@given(case=arrays_and_axes(), keepdims=st.booleans())
def test_reductions_are_numpys(name, case, keepdims):
    x, axis = case
    found = getattr(ops, name)(x, axis, keepdims)
    expected = REDUCTIONS[name](x, axis=axis, keepdims=keepdims)
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found.numpy(), expected, 1e-12, 1e-12)


@pytest.mark.parametrize("name", ["argmax", "argmin", "cumsum"])
@given(case=arrays_and_axes())
def test_reductions_along_one_axis_are_numpys(name, case):
    x, axis = case
    axis = axis[0] if isinstance(axis, tuple) else axis
    found = getattr(ops, name)(x, axis)
    expected = getattr(np, name)(x, axis=axis)
    np.testing.assert_allclose(found.numpy(), expected, 1e-12, 1e-12)


@pytest.mark.parametrize("name", [n for n in REDUCTIONS if n not in ("any", "all")])
@given(case=arrays_and_axes(), keepdims=st.booleans())
def test_gradients_of_reductions(name, case, keepdims):
    x, axis = case
    lone = name in ("std", "max", "min") and x.size == 1
    reduced = np.std(x, axis=axis)
    if lone or (name == "std" and np.min(reduced) < 0.1):
        return  # a kink is near
    if name in ("max", "min"):  # no ties, nor any within reach of the difference
        x = 0.1 * np.argsort(np.argsort(x.ravel())).reshape(x.shape)
    orders = 1 if name == "std" else 2
    check_gradients(
        lambda t: getattr(ops, name)(t, axis, keepdims),
        [x],
        orders=orders,
        tolerance=1e-5,
    )


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "bool"])
def test_small_integers_are_counted_in_int64(dtype):
    x = np.full(300, 1 if dtype == "bool" else 100).astype(dtype)
    for name in ("sum", "cumsum"):
        found = getattr(ops, name)(x)
        assert found.dtype == "int64"
        np.testing.assert_array_equal(
            found.numpy(), getattr(np, name)(x.astype("int64"))
        )
    assert ops.mean(x).item() == pytest.approx(x.astype("float64").mean())
    assert ops.prod(x[:4]).item() == int(x[0]) ** 4


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "bool"])
def test_extremes_of_integers_do_not_overflow(dtype):
    limits = (
        (False, True)
        if dtype == "bool"
        else (
            np.iinfo(dtype).min,
            np.iinfo(dtype).max,
        )
    )
    x = np.array([limits[1], 1, limits[0]], dtype)
    assert ops.min(x).item() == limits[0]
    assert ops.max(x).item() == limits[1]
    assert ops.argmin(x).item() == 2
    assert ops.argmax(x).item() == 0
    assert ops.min(x).dtype == dtype


def test_nan_wins_every_reduction_but_counting():
    x = np.array([1.0, np.nan, 3.0])
    for name in (
        "sum",
        "max",
        "min",
        "mean",
        "var",
        "std",
        "prod",
        "logsumexp",
        "norm",
    ):
        assert np.isnan(getattr(ops, name)(x).item()), name
    assert ops.count_nonzero(x).item() == 3


def test_tied_maxima_share_the_gradient():
    x = wubu.tensor([2.0, 1.0, 2.0], requires_grad=True)
    x.max().backward()
    assert x.grad.tolist() == [0.5, 0.0, 0.5]


def test_gradient_of_a_product_is_exact_where_factors_are_zero():
    """One zero leaves the product of the others, two leave nothing."""
    for values in ([0.0, 2.0, 3.0], [0.0, 2.0, 0.0], [1.0, 2.0, 3.0, 4.0, 5.0]):
        gradient = wubu.grad(ops.prod)(wubu.tensor(values)).tolist()
        others = [np.prod(values[:i] + values[i + 1 :]) for i in range(len(values))]
        assert gradient == others


def test_product_of_nothing_is_one_and_sum_zero():
    x = np.zeros((2, 0))
    assert ops.prod(x, 1).tolist() == [1.0, 1.0]
    assert ops.sum(x, 1).tolist() == [0.0, 0.0]
    with pytest.raises(wubu.errors.ShapeError, match="no elements"):
        ops.max(x, 1)


def test_gradients_of_norm_and_std_are_finite_at_zero():
    for function in (ops.norm, ops.std):
        x = wubu.tensor([0.0, 0.0, 0.0], requires_grad=True)
        function(x).backward()
        assert x.grad.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("axis", [None, 0, (0, 1)])
def test_norms_are_numpys(axis):
    x = np.random.default_rng(0).standard_normal((3, 4))
    flat = x if axis is not None else x.ravel()
    for order in (1, 2, np.inf):
        found = ops.norm(x, order, axis).numpy()
        if axis == (0, 1):
            expected = np.linalg.norm(x.ravel(), order)
        else:
            expected = np.linalg.norm(flat, order, axis)
        np.testing.assert_allclose(found, expected)
    with pytest.raises(wubu.errors.ArgumentError, match="unknown norm"):
        ops.norm(x, 3)


def test_variance_over_n_minus_ddof():
    x = np.random.default_rng(0).standard_normal((3, 4))
    np.testing.assert_allclose(ops.var(x, 1, ddof=1).numpy(), np.var(x, 1, ddof=1))
    np.testing.assert_allclose(ops.std(x, 0, ddof=1).numpy(), np.std(x, 0, ddof=1))
    mean, variance = ops.moments(x, [0])
    np.testing.assert_allclose(mean.numpy(), x.mean(0))
    np.testing.assert_allclose(variance.numpy(), x.var(0))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1000.0, 1000.0], 1000 + np.log(2)),
        ([-1000.0, -1000.0], -1000 + np.log(2)),
        ([np.inf, 0.0], np.inf),
        ([-np.inf, 0.0], 0.0),
        ([-np.inf, -np.inf], -np.inf),
    ],
)
def test_logsumexp_at_extremes(values, expected):
    assert ops.logsumexp(np.array(values)).item() == pytest.approx(expected)


def test_axis_errors_say_which_axes_there_are():
    with pytest.raises(wubu.errors.ArgumentError) as caught:
        ops.sum(np.zeros((2, 3)), axis=2)
    assert caught.value.expected == "-2 to 1"
    assert "test_reduction.py:" in caught.value.where
    with pytest.raises(wubu.errors.ArgumentError, match="named twice"):
        ops.sum(np.zeros((2, 3)), axis=(0, -2))


def test_half_floats_are_averaged_in_single_precision():
    x = np.ones(100_000, "float16")
    assert ops.mean(x).item() == 1.0
    assert ops.var(x * 3).item() == 0.0
    assert ops.mean(x).dtype == ops.var(x).dtype == "float16"
