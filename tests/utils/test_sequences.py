"""Sequences, windows, halves of data and lengths of vectors: numbers of Keras where it
can be asked, of their formulas elsewhere."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import wubu
from reference.load import Case, cases
from wubu import utils
from wubu.data import Dataset
from wubu.errors import ArgumentError, DataError, DTypeError, UnknownNameError


@pytest.mark.parametrize("case", cases("data", "pad_sequences"), ids=str)
def test_padding_is_that_of_keras(case: Case) -> None:
    found = utils.pad_sequences(case.call["sequences"], **case.arguments)
    wanted = case.outputs["0"]
    assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(found, wanted)


def test_padding_of_other_things() -> None:
    words = utils.pad_sequences([["a"], ["b", "cde"]], dtype=object, value="-")
    assert words.tolist() == [["-", "a"], ["b", "cde"]]
    assert utils.pad_sequences([[1, 2]], maxlen=0).shape == (1, 0)
    generator = ([1] * n for n in (1, 2))
    assert utils.pad_sequences(generator).tolist() == [[0, 1], [1, 1]]
    assert utils.pad_sequences([], maxlen=3).shape == (0, 3)
    assert utils.pad_sequences([[], []]).shape == (2, 0)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([[1]], 2, "int32", "left"), ArgumentError, "padding has no such side"),
        (([[1]], 2, "int32", "pre", "x"), ArgumentError, "truncating"),
        (([1, 2],), DataError, "element 0 is no sequence"),
        ((1,), DataError, "holds no sequences"),
        (([[[1, 2]], [[1]]],), DataError, "elements of sequence 1"),
    ],
)
def test_what_cannot_be_padded(arguments, error, words) -> None:
    with pytest.raises(error, match=words):
        utils.pad_sequences(*arguments)
    with pytest.raises(ArgumentError, match="a string cannot fill up numbers"):
        utils.pad_sequences([[1]], value="x")


@pytest.mark.parametrize("case", cases("data", "normalize"), ids=str)
def test_normalizing_is_that_of_keras(case: Case) -> None:
    found = utils.normalize(case.inputs["x"], **case.arguments)
    np.testing.assert_allclose(found, case.outputs["0"], rtol=1e-12)


def test_normalizing_along_the_first_axis_and_of_tensors() -> None:
    x = np.array([[3.0, 1.0], [4.0, 0.0], [0.0, 0.0]])
    wanted = [[0.6, 1.0], [0.8, 0.0], [0.0, 0.0]]
    np.testing.assert_allclose(utils.normalize(x, axis=0), wanted)
    found = utils.normalize(wubu.tensor(x), axis=0)
    assert isinstance(found, wubu.Tensor)
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-6)


# --- Windows --------------------------------------------------------------------------


def test_the_example_of_keras() -> None:
    dataset = utils.timeseries_dataset_from_array(
        np.arange(99), None, 10, sampling_rate=2, sequence_stride=3, batch_size=None
    )
    windows = [window.tolist() for window in dataset]
    assert windows[0] == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]
    assert windows[1] == [3, 5, 7, 9, 11, 13, 15, 17, 19, 21]
    assert windows[-1] == [78, 80, 82, 84, 86, 88, 90, 92, 94, 96]


@pytest.mark.parametrize("stride", [1, 3])
@pytest.mark.parametrize("rate", [1, 2])
@pytest.mark.parametrize(("start", "end"), [(None, None), (4, None), (2, 15)])
def test_windows_and_targets_by_their_formula(stride, rate, start, end) -> None:
    x, y = np.arange(40.0).reshape(20, 2), 100 + np.arange(20)
    dataset = utils.timeseries_dataset_from_array(
        x, y, 4, stride, rate, 3, start_index=start, end_index=end
    )
    low, high = start or 0, end or 20
    begins = range(low, high - 3 * rate, stride)
    windows = np.concatenate([w for w, _ in dataset])
    targets = np.concatenate([t for _, t in dataset])
    wanted = [x[s : s + 4 * rate : rate] for s in begins]
    np.testing.assert_array_equal(windows, wanted)
    assert targets.tolist() == [y[s] for s in begins]


def test_windows_are_shuffled_anew_every_epoch(tmp_path) -> None:
    np.save(tmp_path / "x.npy", np.arange(12.0))
    series = np.load(tmp_path / "x.npy", mmap_mode="r")
    dataset = utils.timeseries_dataset_from_array(
        series, None, 3, shuffle=True, seed=1, batch_size=4
    )
    first, second = ([w[:, 0] for w in dataset.elements(e)] for e in range(2))
    assert sorted(np.concatenate(first)) == list(range(10))
    assert np.concatenate(first).tolist() != np.concatenate(second).tolist()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start_index": 12}, "start_index is out of range"),
        ({"start_index": 5, "end_index": 5}, "end_index is out of range"),
        ({"sampling_rate": 0}, "sampling_rate is out of range"),
        ({"sequence_stride": 12}, "sequence_stride is out of range"),
        ({"sequence_length": 12, "sampling_rate": 2}, "too short"),
        ({"format": "torch"}, "no format"),
    ],
)
def test_windows_that_cannot_be(change: dict[str, Any], words: str) -> None:
    given = {"sequence_length": 3} | change
    with pytest.raises((ArgumentError, DataError), match=words):
        utils.timeseries_dataset_from_array(np.arange(12), None, **given)


# --- Halves ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "wanted"),
    [
        ({"left_size": 0.75}, (6, 2)),
        ({"right_size": 3}, (5, 3)),
        ({"left_size": 2, "right_size": 0.5}, (2, 4)),
    ],
)
def test_the_first_and_the_last_samples(sizes, wanted) -> None:
    left, right = utils.split_dataset(np.arange(8), **sizes)
    assert [int(x) for x in left] == list(range(wanted[0]))
    assert [int(x) for x in right] == list(range(8 - wanted[1], 8))


def test_samples_are_drawn_as_by_keras() -> None:
    rows = list(range(8))
    random.Random(5).shuffle(rows)
    x, y = np.arange(8), np.arange(8) * 10
    left, right = utils.split_dataset([x, y], left_size=5, shuffle=True, seed=5)
    assert [int(a) for a, _ in left] == rows[:5]
    assert [int(b) for _, b in right] == [10 * row for row in rows[5:]]


def test_batches_are_split_by_samples() -> None:
    dataset = Dataset.from_arrays(np.arange(9), np.arange(9)).batch(2).prefetch(1)
    left, right = utils.split_dataset(dataset, left_size=5)
    assert [y.tolist() for _, y in left] == [[0, 1], [2, 3], [4]]
    assert [y.tolist() for _, y in right] == [[5, 6], [7, 8]]


@pytest.mark.parametrize(
    ("data", "sizes", "error"),
    [
        (np.arange(4), {}, ArgumentError),
        (np.arange(4), {"left_size": 4}, ArgumentError),
        (np.arange(4), {"left_size": 1.5}, ArgumentError),
        (np.arange(4), {"left_size": 0.9, "right_size": 0.9}, ArgumentError),
        (np.arange(4), {"left_size": 0.1}, ArgumentError),
        ("text", {"left_size": 1}, DTypeError),
        (Dataset.from_generator(range(4)), {"left_size": 1}, ArgumentError),
        (np.arange(4), {"left_size": True}, ArgumentError),
    ],
)
def test_what_cannot_be_split(data, sizes, error) -> None:
    with pytest.raises(error):
        utils.split_dataset(data, **sizes)


def test_names_of_formats_are_checked() -> None:
    with pytest.raises(UnknownNameError):
        utils.timeseries_dataset_from_array(np.arange(9), None, 2, format="tff")
