"""Frozen layers keep their weights to the last bit, whenever they were frozen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from training.small import bits, data, deep, labels, line
from wubu import Model, Sequential, layers


def parts(model: Any, name: str) -> list[bytes]:
    return [w.tobytes() for w in model.get_layer(name).get_weights()]


def fit(model: Any, epochs: int = 2) -> None:
    model.fit(data(20)[0], labels(20), 5, epochs=epochs, verbose=0)


@pytest.mark.parametrize("after", [False, True])
def test_frozen_before_or_after_compile(after: bool) -> None:
    model = deep()
    if after:
        fit(model)
        model.get_layer("hidden").trainable = False
    else:
        model.get_layer("hidden").trainable = False
        model.compile("adam", "sparse_categorical_crossentropy")
    hidden, head = parts(model, "hidden"), parts(model, "head")
    fit(model)
    assert parts(model, "hidden") == hidden
    assert parts(model, "head") != head


def test_unfreezing_takes_effect_too() -> None:
    model = deep()
    model.get_layer("hidden").trainable = False
    fit(model)
    hidden = parts(model, "hidden")
    model.get_layer("hidden").trainable = True
    fit(model)
    assert parts(model, "hidden") != hidden


def test_freezing_from_a_callback_between_epochs() -> None:
    from wubu.training.callbacks import LambdaCallback

    model = deep()
    found = []

    def freeze(epoch: int, logs: Any) -> None:
        found.append(parts(model, "hidden"))
        model.get_layer("hidden").trainable = epoch != 0

    model.fit(
        data(20)[0],
        labels(20),
        5,
        epochs=3,
        callbacks=LambdaCallback(on_epoch_end=freeze),
        verbose=0,
    )
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize("affine", [True, False])
def test_frozen_batch_normalization_runs_as_at_prediction(affine: bool) -> None:
    """Also one that has no trained weights, so that only its flag tells."""
    model = Sequential(
        [
            layers.Input((3,)),
            layers.BatchNormalization(center=affine, scale=affine, name="normal"),
            layers.Dense(1),
        ]
    )
    model.compile("sgd", "mse")
    x, y = data(20)
    model.fit(x, y, 5, verbose=0)
    moving = parts(model, "normal")
    model.get_layer("normal").trainable = False
    model.optimizer.learning_rate = 0.0
    history = model.fit(x, y, 5, verbose=0).history
    assert parts(model, "normal") == moving
    wanted = ((model.predict(x) - y) ** 2).mean()
    np.testing.assert_allclose(history["loss"], [wanted], rtol=1e-5)
    model.get_layer("normal").trainable = True
    model.fit(x, y, 5, verbose=0)
    assert parts(model, "normal") != moving


def test_a_frozen_model_inside_another() -> None:
    base = Sequential(
        [layers.Input((3,)), layers.Dense(4), layers.BatchNormalization()], name="base"
    )
    base.trainable = False
    symbol = layers.Input((3,))
    model = Model(
        symbol, layers.Dense(3, activation="softmax", name="head")(base(symbol))
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    assert len(model.trainable_weights) == 2
    before, head = parts(model, "base"), parts(model, "head")
    fit(model)
    assert parts(model, "base") == before
    assert parts(model, "head") != head
    base.layers[0].trainable = True
    fit(model)
    assert parts(model, "base") != before


def test_a_model_without_anything_to_train_warns_and_evaluates() -> None:
    x, y = data(20)
    model = line()
    model.trainable = False
    before = bits(model)
    with pytest.warns(UserWarning, match="no trainable weights"):
        history = model.fit(x, y, verbose=0).history
    assert bits(model) == before
    loss = model.evaluate(x, y, verbose=0)
    np.testing.assert_allclose(history["loss"], [loss], rtol=1e-6)
