"""Elementwise operations against NumPy and SciPy: broadcasting, dtypes, edges."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import wubu
from harness.gradients import check_gradients
from wubu import ops
from wubu.core.dtypes import DTYPES, promote

BINARY = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "equal": np.equal,
    "not_equal": np.not_equal,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
}
FLOAT_UNARY = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "log2": np.log2,
    "log10": np.log10,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "sigmoid": scipy.special.expit,
    "erf": scipy.special.erf,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "reciprocal": lambda x: 1 / x,
}
EDGES = [0.0, -0.0, 1.0, -1.0, 1e-30, -1e-8, 0.5, 20.0, -20.0, 1000.0, -1000.0]
NOT_FINITE = [np.inf, -np.inf, np.nan]
shapes = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4)
dtypes = st.sampled_from(["float32", "float64", "int32", "int64", "uint8", "bool"])


def values(dtype: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    if dtype == "bool":
        return random.integers(0, 2, shape) > 0
    if dtype.startswith("float"):
        return random.standard_normal(shape).astype(dtype)
    return random.integers(0, 9, shape).astype(dtype)


@pytest.mark.parametrize("name", BINARY)
@given(shapes=shapes, left=dtypes, right=dtypes, seed=st.integers(0, 99))
def test_binary_operations_broadcast_and_promote(name, shapes, left, right, seed):
    a = values(left, shapes.input_shapes[0], seed)
    b = values(right, shapes.input_shapes[1], seed + 1)
    common = promote(a.dtype, b.dtype)
    found = getattr(ops, name)(a, b)
    x, y = a.astype(common), b.astype(common)
    is_bool_difference = common.kind == "b" and name == "subtract"
    expected = x ^ y if is_bool_difference else BINARY[name](x, y)
    assert found.dtype == expected.dtype
    assert found.shape == shapes.result_shape
    np.testing.assert_array_equal(found.numpy(), expected)


@given(shapes=shapes, left=dtypes, right=dtypes, seed=st.integers(0, 99))
def test_division_of_integers_gives_floats(shapes, left, right, seed):
    a = values(left, shapes.input_shapes[0], seed)
    b = values(right, shapes.input_shapes[1], seed + 1)
    common = promote(a.dtype, b.dtype)
    common = common if common.kind == "f" else np.dtype("float32")
    found = ops.divide(a, b)
    with np.errstate(all="ignore"):
        expected = a.astype(common) / b.astype(common)
    assert found.dtype == common
    np.testing.assert_array_equal(found.numpy(), expected)


@pytest.mark.parametrize("dtype", ["float32", "int64", "int8", "uint8"])
@given(seed=st.integers(0, 999))
def test_floor_division_and_remainder_are_pythons(dtype, seed):
    random = np.random.default_rng(seed)
    low = 0 if dtype == "uint8" else -20
    a = random.integers(low, 20, 8).astype(dtype)
    b = random.integers(1, 7, 8).astype(dtype)
    b = -b if dtype != "uint8" and seed % 2 else b
    x, y = wubu.tensor(a), wubu.tensor(b)
    for i, (p, q) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        assert (x // y)[i].item() == p // q
        assert (x % y)[i].item() == p % q
    quotient, remainder = divmod(x, y)
    assert (quotient * y + remainder == x).all()
    assert (x // y).dtype == dtype


def test_python_numbers_adapt_to_the_tensor_they_meet():
    for dtype in DTYPES:
        x = wubu.tensor([1, 0], dtype)
        assert (x + True).dtype == dtype
        assert (x * 2).dtype == (dtype if dtype != "bool" else "int64")
        is_float = dtype.startswith("float")
        assert (x + 0.5).dtype == (dtype if is_float else "float32")
        assert (0.5 - x).dtype == (dtype if is_float else "float32")
        assert (x + np.float64(0.5)).dtype == (dtype if is_float else "float32")


@pytest.mark.parametrize(
    ("dtype", "number"), [("uint8", 300), ("uint8", -1), ("int8", 200)]
)
def test_an_integer_that_does_not_fit_widens_the_result(dtype, number):
    x = wubu.tensor([1, 2], dtype)
    assert (x + number).tolist() == [1 + number, 2 + number]
    assert (x == number).tolist() == [False, False]
    assert (x < number).tolist() == [number > 1, number > 2]


def test_an_integer_no_dtype_holds_is_an_error():
    with pytest.raises(wubu.errors.ArgumentError, match="too large for int64"):
        wubu.tensor([1]) + 2**70


def test_promotion_table():
    """The rules of PyTorch, which differ from NumPy's where floats meet integers."""
    for a, b in itertools.product(DTYPES.values(), repeat=2):
        found = promote(a, b)
        assert found == promote(b, a)
        if (a.kind == "f") != (b.kind == "f"):
            assert found == (a if a.kind == "f" else b)
        elif {str(a), str(b)} & {"uint64"} and "i" in (a.kind, b.kind):
            assert found == "int64"
        else:
            assert found == np.promote_types(a, b)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FLOAT_UNARY)
