"""Steps are given what Keras gives them: no more parts than there are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from training.small import bits, data, line
from wubu import layers
from wubu.errors import ArgumentError
from wubu.training import pack_x_y_sample_weight, unpack_x_y_sample_weight

X, Y = data(10)


class Witness(wubu.Model):
    """Notes the form of what its steps are given."""

    def __init__(self) -> None:
        super().__init__()
        self.head = layers.Dense(1)
        self.forms: dict[str, Any] = {}

    def call(self, x: Any) -> Any:
        return self.head(x[0] if isinstance(x, list | tuple) else x)

    def train_step(self, data: Any) -> Any:
        self.forms["train"] = form(data)
        return super().train_step(data)

    def test_step(self, data: Any) -> Any:
        self.forms["test"] = form(data)
        return super().test_step(data)

    def predict_step(self, data: Any) -> Any:
        self.forms["predict"] = form(data)
        return super().predict_step(data)


def form(data: Any) -> Any:
    return len(data) if isinstance(data, tuple) else "x"


class FromTheGuide(wubu.Model):
    """The step of Keras' guides: `x, y = data`."""

    def __init__(self) -> None:
        super().__init__()
        self.head = layers.Dense(1)

    def call(self, x: Any, training: bool = False) -> Any:
        return self.head(x)

    def train_step(self, data: Any) -> Any:
        x, y = data
        y_pred = self(x, training=True)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        loss.backward()
        self.optimizer.step(self.trainable_weights)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data: Any) -> Any:
        x, y = data
        self.compute_loss(y=y, y_pred=self(x, training=False))
        return {m.name: m.result() for m in self.metrics}


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("stream", [False, True])
def test_a_step_from_keras_guides_runs(eagerly: bool, stream: bool) -> None:
    model = FromTheGuide()
    model.compile("sgd", "mse", run_eagerly=eagerly)
    source = (iter([(X, Y)] * 3), None) if stream else (X, Y)
    steps = {"steps_per_epoch": 1} if stream else {}
    losses = model.fit(*source, epochs=3, verbose=0, **steps).history["loss"]
    assert losses[-1] < losses[0]
    assert model.evaluate(X, Y, verbose=0) > 0
    assert model.train_on_batch(X, Y) > 0


class TorchGuide(FromTheGuide):
    """The step of Keras' guide for PyTorch."""

    clears = True

    def train_step(self, data: Any) -> Any:
        x, y = data
        if self.clears:
            self.zero_grad()
        loss = self.compute_loss(y=y, y_pred=self(x, training=True))
        loss.backward()
        trainable_weights = list(self.trainable_weights)
        gradients = [v.grad for v in trainable_weights]
        self.optimizer.apply(gradients, trainable_weights)
        return {m.name: m.result() for m in self.metrics}


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("clears", [False, True])
def test_gradients_do_not_add_up_over_steps(clears: bool, eagerly: bool) -> None:
    models = FromTheGuide(), TorchGuide()
    models[1].clears = clears
    for model in models:
        model.build((None, 3))
    models[1].set_weights(models[0].get_weights())
    for model in models:
        model.compile("sgd", "mse", run_eagerly=eagerly)
        model.fit(X, Y, 4, epochs=2, shuffle=False, verbose=0)
    assert bits(models[0]) == bits(models[1])


def test_zero_grad_forgets_the_gradients_of_all_weights() -> None:
    model = line()
    wubu.losses.mse(Y, model(X)).sum().backward()
    assert all(v.grad is not None for v in model.weights)
    model.zero_grad()
    assert all(v.grad is None for v in model.weights)


def test_steps_are_given_no_more_parts_than_there_are() -> None:
    model = Witness()
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    model.evaluate(X, Y, verbose=0)
    model.predict(X)
    assert model.forms == {"train": 2, "test": 2, "predict": "x"}
    model.fit(X, Y, sample_weight=np.ones(10), verbose=0)
    model.evaluate(X, Y, sample_weight=np.ones(10), verbose=0)
    model.predict([X, X])
    assert model.forms == {"train": 3, "test": 3, "predict": 1}


@pytest.mark.parametrize(
    ("parts", "packed"),
    [
        ((1,), 1),
        (([1, 2],), ([1, 2],)),
        ((1, 2), (1, 2)),
        ((1, 2, 3), (1, 2, 3)),
        ((1, None, 3), (1, None, 3)),
    ],
)
def test_what_is_packed_is_unpacked_again(parts: Any, packed: Any) -> None:
    assert pack_x_y_sample_weight(*parts) == packed
    assert unpack_x_y_sample_weight(packed) == (*parts, None, None)[:3]


def test_a_list_is_unpacked_as_a_tuple_is() -> None:
    assert unpack_x_y_sample_weight([1, 2]) == (1, 2, None)
    with pytest.raises(ArgumentError, match="a batch is"):
        unpack_x_y_sample_weight((1, 2, 3, 4))
