"""A loss that is NaN or infinite: which layer is to blame, and what happens then."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np
import pytest

import wubu
from training.small import bits, data, line
from wubu import Sequential, layers, ops, optimizers
from wubu.callbacks import Callback, TerminateOnNaN
from wubu.errors import NotFiniteError

X, Y = data(10)
BAD = 7  # the sample that is too large: step 4 of batches of two
HUGE = X.copy()
HUGE[BAD] = 1e6


def exponential(**options: Any) -> Sequential:
    """Whose second layer makes inf out of one sample."""
    model = Sequential(
        [
            layers.Input((3,)),
            layers.Dense(2, name="first", kernel_initializer="ones"),
            layers.Activation(ops.exp, name="boom"),
            layers.Dense(1, name="last", kernel_initializer="ones"),
        ]
    )
    model.compile(optimizers.SGD(0.01), "mse", **options)
    return model


class Seen(Callback):
    """Keeps what it is told, and the weights of that moment."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[NotFiniteError] = []
        self.weights: list[list[bytes]] = []

    def on_not_finite(self, error: NotFiniteError) -> None:
        self.errors.append(error)
        self.weights.append(bits(self.model))


def before(**options: Any) -> list[bytes]:
    """The weights after the three steps before the bad one."""
    model = exponential(**options)
    model.fit(X[:6], Y[:6], 2, shuffle=False, verbose=0)
    return bits(model)


class Pairs:
    """The same batches as a stream."""

    def __iter__(self) -> Any:
        return ((HUGE[i : i + 2], Y[i : i + 2]) for i in range(0, 10, 2))


# -- fit ------------------------------------------------------------------------------


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("streamed", [False, True])
def test_layer_line_and_step_are_named_and_training_goes_on(
    eagerly: bool, streamed: bool
) -> None:
    model, seen = exponential(run_eagerly=eagerly), Seen()
    given = (Pairs(),) if streamed else (HUGE, Y, 2)
    with pytest.warns(UserWarning, match="the loss is inf in epoch 1, step 4") as all:
        history = model.fit(
            *given, epochs=2, shuffle=False, callbacks=[seen], verbose=0
        )
    assert len(all) == len(seen.errors) == 1
    (error,) = seen.errors
    assert "boom" in str(error.where)
    assert "test_not_finite.py:" in str(error.where)
    assert str(error.got).startswith("exp of numbers from ")
    assert str(error.got).endswith(" makes inf")
    assert "learning rate" in str(error.fix)
    assert "TerminateOnNaN" in str(all[0].message)
    assert seen.weights == [before(run_eagerly=eagerly)]
    assert model.optimizer.iterations.item() == 10
    assert all_nan(history.history["loss"])


def all_nan(losses: list[float]) -> bool:
    return not any(math.isfinite(loss) for loss in losses)


def test_terminate_on_nan_keeps_the_weights_of_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = exponential(metrics=["mae"])
    callbacks = [TerminateOnNaN()]
    history = model.fit(HUGE, Y, 2, 9, shuffle=False, callbacks=callbacks, verbose=0)
    assert bits(model) == before()
    assert model.optimizer.iterations.item() == 3
    assert history.epoch == [0]
    assert history.history["loss"] == [math.inf]
    assert math.isfinite(history.history["mae"][0])
    text = capsys.readouterr().err
    assert text.startswith("training ends: the loss is inf in epoch 1, step 4\n")
    assert "boom" in text


def test_the_next_fit_looks_again() -> None:
    for _ in range(2):
        model = exponential()
        for _ in range(2):
            model.layers[0].set_weights([np.ones((3, 2)), np.zeros(2)])
            with pytest.warns(UserWarning, match="step 4"):
                model.fit(HUGE, Y, 2, shuffle=False, verbose=0)
            for weight in model.weights:
                weight.assign(np.zeros(weight.shape))


def rooted(kind: type[Sequential] = Sequential, **options: Any) -> Sequential:
    """The square root of zero has a value, but no derivative."""
    model = kind(
        [
            layers.Input((3,)),
            layers.Dense(2, name="first"),
            layers.Dense(2, name="hidden"),
            layers.Activation(lambda x: ops.sqrt(x * 0), name="root"),
            layers.Dense(1, name="head"),
        ]
    )
    model.compile(**{"optimizer": "sgd", "loss": "mse"} | options)
    return model