def test_functions_of_one_variable_at_edges_and_between(name, dtype):
    random = np.random.default_rng(0)
    x = np.concatenate([EDGES, NOT_FINITE, random.standard_normal(200) * 3])
    x = x.astype(dtype)
    with np.errstate(all="ignore"):
        expected = FLOAT_UNARY[name](x.astype("float64")).astype(dtype)
        # Beyond the range of the dtype the true value rounds to infinity.
    found = getattr(ops, name)(x)
    assert found.dtype == dtype
    tolerance = 1e-6 if dtype == "float32" else 4e-15
    np.testing.assert_allclose(found.numpy(), expected, tolerance, 1e-300)


@pytest.mark.parametrize("name", FLOAT_UNARY)
def test_integers_become_float32(name):
    found = getattr(ops, name)(np.array([1, 2], "int32"))
    assert found.dtype == "float32"
    expected = FLOAT_UNARY[name](np.array([1.0, 2.0]))
    np.testing.assert_allclose(found.numpy(), expected, 1e-6)


@pytest.mark.parametrize(
    "name", ["sinh", "cosh", "tan", "square", "log2", "softplus", "erfinv"]
)
def test_composed_functions_have_smooth_derivatives_also_at_zero(name):
    x = np.array([0.2, 0.9] if name == "log2" else [0.0, 0.3, -0.4, 0.9])
    check_gradients(getattr(ops, name), [x])


def test_logaddexp_is_exact_at_ties_and_infinities():
    a = np.array([0.0, 1000.0, -1000.0, np.inf, -np.inf, np.inf, np.nan, 1.0])
    b = np.array([0.0, 999.0, -1000.0, np.inf, -np.inf, -np.inf, 1.0, -np.inf])
    with np.errstate(all="ignore"):
        expected = np.logaddexp(a, b)
    np.testing.assert_allclose(ops.logaddexp(a, b).numpy(), expected)
    check_gradients(ops.logaddexp, [np.array([0.5, 1.0, -3.0]), np.array([0.5, -1, 2])])


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2e-6), ("float64", 1e-9)])
def test_erfinv_inverts_erf(dtype, tolerance):
    x = np.concatenate([np.linspace(-0.9999, 0.9999, 2001), [0.0, 1.0, -1.0, 2.0]])
    x = x.astype(dtype)
    expected = scipy.special.erfinv(x.astype("float64"))
    np.testing.assert_allclose(ops.erfinv(x).numpy(), expected, tolerance, 1e-12)


def test_erf_is_exact_in_both_float_dtypes():
    x = np.linspace(-7, 7, 4001)
    np.testing.assert_allclose(ops.erf(x).numpy(), scipy.special.erf(x), 4e-15)
    single = x.astype("float32")
    expected = scipy.special.erf(single.astype("float64")).astype("float32")
    np.testing.assert_array_equal(ops.erf(single).numpy(), expected)


