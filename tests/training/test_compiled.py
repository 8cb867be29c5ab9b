"""Compiled and eager training are the same, reproducible, and traced no more often than
shapes change."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from typing import Any

import numpy as np
import pytest

import wubu
from training.small import bits, data, deep, labels, line
from wubu import layers, optimizers
from wubu.training import unpack_x_y_sample_weight


@pytest.fixture(autouse=True)
def numpy_executor() -> Any:
    """Compiled by the reference executor: equal to eager to the last bit."""
    wubu.set_executor("numpy")
    yield
    wubu.set_executor(None)


def programs(model: Any, kind: str = "train") -> int:
    """How many programs the steps over arrays were compiled to."""
    return model._steps[kind]._on_samples.num_programs if kind in model._steps else 0


# -- compiled equals eager equals by hand ----------------------------------------------


def test_compiled_and_eager_training_give_the_same_bits() -> None:
    """Dropout and BatchNormalization included."""
    x, _ = data(22)
    y = labels(22)
    found = []
    for eagerly in (False, True):
        model = deep(run_eagerly=eagerly, metrics=["accuracy"])
        history = model.fit(x, y, 5, epochs=3, validation_split=0.2, verbose=0).history
        found.append((bits(model), history, model.predict(x).tobytes()))
    assert found[0] == found[1]


def test_jit_compile_false_is_eager() -> None:
    model = line(jit_compile=False)
    calls = []
    step = model.train_step
    model.train_step = lambda data: (calls.append(1), step(data))[1]
    model.fit(*data(10), batch_size=5, epochs=3, verbose=0)
    assert len(calls) == 6


def test_a_hand_written_loop_gives_the_same_bits() -> None:
    x, _ = data(20)
    y = labels(20)
    fitted, written = deep(), deep()
    fitted.fit(x, y, 5, epochs=2, shuffle=False, verbose=0)
    written(x[:1])
    loss_of = wubu.losses.SparseCategoricalCrossentropy()
    optimizer = optimizers.Adam()
    for start in [0, 5, 10, 15] * 2:
        rows = slice(start, start + 5)
        loss = loss_of(y[rows], written(x[rows], training=True))
        loss.backward()
        optimizer.step(written.trainable_variables)
    assert bits(fitted) == bits(written)


def test_gradients_left_behind_do_not_count() -> None:
    x, y = data()
    clean, dirty = line(), line()
    (dirty(x) ** 2).sum().backward()
    assert dirty.trainable_variables[0].grad is not None
    for model in (clean, dirty):
        model.fit(x, y, epochs=2, batch_size=5, verbose=0)
    assert bits(clean) == bits(dirty)


def test_a_scaled_loss_gives_the_same_steps() -> None:
    """A power of 2 scales without rounding."""
    x, y = data()
    plain, scaled = line(), line()
    scaled.compile(optimizers.SGD(0.1, loss_scale_factor=1024.0), "mse")
    histories = [m.fit(x, y, 5, epochs=2, verbose=0).history for m in (plain, scaled)]
    assert histories[0] == histories[1]
    assert bits(plain) == bits(scaled)


# -- reproducible ----------------------------------------------------------------------


def test_the_same_seed_gives_the_same_weights() -> None:
    x, _ = data(20)
    runs = []
    for seed in (3, 3, 4):
        model = deep(seed)
        model.fit(x, labels(20), 4, epochs=2, verbose=0)
        runs.append(bits(model))
    assert runs[0] == runs[1] != runs[2]


def test_epochs_may_be_trained_in_parts() -> None:
    x, _ = data(21)
    y = labels(21)
    whole, parts = deep(), deep()
    whole.fit(x, y, 4, epochs=3, verbose=0)
    parts.fit(x, y, 4, epochs=2, verbose=0)
    parts.fit(x, y, 4, initial_epoch=2, epochs=3, verbose=0)
    assert bits(whole) == bits(parts)


def test_parts_of_epochs_with_steps_per_epoch_too() -> None:
    x, _ = data(21)
    y = labels(21)
    whole, parts = deep(), deep()
    whole.fit(x, y, 4, epochs=4, steps_per_epoch=4, verbose=0)
    for epoch in range(4):
        parts.fit(
            x, y, 4, initial_epoch=epoch, epochs=epoch + 1, steps_per_epoch=4, verbose=0
        )
    assert bits(whole) == bits(parts)


def test_callbacks_and_displays_do_not_change_what_is_learned(capsys: Any) -> None:
    x, _ = data(20)
    y = labels(20)
    one, other = deep(), deep()
    one.fit(x, y, 3, epochs=2, verbose=0)
    callback = wubu.training.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: None
    )
    other.fit(x, y, 3, epochs=2, verbose=2, callbacks=[callback])
    assert bits(one) == bits(other)
    assert "2/2" in capsys.readouterr().out


# -- traces ----------------------------------------------------------------------------


@pytest.mark.parametrize(("samples", "wanted"), [(20, 1), (22, 2), (3, 1)])
def test_one_program_for_whole_batches_and_one_for_a_short_one(
    samples: int, wanted: int
) -> None:
    x, _ = data(samples)
    model = deep()
    model.fit(x, labels(samples), 5, epochs=4, validation_data=(x, labels(samples)),
              validation_batch_size=5, verbose=0)  # fmt: skip
    assert programs(model) == wanted
    assert programs(model, "test") == wanted
    model.fit(x, labels(samples), 5, epochs=6, verbose=0)
    assert programs(model) == wanted


def test_a_learning_rate_that_is_assigned_takes_effect_without_a_new_trace() -> None:
    x, y = data()
    model = line(0.1)

    def slower(epoch: int, logs: Any) -> None:
        model.optimizer.learning_rate = 0.0

    end = wubu.training.callbacks.LambdaCallback(on_epoch_end=slower)
    found = []
    keep = wubu.training.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: found.append(bits(model))
    )
    model.fit(x, y, 5, epochs=3, callbacks=[keep, end], verbose=0)
    assert found[0] == found[1] == found[2]
    assert programs(model) == 1


def test_train_on_batch_traces_once_for_each_shape() -> None:
    x, y = data(10)
    model = line()
    for _ in range(3):
        model.train_on_batch(x[:5], y[:5])
        model.train_on_batch(x[:4], y[:4])
    ((_, steps),) = model._steps.items()
    assert steps._on_batch.num_programs == 2


def test_memory_does_not_grow_over_epochs() -> None:
    x, _ = data(64)
    model = deep()
    model.fit(x, labels(64), 8, epochs=2, verbose=0)
    gc.collect()
    tracemalloc.start()
    try:
        model.fit(x, labels(64), 8, epochs=5, verbose=0)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        model.fit(x, labels(64), 8, epochs=50, verbose=0)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 45 * 1000  # what History keeps: some numbers an epoch


def test_data_are_not_kept_after_training() -> None:
    class Array(np.ndarray):
        """An array that can be referred to weakly."""

    x = data(20)[0].view(Array)
    kept = weakref.ref(x)
    model = deep()
    model.fit(x, labels(20), verbose=0)
    del x
    gc.collect()
    assert kept() is None


# -- steps of the user's own -----------------------------------------------------------


class Own(wubu.Model):
    """Trains by the mean absolute error and logs twice of it."""

    def __init__(self) -> None:
        super().__init__()
        self.head = layers.Dense(1)
        self.times = 0

    def call(self, x: Any) -> Any:
        return self.head(x)

    def train_step(self, data: Any) -> dict[str, Any]:
        self.times += 1
        x, y, _ = unpack_x_y_sample_weight(data)
        loss = (self(x, training=True) - y).abs().mean()
        loss.backward()
        self.optimizer.step(self.trainable_variables)
        return {"loss": loss, "twice": 2 * loss}


@pytest.mark.parametrize("eagerly", [False, True])
def test_an_own_train_step_is_compiled_and_its_logs_are_shown(eagerly: bool) -> None:
    x, y = data(20)
    model = Own()
    model.build((None, 3))
    model.compile(optimizers.SGD(0.1), run_eagerly=eagerly)
    kernel, bias = model.get_weights()
    history = model.fit(x, y, 5, epochs=2, shuffle=False, verbose=0).history
    assert model.times == (8 if eagerly else 1)
    for start in [0, 5, 10, 15] * 2:
        rows = slice(start, start + 5)
        error = x[rows] @ kernel + bias - y[rows]
        last = np.abs(error).mean()
        kernel = kernel - 0.1 * x[rows].T @ np.sign(error) / 5
        bias = bias - 0.1 * np.sign(error).mean(axis=0)
    np.testing.assert_allclose(model.get_weights()[0], kernel, rtol=1e-5)
    np.testing.assert_allclose(history["loss"][1], last, rtol=1e-5)
    np.testing.assert_allclose(history["twice"][1], 2 * last, rtol=1e-5)


class OwnOfSymbols(wubu.Model):
    """A step of one's own on a model that is drawn up with symbols."""

    def train_step(self, data: Any) -> dict[str, Any]:
        self.times = getattr(self, "times", 0) + 1
        x, y, weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=True)
        loss = self.compute_loss(x, y, y_pred, weight)
        loss.backward()
        self.optimizer.step(self.trainable_variables)
        return self.compute_metrics(x, y, y_pred, weight)