def test_a_gradient_that_is_not_finite_ends_the_step_that_makes_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model, seen = rooted(), Seen()
    start = bits(model)
    ending = [seen, TerminateOnNaN()]
    model.fit(X, Y, 5, callbacks=ending, verbose=0)
    assert seen.weights == [start]
    assert bits(model) == start
    (error,) = seen.errors
    assert error.what == "the gradient of first/bias is nan in epoch 1, step 1"
    assert "root" in str(error.where)
    assert str(error.got).startswith("div of numbers from ")
    assert "training ends: the gradient of first" in capsys.readouterr().err
    with pytest.warns(UserWarning, match="the gradient of first/bias is nan") as all:
        history = model.fit(X, Y, 5, verbose=0)
    assert "training goes on" in str(all[0].message)
    assert model.optimizer.iterations.item() == 2
    assert all_nan(history.history["loss"])


class Cleaning(optimizers.SGD):
    """Goes on without what is not finite."""

    def step(self, variables: Any = None) -> Any:
        for variable in variables:
            variable.grad = ops.nan_to_num(variable.grad, posinf=0.0, neginf=0.0)
        return super().step(variables)


def test_an_optimizer_of_ones_own_may_deal_with_such_gradients() -> None:
    losses = []
    for eagerly in (False, True):
        wubu.utils.set_random_seed(0)
        model = rooted(optimizer=Cleaning(0.0), run_eagerly=eagerly)
        losses += model.fit(
            X, Y, 5, callbacks=[TerminateOnNaN(True)], verbose=0
        ).history["loss"]
    assert losses[0] == pytest.approx(losses[1])  # no step counts twice


@pytest.mark.parametrize("optimizer", ["adam", optimizers.SGD(clipnorm=1.0)])
def test_gradients_are_looked_at_before_any_optimizer(optimizer: Any) -> None:
    model = rooted(optimizer=optimizer)
    with wubu.debug_nans(), pytest.raises(NotFiniteError, match="makes nan") as caught:
        model.fit(X, Y, 5, verbose=0)
    assert "root" in str(caught.value.where)
    with pytest.warns(UserWarning, match="the gradient of first/bias is nan"):
        model.train_on_batch(X, Y)


@pytest.mark.parametrize(("limit", "found"), [(0.01, 0.001), (None, math.inf)])
def test_infinite_gradients_are_fine_where_they_are_clipped_to_a_value(
    limit: float | None, found: float
) -> None:
    model = Sequential(
        [
            layers.Input((3,)),
            layers.Dense(1, kernel_initializer="zeros"),
            layers.Activation(ops.sqrt),
        ]
    )
    model.compile(optimizers.SGD(0.1, clipvalue=limit), "mse")
    warned = pytest.warns(UserWarning, match="bias is -inf in this batch")
    with warned if limit is None else contextlib.nullcontext():
        model.train_on_batch(np.ones((2, 3)), np.ones((2, 1)))
    assert model.get_weights()[0] == pytest.approx(found)