# -- powers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "exponent", [-3, -2.0, -1, -0.5, 0, 0.0, 0.5, 1, 2, 2.0, 3, 4, 1.7]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_powers_with_constant_exponents(exponent, dtype):
    x = np.array([0.25, 1.0, 3.0], dtype)
    found = wubu.tensor(x) ** exponent
    assert found.dtype == dtype
    np.testing.assert_allclose(found.numpy(), x**exponent, 1e-6)


def test_integers_to_whole_float_powers_are_floats():
    x = wubu.tensor([2, 3])
    assert (x**2).dtype == "int64"
    assert (x**2.0).dtype == (x**2.5).dtype == (x**-1).dtype == "float32"
    assert (x**-1).tolist() == [0.5, pytest.approx(1 / 3)]


def test_integer_tensors_to_negative_integer_powers_are_an_error():
    with pytest.raises(wubu.errors.ArgumentError, match="negative"):
        ops.power(wubu.tensor([2]), wubu.tensor([-1]))


def test_derivatives_of_powers_are_finite_where_a_derivative_exists():
    for base, exponent in [(0.0, 2.0), (0.0, 1.0), (0.0, 0.0), (-2.0, 3.0)]:
        gradient = wubu.grad(ops.power, (0, 1))(
            wubu.tensor(base), wubu.tensor(exponent)
        )
        slope = exponent * base ** (exponent - 1) if exponent else 0.0
        assert gradient[0].item() == slope
        assert gradient[1].item() == 0.0


