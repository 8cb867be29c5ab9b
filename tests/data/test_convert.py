"""Conversion: arrays stay what they are, everything else becomes what NumPy makes."""

from __future__ import annotations

import numpy as np
import pytest

from wubu.data.convert import as_array, as_structure
from wubu.errors import DataError, DTypeError


class FakeTensor:
    """Like a tensor of another framework: numpy() only after detach().cpu()."""

    def __init__(self, array: np.ndarray, ready: frozenset[str] = frozenset()) -> None:
        self.array, self.ready, self.shape = array, ready, array.shape

    def detach(self) -> FakeTensor:
        return FakeTensor(self.array, self.ready | {"detach"})

    def cpu(self) -> FakeTensor:
        return FakeTensor(self.array, self.ready | {"cpu"})

    def numpy(self) -> np.ndarray:
        assert self.ready == {"detach", "cpu"}
        return self.array


class FakeTable:
    shape = (2, 2)

    def to_numpy(self) -> np.ndarray:
        return np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("dtype", ["u1", "i8", "f2", "f4", "f8", "?", ">f4"])
def test_an_array_is_returned_itself(dtype) -> None:
    array = np.zeros((3, 2), dtype=dtype)
    assert as_array(array, "x") is array
    assert as_structure(array, "x") is array


def test_a_memory_map_stays_one(tmp_path) -> None:
    mapped = np.memmap(tmp_path / "x.bin", dtype=np.uint8, mode="w+", shape=(4, 2))
    assert as_array(mapped, "x") is mapped


def test_tensors_and_tables_are_asked_for_their_arrays() -> None:
    array = np.arange(3)
    assert as_array(FakeTensor(array), "x") is array
    np.testing.assert_array_equal(as_array(FakeTable(), "x"), [[1, 2], [3, 4]])


def test_lists_become_what_numpy_makes_of_them() -> None:
    assert as_array([1.0, 2.0], "x").dtype == np.float64
    assert as_array([[1, 2], [3, 4]], "x").shape == (2, 2)
    assert as_array([True, False], "x").dtype == np.bool_


def test_a_list_of_numbers_is_one_array_and_of_arrays_several_inputs() -> None:
    one = as_structure([[1, 2], [3, 4]], "x")
    assert isinstance(one, np.ndarray)
    assert isinstance(as_structure([np.int64(1), np.int64(2)], "y"), np.ndarray)
    several = as_structure([np.zeros((2, 5)), [1, 2]], "x")
    assert isinstance(several, list)
    assert [array.shape for array in several] == [(2, 5), (2,)]
    assert isinstance(as_structure((FakeTable(), FakeTable()), "x"), tuple)


def test_a_dictionary_keeps_its_names() -> None:
    named = as_structure({"age": [1, 2], "size": np.zeros(2)}, "x")
    assert isinstance(named, dict)
    assert list(named) == ["age", "size"]


def test_a_ragged_list_names_the_first_sample_that_differs() -> None:
    with pytest.raises(DataError) as caught:
        as_array([[1, 2], [3, 4], [5], [6, 7, 8]], "x")
    error = caught.value
    assert error.what == "sample 2 of x has another shape than sample 0"
    assert (error.where, error.got) == ("x[2]", "shape (1,)")
    assert error.expected == "shape (2,), as sample 0"


def test_a_sample_that_is_itself_ragged_is_named() -> None:
    with pytest.raises(DataError) as caught:
        as_array([[[1, 2], [3, 4]], [[5], [6, 7]]], "x")
    assert caught.value.what == "sample 1 of x is ragged: its rows differ in length"
    assert caught.value.got == "lengths 1, 2"


def test_a_number_among_rows_is_ragged() -> None:
    with pytest.raises(DataError, match="sample 1 of x has another shape"):
        as_array([[1, 2], 3], "x")


@pytest.mark.parametrize("nothing", [[], (), {}])
def test_empty_containers_are_refused(nothing) -> None:
    with pytest.raises(DataError, match="x is empty"):
        as_structure(nothing, "x")


@pytest.mark.parametrize(
    ("value", "got", "fix"),
    [
        (None, "None", None),
        ((i for i in range(3)), "generator", "np.array(list(x))"),
        ({1, 2}, "set", "np.array(list(x))"),
        (object(), "object", None),
    ],
)
def test_what_is_no_array_is_refused_by_its_type(value, got, fix) -> None:
    with pytest.raises(DTypeError, match="x cannot be made an array") as caught:
        as_array(value, "x")
    assert got in str(caught.value.got)
    assert fix is None or fix in str(caught.value.fix)


def test_a_sparse_matrix_is_refused_with_the_way_out() -> None:
    sparse = pytest.importorskip("scipy.sparse").eye(3)
    with pytest.raises(DTypeError) as caught:
        as_array(sparse, "x")
    assert caught.value.fix == "make it dense: x.toarray()"


def test_keys_that_are_not_names_are_refused() -> None:
    with pytest.raises(DTypeError, match="a key of x is not a string"):
        as_structure({0: np.zeros(2)}, "x")


def test_masked_values_are_refused_rather_than_trained_on() -> None:
    masked = np.ma.array(np.zeros((3, 2)), mask=False)
    assert type(as_array(masked, "x")) is np.ndarray
    masked[1, 0] = np.ma.masked
    with pytest.raises(DataError, match="sample 1 of x has masked values"):
        as_array(masked, "x")
