"""What scripts written for Keras do by habit, and what Wubu makes of it."""

from __future__ import annotations

import numpy as np

import wubu as keras
from wubu import layers, ops


def test_zeros_and_ones_take_shape_and_dtype_as_in_keras() -> None:
    assert ops.ones(shape=(2, 3)).shape == (2, 3)
    assert ops.zeros((2,), "int32").dtype == "int32"
    assert ops.zeros(2, 3).shape == (2, 3)


def test_linspace_has_the_arguments_of_keras() -> None:
    numbers, step = ops.linspace(0, 1, 4, endpoint=False, retstep=True)
    assert numbers.tolist() == [0.0, 0.25, 0.5, 0.75]
    assert step == 0.25


def test_compute_mask_may_be_asked_with_the_inputs_alone() -> None:
    mask = layers.Embedding(5, 2, mask_zero=True).compute_mask(keras.tensor([[1, 0]]))
    assert mask.tolist() == [[True, False]]
    assert layers.Dense(2).compute_mask(np.ones((1, 2))) is None
