"""What is changed in a model after a call counts in the next one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from training.small import bits, data, line
from wubu import Model, layers, losses, optimizers
from wubu.errors import UnknownNameError

X, Y = data(10)


@pytest.mark.parametrize("rest", [optimizers.SGD(0.0), "name"])
def test_another_optimizer_counts(rest: Any) -> None:
    model = line()
    model.fit(X, Y, verbose=0)
    before = bits(model)
    if rest == "name":
        model.optimizer = "rmsprop"
        model.optimizer.learning_rate = 0.0
    else:
        model.optimizer = rest
    model.fit(X, Y, verbose=0)
    assert bits(model) == before
    assert model.optimizer.iterations.item() == 1


def test_another_loss_counts() -> None:
    model = line(0.0, metrics=["mse"])
    model.fit(X, Y, verbose=0)
    model.loss = "mae"
    found = model.evaluate(X, Y, verbose=0, return_dict=True)
    wanted = np.abs(model.predict(X) - Y).mean()
    assert found["loss"] == pytest.approx(wanted, rel=1e-5)
    assert found["mse"] > 0
    with pytest.raises(UnknownNameError):
        model.loss = "maee"
    assert model.loss == "mae"


def test_running_eagerly_can_be_switched() -> None:
    model = Scaled()
    model.compile("sgd", "mse")
    model.fit(X, Y, 5, epochs=2, verbose=0)
    assert model.calls.count("step") == 1
    model.run_eagerly = True
    model.fit(X, Y, 5, epochs=2, verbose=0)
    assert model.calls.count("step") == 5


def test_another_regularizer_or_constraint_counts() -> None:
    model = line(0.0)
    (before,) = model.fit(X, Y, verbose=0).history["loss"]
    model.layers[0].kernel_regularizer = wubu.regularizers.L1(2.0)
    penalty = 2 * np.abs(model.get_weights()[0]).sum()
    (found,) = model.fit(X, Y, verbose=0).history["loss"]
    assert found == pytest.approx(before + penalty, rel=1e-5)
    model.layers[0].kernel_constraint = "unit_norm"
    model.fit(X, Y, verbose=0)
    assert np.linalg.norm(model.get_weights()[0]) == pytest.approx(1.0, rel=1e-5)


def test_what_is_set_on_a_layer_counts() -> None:
    model = line(units=3)
    first = model.predict(X)
    model.layers[0].activation = wubu.activations.get("softmax")
    np.testing.assert_allclose(model.predict(X).sum(axis=1), 1, rtol=1e-5)
    model.layers[0].activation = wubu.activations.get("linear")
    np.testing.assert_array_equal(model.predict_on_batch(X), first)


class Scaled(Model):
    """A plain number and a layer that may be replaced."""

    def __init__(self) -> None:
        super().__init__()
        self.head = layers.Dense(1)
        self.scale = 1.0
        self.calls: list[str] = []

    def call(self, x: Any) -> Any:
        return self.scale * self.head(x)

    def train_step(self, data: Any) -> Any:
        self.calls.append("step")
        return super().train_step(data)


def test_a_number_and_a_layer_of_the_model_count() -> None:
    model = Scaled()
    first = model.predict(X)
    model.scale = 2.0
    np.testing.assert_allclose(model.predict(X), 2 * first, rtol=1e-6)
    model.head = layers.Dense(1, kernel_initializer="zeros")
    assert not model.predict(X).any()


def test_where_nothing_is_changed_nothing_is_compiled_again() -> None:
    model = Scaled()
    model.compile("sgd", "mse")
    callback = wubu.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: model.evaluate(X, Y, verbose=0)
    )
    for _ in range(3):
        model.fit(X, Y, epochs=2, callbacks=callback, verbose=0)
        model.predict(X)
        model.scale = 1.0
    assert model.calls == ["step"]


def test_the_new_optimizer_and_loss_are_saved(tmp_path: Any) -> None:
    model = line()
    model.fit(X, Y, verbose=0)
    model.optimizer = optimizers.Adam(0.5)
    model.loss = losses.MeanAbsoluteError()
    model.save(tmp_path / "model.wubu")
    loaded = wubu.load_model(tmp_path / "model.wubu")
    assert isinstance(loaded.optimizer, optimizers.Adam)
    assert isinstance(loaded.loss, losses.MeanAbsoluteError)