def test_a_step_of_ones_own_is_looked_at_as_it_goes() -> None:
    class Own(Sequential):
        def train_step(self, data: Any) -> dict[str, Any]:
            loss = (self(data[0]) * 1e38 * 1e38).sum()
            loss.backward()
            self.optimizer.step(self.trainable_variables)
            return {"loss": loss}

    model = Own([layers.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(X, Y, 2, 9, callbacks=[TerminateOnNaN()], verbose=0)
    assert history.epoch == [0]


class OwnLoss(Sequential):
    def train_step(self, data: Any) -> dict[str, Any]:
        loss = ops.mean(ops.square(self(data[0]) - data[1]))
        loss.backward()
        self.optimizer.step(self.trainable_variables)
        return {"loss": loss, "twice": 2 * loss}


def test_the_loss_that_a_step_of_ones_own_reports_is_explained() -> None:
    model, seen = OwnLoss(exponential().layers), Seen()
    model.compile("sgd")
    start = [weight.value.numpy().copy() for weight in model.weights]
    with pytest.warns(UserWarning, match="the loss is inf in epoch 1, step 1") as all:
        history = model.fit(HUGE, Y, 10, 2, callbacks=[seen], verbose=0)
    assert len(all) == len(seen.errors) == 1
    assert "boom" in str(seen.errors[0].where)
    assert str(seen.errors[0].got).startswith("exp of numbers from ")
    assert seen.weights == [[w.tobytes() for w in start]]
    assert list(history.history) == ["loss", "twice"]


def test_in_a_step_of_ones_own_the_gradient_shows_in_the_weights_of_its_layer() -> None:
    model = rooted(OwnLoss)
    with pytest.warns(UserWarning, match="the loss is nan in epoch 1, step 2") as all:
        model.fit(X, Y, 5, verbose=0)
    text = str(all[0].message)
    assert "hidden/bias holds nan since an earlier step; head/kernel, which" in text
    assert "with wubu.debug_nans(): model.fit(...)" in text


def test_what_a_step_of_ones_own_reports_is_looked_at_once() -> None:
    class Builtin(Sequential):
        def train_step(self, data: Any) -> dict[str, Any]:
            return super().train_step(data)

    for kind, checks in ((OwnLoss, 1), (Builtin, 1)):
        model = kind([layers.Input((3,)), layers.Dense(1)])
        model.compile("sgd", "mse")
        text = model.steps("train")._on_batch.trace((X, Y, None)).text()
        assert text.count("the loss") == checks


def test_debugging_names_what_makes_an_infinite_loss() -> None:
    model = exponential()
    with wubu.debug_nans(), pytest.raises(NotFiniteError, match="loss is inf") as found:
        model.fit(HUGE, Y, 2, shuffle=False, verbose=0)
    assert "epoch 1, step 4" in found.value.what
    assert "boom" in str(found.value.where)
    assert str(found.value.got).startswith("exp of numbers from ")
    with wubu.debug_nans():
        assert bits(model) == before()
    with wubu.debug_nans(), pytest.raises(NotFiniteError, match="loss is inf") as found:
        model.train_on_batch(HUGE, Y)
    assert "boom" in str(found.value.where)


def test_what_overflows_before_a_convolution_is_named() -> None:
    """With fewer products all of a tile becomes NaN, by NumPy's nothing does."""
    model = Sequential(
        [
            layers.Input((16, 16, 8)),
            layers.Activation(ops.exp, name="boom"),
            layers.Conv2D(32, 3, kernel_initializer="ones", activation="tanh"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(1),
        ]
    )
    model.compile("sgd", "mse")
    x = np.zeros((32, 16, 16, 8), np.float32)
    y = x[:, 0, 0, :1]
    assert "winograd" in model.program(x, y).text()
    x[5, 3, 3, 3] = 100
    with pytest.warns(UserWarning, match="the loss is nan in epoch 1, step 1") as all:
        model.fit(x, y, verbose=0)
    text = str(all[0].message)
    assert "boom" in text
    assert "exp of numbers from 0 to 100 makes inf" in text


# -- single batches -------------------------------------------------------------------


def test_train_on_batch_warns_once_and_goes_on() -> None:
    model = exponential()
    with pytest.warns(UserWarning, match="the loss is inf in this batch") as all:
        assert model.train_on_batch(HUGE, Y) == math.inf
    assert "boom" in str(all[0].message)
    assert math.isnan(model.train_on_batch(HUGE, Y))


def test_evaluation_and_losses_of_ones_own_are_not_looked_at() -> None:
    model = exponential()
    assert model.evaluate(HUGE, Y, verbose=0) == math.inf
    loss = model.compute_loss(HUGE, Y, model(HUGE), None)
    assert loss.item() == math.inf


def test_sound_training_has_the_same_bits_watched_or_not() -> None:
    found = []
    for watched in (True, False):
        model = line(0.01)
        model.watch_loss(watched)
        for _ in range(5):
            model.train_on_batch(X, Y)
        found.append(bits(model))
    assert found[0] == found[1]
