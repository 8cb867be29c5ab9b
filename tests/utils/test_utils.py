"""`wubu.utils`: what a Keras script expects there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from wubu import utils
from wubu.errors import ArgumentError, DataError


@pytest.mark.parametrize(
    "x", [[2, 0, 1], np.array([[2], [0], [1]]), np.array([2.0, 0.0, 1.0])]
)
def test_classes_become_rows(x: Any) -> None:
    rows = utils.to_categorical(x)
    assert isinstance(rows, np.ndarray) and rows.dtype == np.float32
    assert rows.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


def test_shapes_and_the_number_of_classes() -> None:
    assert utils.to_categorical(1, 3).tolist() == [0, 1, 0]
    assert utils.to_categorical(np.zeros((4, 5), int), 3).shape == (4, 5, 3)
    assert utils.to_categorical([[0]]).shape == (1, 1)
    assert utils.to_categorical([], 2).shape == (0, 2)


def test_tensors_stay_tensors_also_in_a_compiled_function() -> None:
    labels = wubu.tensor([1, 0])
    wanted = [[0, 1], [1, 0]]
    assert utils.to_categorical(labels).tolist() == wanted
    step = wubu.jit(lambda x: utils.to_categorical(x, 2))
    assert step(labels).tolist() == wanted
    assert step(labels[:, None]).tolist() == wanted
    with pytest.raises(ArgumentError, match="pass num_classes"):
        wubu.jit(utils.to_categorical)(labels)


@pytest.mark.parametrize(
    ("x", "num_classes", "words"),
    [
        ([0, 3], 3, ["0 to 2", "3 at place (1,)"]),
        ([[0, -1]], None, ["-1 at place (0, 1)", "np.unique"]),
        ([0.5], None, ["0.5"]),
        ([float("nan")], 2, ["nan"]),
        ([float("inf"), 1], None, ["inf at place (0,)"]),
        (["cat"], None, ["classes are numbers"]),
        (["cat"], 2, ["classes are numbers", "np.unique"]),
    ],
)
def test_what_is_no_class_is_refused(
    x: Any, num_classes: Any, words: list[str]
) -> None:
    with pytest.raises(DataError) as caught:
        utils.to_categorical(x, num_classes)
    for word in words:
        assert word in str(caught.value)


def test_the_advice_of_losses_names_what_is_there() -> None:
    with pytest.raises(wubu.errors.ShapeError) as caught:
        wubu.losses.CategoricalCrossentropy()(
            np.zeros((2, 1)), np.full((2, 3), 1 / 3, "float32")
        )
    assert "wubu.utils.to_categorical" in str(caught.value)
    y = wubu.utils.to_categorical(np.zeros((2, 1)), 3)
    wubu.losses.CategoricalCrossentropy()(y, np.full((2, 3), 1 / 3, "float32"))


def test_what_stands_elsewhere_too() -> None:
    assert utils.set_random_seed is wubu.set_random_seed
    assert utils.unpack_x_y_sample_weight((1, 2)) == (1, 2, None)
    assert utils.pack_x_y_sample_weight(1, 2) == (1, 2)