# -- bits -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dtype", ["int8", "int32", "int64", "uint8", "uint32", "uint64"]
)
def test_bit_operations_are_numpys_in_the_same_dtype(dtype):
    limits = np.iinfo(dtype)
    a = np.array([0, 1, 5, limits.max, limits.min, limits.max // 3], dtype)
    b = np.array([3, 1, 6, limits.max, limits.max, 7], dtype)
    x, y = wubu.tensor(a), wubu.tensor(b)
    for found, expected in [
        (x & y, a & b),
        (x | y, a | b),
        (x ^ y, a ^ b),
        (~x, ~a),
        (x & 1, a & 1),
    ]:
        assert found.dtype == dtype
        np.testing.assert_array_equal(found.numpy(), expected)
    for shift in range(limits.bits):
        np.testing.assert_array_equal((x << shift).numpy(), a << shift)
        np.testing.assert_array_equal((x >> shift).numpy(), a >> shift)
        assert (x << shift).dtype == dtype


def test_bits_of_bools_are_logic_and_floats_have_none():
    a = wubu.tensor([True, True, False])
    b = wubu.tensor([True, False, False])
    assert (a & b).tolist() == [True, False, False]
    assert (a | b).tolist() == [True, True, False]
    assert (a ^ b).tolist() == [False, True, False]
    assert (~a).tolist() == [False, False, True]
    with pytest.raises(wubu.errors.DTypeError, match="integers and bools"):
        wubu.tensor([1.0]) & 1
    with pytest.raises(wubu.errors.DTypeError, match="integers and bools"):
        wubu.tensor([1]) << 0.5


# -- choice, limits, conversion -------------------------------------------------------


@given(seed=st.integers(0, 99))
def test_where_broadcasts_all_three(seed):
    random = np.random.default_rng(seed)
    condition = random.integers(0, 2, (3, 1)) > 0
    a, b = random.standard_normal((1, 4)), random.standard_normal((2, 1, 1))
    found = ops.where(condition, a, b)
    np.testing.assert_array_equal(found.numpy(), np.where(condition, a, b))


def test_where_lets_no_nan_through_from_the_other_side():
    x = wubu.tensor([-1.0, 4.0], requires_grad=True)
    y = ops.where(x > 0, x, 0.0)
    ops.sqrt(y + 1).sum().backward()
    assert np.isfinite(x.grad.numpy()).all()
    bad = wubu.tensor([np.nan, 1.0], requires_grad=True)
    ops.where(wubu.tensor([False, True]), bad * 2, 0.0).sum().backward()
    assert bad.grad.tolist() == [0.0, 2.0]


def test_clip_keeps_the_whole_gradient_at_the_limits_and_none_outside():
    x = wubu.tensor([-2.0, -1.0, 0.0, 1.0, 2.0], requires_grad=True)
    y = ops.clip(x, -1.0, 1.0)
    y.sum().backward()
    assert y.tolist() == [-1.0, -1.0, 0.0, 1.0, 1.0]
    assert x.grad.tolist() == [0.0, 1.0, 1.0, 1.0, 0.0]


def test_ties_of_maximum_share_the_gradient():
    gradient = wubu.grad(lambda a, b: ops.maximum(a, b).sum(), (0, 1))
    a, b = gradient(wubu.tensor([1.0, 2.0]), wubu.tensor([1.0, 1.0]))
    assert a.tolist() == [0.5, 1.0]
    assert b.tolist() == [0.5, 0.0]


def test_nan_is_unequal_to_all_and_never_ordered():
    nan, one = wubu.tensor([np.nan, np.nan]), wubu.tensor([np.nan, 1.0])
    for comparison in ("equal", "less", "less_equal", "greater", "greater_equal"):
        assert not getattr(ops, comparison)(nan, one).numpy().any()
    assert ops.not_equal(nan, one).numpy().all()
    x = wubu.tensor([np.nan, np.inf, -np.inf, 0.0])
    assert ops.isnan(x).tolist() == [True, False, False, False]
    assert ops.isinf(x).tolist() == [False, True, True, False]
    assert ops.isfinite(x).tolist() == [False, False, False, True]
    assert ops.isfinite(wubu.tensor([1, 2])).tolist() == [True, True]


@given(source=st.sampled_from(list(DTYPES)), target=st.sampled_from(list(DTYPES)))
def test_cast_is_numpys(source, target):
    x = np.array([0, 1, 2, 100], "int64").astype(source)
    found = ops.cast(x, target)
    assert found.dtype == target
    np.testing.assert_array_equal(found.numpy(), x.astype(target))


def test_rounding_functions_follow_numpy_and_leave_integers_alone():
    x = np.array([-1.5, -0.5, 0.5, 1.5, 2.4, -2.6])
    for name, function in [("floor", np.floor), ("ceil", np.ceil), ("round", np.rint)]:
        np.testing.assert_array_equal(getattr(ops, name)(x).numpy(), function(x))
        assert getattr(ops, name)(np.array([3], "int8")).dtype == "int8"


def test_the_sign_keeps_the_dtype_also_that_of_truth_values():
    for dtype in ("bool", "uint8", "int32", "float32"):
        for executor in ("native", "numpy"):
            x = np.array([0, 1, 3], dtype)
            for found in (ops.sign(x), wubu.jit(ops.sign, executor=executor)(x)):
                assert found.dtype == dtype
                assert found.tolist() == [0, 1, 1]


def test_python_floats_keep_their_digits_beside_float64():
    x = wubu.tensor(np.ones(1))
    for found in (x * 0.1, x * [0.1], ops.dot(x, 0.1), ops.concatenate([x, [0.1]])[1:]):
        assert found.dtype == "float64"
        assert found.item() == 0.1
    assert wubu.tensor([0.1], "float64").item() == 0.1


def test_remainders_of_infinity_are_pythons():
    for a, b in [(5.0, np.inf), (-1.0, np.inf), (1.0, -np.inf), (5.5, 2.0)]:
        assert (wubu.tensor(a) % b).item() == a % b
    gradient = wubu.grad(lambda a, b: a % b, (0, 1))(5.5, 2.0)
    assert [g.item() for g in gradient] == [1.0, -2.0]


def test_rounding_to_digits():
    assert round(wubu.tensor([1.234, -5.678], "float64"), 2).tolist() == [1.23, -5.68]
