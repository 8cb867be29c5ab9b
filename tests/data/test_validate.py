"""Checks name the array, the first sample at fault, the place and the value."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from wubu.data import validate
from wubu.errors import DataError, DTypeError

SHAPES = arrays.array_shapes(min_dims=1, max_dims=4, max_side=5)


@given(SHAPES, st.data(), st.integers(1, 30))
def test_the_first_bad_value_is_found_whatever_the_pieces(shape, data, chunk) -> None:
    array = np.zeros(shape, dtype=np.float32)
    count = data.draw(st.integers(1, 3))
    places = data.draw(
        st.lists(st.integers(0, array.size - 1), min_size=count, max_size=count)
    )
    array.flat[places] = np.nan
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validate, "CHUNK", chunk)
        found = validate.first_where(array, np.isnan)
        assert found == tuple(np.argwhere(np.isnan(array))[0].tolist())
        assert validate.first_where(array, np.isposinf) is None


@pytest.mark.parametrize(
    ("value", "problem"),
    [(np.nan, "holds NaN"), (np.inf, "is infinite"), (-np.inf, "is infinite")],
)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_not_finite(value, problem, dtype) -> None:
    array = np.zeros((20, 3, 4), dtype=dtype)
    array[17, 1, 2] = value
    array[19] = value
    with pytest.raises(DataError) as caught:
        validate.check_finite(array, 'x["age"]')
    error = caught.value
    assert error.what == f'sample 17 of x["age"] {problem}'
    assert error.where == 'x["age"][17, 1, 2]'
    assert error.got == repr(float(value))
    assert 'np.isfinite(x["age"]).all(axis=(1, 2))' in str(error.fix)


def test_the_fix_for_a_vector_needs_no_axis() -> None:
    with pytest.raises(DataError) as caught:
        validate.check_finite(np.array([0, np.nan]), "y")
    assert "keep = np.isfinite(y), or" in str(caught.value.fix)


def test_finite_numbers_whose_sum_overflows_are_finite() -> None:
    largest = np.finfo(np.float32).max
    validate.check_finite(np.full(4, largest, np.float32), "x")
    validate.check_finite(np.array([largest, largest, -largest], np.float32), "x")
    with pytest.raises(DataError, match="sample 2 of x is infinite"):
        validate.check_finite(np.array([largest, largest, -np.inf], np.float32), "x")


def test_infinities_that_cancel_are_found() -> None:
    with pytest.raises(DataError, match="sample 1 of x is infinite"):
        validate.check_finite(np.array([0, np.inf, -np.inf]), "x")


@pytest.mark.parametrize("dtype", ["u1", "i8", "?"])
def test_integers_are_finite(dtype) -> None:
    validate.check_finite(np.zeros(3, dtype=dtype), "x")


@pytest.mark.parametrize("shape", [(4_000_000, 4), (4, 4_000_000), (16_000_000,)])
def test_scanning_needs_no_temporary_of_the_arrays_size(shape) -> None:
    array = np.zeros(shape, dtype=np.float32)  # 64 MB
    tracemalloc.start()
    validate.check_finite(array, "x")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * validate.CHUNK


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", "i8", "u8", "f2", "f4", "f8"])
def test_numbers_pass(dtype) -> None:
    validate.check_numbers(np.zeros((2, 2), dtype=dtype), "x")


@pytest.mark.parametrize(
    ("array", "what", "where", "got", "fix"),
    [
        (np.array(["a", "b"]), "strings", "x[0]", "'a'", "np.unique(x, return_inverse"),
        (np.array([1, "b"]), "strings", "x[1]", "'b'", "np.unique(x, return_inverse"),
        (np.array(["1", "2"]), "strings", "x[0]", "'1'", "x.astype(np.float32)"),
        (np.array([b"a"]), "bytes", "x[0]", "b'a'", "np.frombuffer"),
        (np.zeros(2, complex), "complex numbers", "x[0]", "0j", "x.real"),
        (np.array(["2020-01-01"], "M8[D]"), "dates", "x[0]", "2020", "timedelta64"),
        (np.array([1], "m8[s]"), "time differences", "x[0]", "1", "timedelta64(1, 's"),
        (np.zeros(1, [("a", "f4")]), "records", "x[0]", "0.0", "fields"),
        (
            np.array([[1, 2], [3, "b"]], object),
            "Python objects",
            "x[1, 1]",
            "'b'",
            "x.astype(np.float32)",
        ),
        (np.array([1.0, None], object), "Python objects", "x[1]", "None", "astype"),
        (np.array([1, 2], object), "Python objects", "x[0]", "1", "astype"),
    ],
)
def test_what_is_no_number_says_what_to_do(array, what, where, got, fix) -> None:
    with pytest.raises(DTypeError) as caught:
        validate.check_numbers(array, "x")
    error = caught.value
    assert error.what == f"x holds {what}, not numbers"
    assert error.where == where
    assert got in str(error.got)
    assert fix in str(error.fix)


def test_an_object_array_of_samples_of_different_shapes_is_ragged() -> None:
    array = np.empty(3, dtype=object)
    array[:] = [np.zeros(2), np.zeros(2), np.zeros(3)]
    with pytest.raises(DataError, match="sample 2 of x has another shape") as caught:
        validate.check_numbers(array, "x")
    assert caught.value.got == "shape (3,)"


def test_a_single_number_is_no_array_of_samples() -> None:
    with pytest.raises(DataError, match="y is a single number") as caught:
        validate.check_has_samples(np.asarray(3.5), "y")
    assert caught.value.fix == "put it into an array: np.array([3.5])"


@pytest.mark.parametrize(
    ("shape", "what"),
    [
        ((0,), "x has no samples"),
        ((0, 3), "x has no samples"),
        ((3, 0), "the samples of x have no values"),
    ],
)
def test_empty_arrays(shape, what) -> None:
    with pytest.raises(DataError) as caught:
        validate.check_has_samples(np.zeros(shape), "x")
    assert caught.value.what == what
    assert caught.value.got == f"shape {shape}"


def test_differing_numbers_of_samples_are_all_listed() -> None:
    named = [("x[0]", np.zeros(3)), ("x[1]", np.zeros(1)), ("y", np.zeros(3))]
    with pytest.raises(DataError) as caught:
        validate.check_same_samples(named)
    assert caught.value.got == "x[0]: 3 samples, x[1]: 1 sample, y: 3 samples"
    assert "np.stack(list)" in str(caught.value.fix)


def test_negative_weights() -> None:
    validate.check_weights(np.array([0.0, 1.0]), "sample_weight")
    validate.check_weights(np.array([True, False]), "sample_weight")
    with pytest.raises(DataError) as caught:
        validate.check_weights(np.array([[1, 1], [1, -2]]), "sample_weight")
    assert caught.value.what == "sample 1 of sample_weight is negative"
    assert caught.value.where == "sample_weight[1, 1]"
    assert caught.value.got == "-2"
