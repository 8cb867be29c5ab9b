"""What is saved comes back: the same predictions, the same training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from wubu import Sequential, layers
from wubu.saving import load_model


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def same_variables(a: Any, b: Any) -> None:
    for one, other in zip(a, b, strict=True):
        assert one.path == other.path
        np.testing.assert_array_equal(one.numpy(), other.numpy(), strict=True)


def test_a_sequential_model_predicts_and_trains_on_as_if_never_saved(
    tmp_path: Path,
) -> None:
    model = Sequential(
        [
            layers.Input((4,)),
            layers.Dense(8, activation="relu"),
            layers.Dropout(0.3),
            layers.BatchNormalization(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = numbers(48, 4), np.arange(48) % 3
    model.fit(x, y, epochs=2, verbose=0)
    model.save(tmp_path / "model.wubu")
    loaded = load_model(tmp_path / "model.wubu")
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
    for each in (model, loaded):
        each.fit(x, y, initial_epoch=2, epochs=4, verbose=0)
    assert loaded.history.history == model.history.history
    same_variables(loaded.variables, model.variables)
    same_variables(loaded.optimizer.variables, model.optimizer.variables)