def test_an_own_train_step_on_a_model_of_symbols() -> None:
    x, y = data(20)
    plain = line(metrics=["mae"])
    symbol = layers.Input((3,))
    own = OwnOfSymbols(symbol, layers.Dense(1)(symbol))
    own.set_weights(plain.get_weights())
    own.compile(optimizers.SGD(0.1), "mse", metrics=["mae"])
    histories = [m.fit(x, y, 5, epochs=3, verbose=0).history for m in (plain, own)]
    assert histories[0] == histories[1]
    assert bits(plain) == bits(own)
    assert own.times == 1


class Adversaries(wubu.Model):
    """A generator and a discriminator with an optimizer each; it has no `call`."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = wubu.Sequential([layers.Dense(3)])
        self.discriminator = wubu.Sequential(
            [layers.Dense(4, activation="tanh"), layers.Dense(1)]
        )
        self.seen = wubu.metrics.Mean(name="generator_loss")
        self.times = 0

    def compile(self, generator: Any, discriminator: Any, **options: Any) -> None:
        super().compile(**options)
        self.generator_optimizer = generator
        self.discriminator_optimizer = discriminator

    @property
    def metrics(self) -> list[Any]:
        return [self.seen]

    def train_step(self, data: Any) -> dict[str, Any]:
        self.times += 1
        real, _, _ = unpack_x_y_sample_weight(data)
        fake = self.generator(wubu.random.normal(real.shape)).detach()
        judge = self.discriminator
        # The gradient penalty: a derivative of a derivative.
        slope = wubu.grad(lambda x: judge(x).sum())(real)
        penalty = ((slope * slope).sum(axis=1) - 1.0) ** 2
        loss = (judge(fake) - judge(real)).mean() + penalty.mean()
        loss.backward()
        self.discriminator_optimizer.step(judge.trainable_variables)
        loss = -judge(self.generator(wubu.random.normal(real.shape))).mean()
        loss.backward()
        self.generator_optimizer.step(self.generator.trainable_variables)
        for variable in judge.trainable_variables:
            variable.grad = None
        self.seen.update_state(loss.detach())
        return {metric.name: metric.result() for metric in self.metrics}


def test_two_optimizers_and_a_gradient_penalty() -> None:
    x, _ = data(20)
    found = []
    for eagerly in (False, True):
        wubu.set_random_seed(1)
        model = Adversaries()
        model.compile(
            optimizers.Adam(0.01), optimizers.RMSprop(0.01), run_eagerly=eagerly
        )
        history = model.fit(x, batch_size=5, epochs=3, verbose=0).history
        assert list(history) == ["generator_loss"]
        assert model.times == (12 if eagerly else 1)
        found.append((bits(model), history))
    assert found[0] == found[1]
    assert len(found[0][0]) == 6


class Siamese(wubu.Model):
    """Its step feeds `call` the parts of x, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = layers.Dense(2)

    def call(self, x: Any) -> Any:
        return self.encoder(x)

    def train_step(self, data: Any) -> dict[str, Any]:
        (left, right), _, _ = unpack_x_y_sample_weight(data)
        loss = ((self(left) - self(right)) ** 2).mean()
        loss.backward()
        self.optimizer.step(self.trainable_variables)
        return {"distance": loss}


