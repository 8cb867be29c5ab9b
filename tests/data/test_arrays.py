"""ArrayDataset: checked arrays, parts of them, and the split Keras makes."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wubu.data import ArrayDataset
from wubu.errors import ArgumentError, DataError, DTypeError


def test_arrays_are_kept_as_they_are() -> None:
    x, y, w = np.zeros((3, 2), np.uint8), np.arange(3), np.ones(3, np.float64)
    data = ArrayDataset(x, y, w)
    assert data.x is x and data.y is y and data.sample_weight is w
    assert len(data) == data.num_samples == 3


def test_the_forms_of_several_inputs() -> None:
    x = {"age": np.zeros(4), "face": np.zeros((4, 8, 8))}
    data = ArrayDataset(x, [np.arange(4), np.ones((4, 2))])
    batch = data.take(np.array([3, 1]))
    assert {name: array.shape for name, array in batch.x.items()} == {
        "age": (2,),
        "face": (2, 8, 8),
    }
    assert isinstance(batch.y, list)
    assert batch.y[0].tolist() == [3, 1]
    assert batch.sample_weight is None
    assert repr(data).startswith('ArrayDataset(x["age"]: float64 (4,), ')


@given(st.integers(2, 10_000), st.integers(1, 99))
def test_the_split_is_that_of_keras_in_exact_arithmetic(samples, percent) -> None:
    data = ArrayDataset(np.arange(samples), np.arange(samples))
    cut = math.floor(samples * (1 - Fraction(percent, 100)))
    if cut in (0, samples):
        with pytest.raises(ArgumentError):
            data.split(percent / 100)
        return
    train, validation = data.split(percent / 100)
    np.testing.assert_array_equal(train.x, np.arange(cut))
    np.testing.assert_array_equal(validation.y, np.arange(cut, samples))
    assert np.shares_memory(train.x, data.x)
    # Keras computes in floating point: equal, or one sample fewer to train.
    keras = math.floor(samples * (1.0 - percent / 100))
    assert cut - keras in (0, 1)


def test_nine_tenths_of_ten_samples_leaves_one() -> None:
    assert int(10 * (1.0 - 0.9)) == 0  # what floating point makes of it
    assert ArrayDataset(np.zeros(10)).split(0.9)[0].num_samples == 1
    assert ArrayDataset(np.zeros(10)).split(np.float32(0.1))[0].num_samples == 9


@pytest.mark.parametrize("fraction", [0, 1, 0.0, 1.0, -0.1, 1.5, math.nan, "x", None])
def test_fractions_out_of_range(fraction) -> None:
    with pytest.raises(ArgumentError, match="fraction to split off") as caught:
        ArrayDataset(np.zeros(10)).split(fraction)
    assert caught.value.got == repr(fraction)


def test_a_split_that_leaves_a_side_empty() -> None:
    with pytest.raises(ArgumentError, match="leaves none for training") as caught:
        ArrayDataset(np.zeros(3)).split(0.9)
    assert caught.value.got == "0 for training, 3 for validation"


@given(st.integers(1, 30), st.data())
def test_subsets(samples, data) -> None:
    dataset = ArrayDataset(np.arange(samples), {"a": np.arange(samples)})
    index = st.integers(-samples, samples - 1)
    chosen = data.draw(st.lists(index, min_size=1, max_size=10))
    np.testing.assert_array_equal(
        dataset.subset(chosen).x, np.arange(samples)[np.array(chosen)]
    )
    mask = np.zeros(samples, bool)
    mask[chosen] = True
    subset = dataset.subset(mask)
    assert subset.y["a"].tolist() == sorted({i % samples for i in chosen})
    assert subset.num_samples == mask.sum()
    half = dataset.subset(slice(0, 1 + samples // 2))
    assert np.shares_memory(half.x, dataset.x)


def test_subsets_that_cannot_be() -> None:
    data = ArrayDataset(np.arange(5))
    for nothing in ([], slice(3, 3), np.zeros(5, bool)):
        with pytest.raises(DataError, match="the subset has no samples"):
            data.subset(nothing)
    with pytest.raises(DataError, match="an index is outside the data") as caught:
        data.subset([0, 5])
    assert (caught.value.expected, caught.value.got) == ("0 to 4", "5")
    for wrong in ([True, False], [[0]], [0.5], 3):
        with pytest.raises(ArgumentError, match="do not select samples"):
            data.subset(wrong)


def test_errors_name_the_array_at_fault() -> None:
    x, bad = np.zeros((4, 2)), np.array([0, 1, np.nan, 0])
    with pytest.raises(DataError, match="sample 2 of y holds NaN"):
        ArrayDataset(x, bad)
    with pytest.raises(DataError, match=r'sample 2 of x\["b"\] holds NaN'):
        ArrayDataset({"a": x, "b": bad})
    with pytest.raises(DataError, match="sample 2 of sample_weight holds NaN"):
        ArrayDataset(x, x, bad)
    with pytest.raises(DataError, match="sample 0 of sample_weight is negative"):
        ArrayDataset(x, x, -np.ones(4))
    with pytest.raises(DTypeError, match="y holds strings"):
        ArrayDataset(x, ["cat", "dog", "cat", "cow"])
    with pytest.raises(DataError) as caught:
        ArrayDataset(x, np.zeros(5), np.zeros(4))
    assert caught.value.got == "x: 4 samples, y: 5 samples, sample_weight: 4 samples"


def test_a_list_of_images_of_different_sizes_hints_at_stacking() -> None:
    with pytest.raises(DataError, match="differ in their number") as caught:
        ArrayDataset([np.zeros((28, 28)), np.zeros((32, 28))])
    assert "np.stack" in str(caught.value.fix)


def test_values_need_not_be_read() -> None:
    data = ArrayDataset(np.array([np.nan]), check_values=False)
    with pytest.raises(DataError, match="sample 0 of x holds NaN"):
        data.check_values()
