"""What is changed in a model after a call counts in the next one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from training.small import bits, data, line
from wubu import Model, Sequential, layers, losses, optimizers
from wubu.errors import DataError, UnknownNameError, WubuError

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


class Blocks(Model):
    """Layers in a list, which is changed as lists are."""

    def __init__(self, *blocks: Any) -> None:
        super().__init__()
        self.blocks = [*blocks]

    def call(self, x: Any) -> Any:
        for block in self.blocks:
            x = block(x)
        return x


def all_calls(model: Model) -> list[np.ndarray]:
    """What the outputs for X are, all the same, by every call that says so."""
    return [
        model.predict(X, verbose=0),
        model.predict_on_batch(X),
        np.sqrt([model.test_on_batch(X, np.zeros_like(Y))]),
        np.sqrt([model.evaluate(X, np.zeros_like(Y), verbose=0)]),
    ]


def constant(value: float) -> layers.Layer:
    bias = wubu.initializers.Constant(value)
    return layers.Dense(1, kernel_initializer="zeros", bias_initializer=bias)


def test_a_layer_swapped_in_or_added_to_a_list_counts() -> None:
    model = Blocks(constant(1.0))
    model.compile(optimizers.SGD(0.0), "mse")
    for block, value in ((None, 1.0), (constant(2.0), 2.0), (constant(3.0), 3.0)):
        if value == 2.0:
            model.blocks[0] = block
        elif block is not None:
            model.blocks.append(block)
        assert model.train_on_batch(X, np.zeros_like(Y)) == pytest.approx(value**2)
        for found in all_calls(model):
            np.testing.assert_allclose(found, value, rtol=1e-6)


def test_trainable_counts_in_the_next_call() -> None:
    model = Blocks(layers.Dense(3), layers.Dense(1))
    model.compile(optimizers.SGD(0.1), "mse")
    model.train_on_batch(X, Y)
    for _ in range(2):
        for frozen in model.blocks[0].kernel, model.blocks[1]:
            frozen.trainable = False
            before = model.get_weights()
            model.train_on_batch(X, Y)
            kept = list(map(np.array_equal, before, model.get_weights()))
            assert kept == [not weight.trainable for weight in model.weights]
            assert False in kept and True in kept
            frozen.trainable = True
        before = model.get_weights()
        model.train_on_batch(X, Y)
        assert not any(map(np.array_equal, before, model.get_weights()))


def test_a_metric_that_is_added_is_reset_by_every_call() -> None:
    model = Blocks(layers.Dense(1))
    model.compile("sgd", "mse")
    model.train_on_batch(X, Y)
    model.blocks[0].largest = mean = wubu.metrics.Mean(name="largest")
    assert mean in model.metrics
    for call in (model.train_on_batch, model.test_on_batch, model.evaluate, model.fit):
        mean.update_state(5.0)
        call(X, Y)
        assert mean.result().item() == 0.0


def test_an_embedding_that_is_added_has_its_indices_checked() -> None:
    model = Blocks(layers.Flatten())
    model.compile("sgd", "mse")
    numbers = np.full((4, 2), 7.0, "float32")
    model.test_on_batch(numbers, numbers)
    model.blocks.insert(0, layers.Embedding(5, 1))
    for call in (model.test_on_batch, model.train_on_batch, model.fit):
        with pytest.raises(DataError, match="no row in a table of 5"):
            call(numbers, numbers)


def test_a_change_after_a_first_call_that_failed_counts() -> None:
    model = Blocks(layers.Flatten())
    model.compile("sgd", "mse")
    numbers = np.full((4, 2), 7.0, "float32")
    with pytest.raises(WubuError):
        model.test_on_batch(numbers, numbers[:, :1, None, None])
    model.blocks.insert(0, layers.Embedding(5, 1))
    with pytest.raises(DataError, match="no row in a table of 5"):
        model.test_on_batch(numbers, numbers)


class Factor(layers.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.factor = 1.0

    def call(self, x: Any) -> Any:
        return x * self.factor


class Failing(wubu.callbacks.Callback):
    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        raise RuntimeError


def test_what_changes_after_a_call_that_failed_counts() -> None:
    model, x = Sequential([Factor()]), np.ones((4, 2), "float32")
    model.predict(x)
    for factor in (3.0, 4.0):
        model.layers[0].factor = factor
        with pytest.raises(RuntimeError):
            model.predict(x, callbacks=[Failing()])
    model.layers[0].factor = 5.0
    assert (model.predict(x) == 5.0).all()