def test_an_own_step_may_feed_the_model_in_its_own_way() -> None:
    model = Siamese()
    model.compile(optimizers.SGD(0.5))
    x = data(20)[0]
    history = model.fit((x, x[::-1].copy()), epochs=5, verbose=0).history
    assert history["distance"][-1] < history["distance"][0]


# -- moving averages of the weights ----------------------------------------------------


def test_averaged_weights_are_put_in_place_at_the_end() -> None:
    x, y = data(20)
    model = line()
    model.compile(optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
    weights = []
    callback = wubu.training.callbacks.LambdaCallback(
        on_train_batch_end=lambda b, logs: weights.append(model.get_weights()[0])
    )
    first = model.get_weights()[0]
    model.fit(x, y, 5, callbacks=[callback], verbose=0)
    candidates = [first, weights[0]]  # what the average may start from
    found = model.get_weights()[0]

    def averaged(start: np.ndarray, rest: list[np.ndarray]) -> np.ndarray:
        for w in rest:
            start = 0.5 * start + 0.5 * w
        return start

    assert any(
        np.allclose(averaged(c, rest), found, rtol=1e-5)
        for c, rest in zip(candidates, (weights, weights[1:]), strict=True)
    )
    assert not np.allclose(found, weights[-1], rtol=1e-5)
