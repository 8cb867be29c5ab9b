"""Many short epochs that run in one go: with the results of one after the other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import wubu
from training.small import bits, data, deep, labels, line
from wubu import Sequential, layers, metrics, optimizers
from wubu.callbacks import Callback, History
from wubu.core.jit import Jit, each
from wubu.errors import DataError
from wubu.training import short_epochs

EPOCHS = 11
X, Y = data(8)
LABELS = labels(8)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few epochs are many, and several calls are needed for them."""
    monkeypatch.setattr(short_epochs, "MANY", 5)
    monkeypatch.setattr(short_epochs, "_ROWS", 4)


@pytest.fixture(params=["numpy", "native"])
def executor(request: pytest.FixtureRequest) -> Iterator[None]:
    wubu.set_executor(request.param)
    yield
    wubu.set_executor(None)


def in_one_go(model: Any) -> bool:
    return "epochs" in model._steps


def both(make: Callable[[], Any], *given: Any, **options: Any) -> list[Any]:
    """What is left of training in one go, and one epoch after the other."""
    found: list[Any] = []
    for callbacks in ([], [Callback()]):
        model = make()
        options = {"epochs": EPOCHS, "verbose": 0} | options
        history = model.fit(*given, callbacks=callbacks, **options)
        assert in_one_go(model) == (not callbacks)
        assert model.history is history
        state = [v.numpy().tolist() for m in model.metrics for v in m.variables]
        logs = history.history
        again = model.fit(*given, verbose=0).history  # as if nothing had been
        found.append((history.epoch, logs, bits(model), state, again))
    return found


@pytest.mark.usefixtures("executor")
@pytest.mark.parametrize("size", [2, 8, 32])
def test_history_weights_and_metrics_are_the_same_to_the_bit(size: int) -> None:
    quick, slow = both(lambda: deep(metrics=["accuracy"]), X, LABELS, size)
    assert quick == slow
    assert quick[0] == list(range(EPOCHS))
    assert len(set(quick[1]["loss"])) == EPOCHS


@pytest.mark.parametrize(
    "options",
    [
        {"shuffle": False},
        {"initial_epoch": 3},
        {"class_weight": {0: 2.0, 2: 0.5}},
        {"sample_weight": np.linspace(0, 1, 8, dtype="float32")},
    ],
)
def test_options_of_fit_hold(options: dict[str, Any]) -> None:
    quick, slow = both(
        lambda: deep(weighted_metrics=["accuracy"]), X, LABELS, 4, **options
    )
    assert quick == slow


def several() -> Sequential:
    """With metrics that have several numbers, and whole ones."""
    wubu.set_random_seed(1)
    model = Sequential([layers.Input((3,)), layers.Dense(3, activation="softmax")])
    model.compile(
        optimizers.SGD(0.1, momentum=0.9),
        "categorical_crossentropy",
        metrics=[metrics.F1Score(), metrics.AUC(), metrics.TruePositives()],
    )
    return model


def test_metrics_with_several_numbers_are_the_same() -> None:
    targets = np.eye(3, dtype="float32")[LABELS]
    quick, slow = both(several, X, targets, 4)
    assert quick == slow
    assert len(quick[1]["f1_score"][-1]) == 3


# -- what ends it ---------------------------------------------------------------------


@pytest.mark.parametrize("steps", range(1, 13))
def test_after_ctrl_c_epochs_that_ended_are_in_the_history(
    steps: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The flag is set during a step; an epoch has 4."""
    run_steps, left = Jit.run_steps, [steps]

    def run(self: Any, arrays: Any, *rows: each, interrupt: Any) -> Any:
        rows = tuple(each(row.value[: left[0]]) for row in rows)
        found, done = run_steps(self, arrays, *rows, interrupt=interrupt)
        left[0] -= done
        interrupt[0] = left[0] == 0
        return found, done

    monkeypatch.setattr(Jit, "run_steps", run)
    model = line()
    history = model.fit(X, Y, 2, epochs=EPOCHS, verbose=0)
    assert in_one_go(model)
    assert model.optimizer.iterations.item() == steps
    ended = (steps - 1) // 4
    assert history.epoch == list(range(ended))
    assert f"in epoch {ended + 1} of {EPOCHS}" in capsys.readouterr().err
    monkeypatch.undo()
    slow = line()
    slow.fit(X, Y, 2, epochs=EPOCHS, verbose=0, callbacks=[StopAfter(steps)])
    assert bits(model) == bits(slow)


class StopAfter(Callback):
    """Ends training after so many steps."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self._numbers = itertools.count(1)
        self._steps = steps

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if next(self._numbers) == self._steps:
            self.model.stop_training = True


@pytest.mark.usefixtures("executor")
@pytest.mark.parametrize("size", [2, 8])
def test_a_loss_that_is_not_finite_is_reported_as_ever(size: int) -> None:
    found = []
    for callbacks in ([], [Callback()]):
        model = line(rate=3e5)
        with pytest.warns(UserWarning, match="the loss is (inf|nan) in epoch") as said:
            history = model.fit(
                X, Y, size, epochs=EPOCHS, verbose=0, callbacks=callbacks
            )
        assert in_one_go(model) == (not callbacks)
        assert len(history.epoch) == EPOCHS
        text = str(said[0].message)
        found.append((text, str(history.history), bits(model)))  # NaN equals nothing
    assert found[0] == found[1]


class Counting(layers.Layer):
    """Does something in Python too, as `fit` allows."""

    times = 0

    def call(self, x: Any) -> Any:
        self.times += 1
        return x


def test_layers_may_do_in_python_what_they_may_do_else() -> None:
    history = []
    for callbacks in ([], [Callback()]):
        model = Sequential([layers.Input((3,)), Counting(), layers.Dense(1, "relu")])
        model.set_weights([np.ones(w.shape) for w in model.weights])
        model.compile("sgd", "mse")
        found = model.fit(X, Y, 4, epochs=EPOCHS, verbose=0, callbacks=callbacks)
        history.append(found.history)
    assert history[0] == history[1]


def test_errors_are_raised_as_ever() -> None:
    x, y = np.full((8, 2), 3), np.zeros((8, 1), "float32")
    model = Sequential([layers.Input((2,)), layers.Embedding(3, 2), layers.Flatten()])
    model.add(layers.Dense(1))
    model.compile("sgd", "mse")
    with pytest.raises(DataError, match="an index has no row"):
        model.fit(x, y, 8, epochs=EPOCHS, verbose=0)


# -- when it is not done --------------------------------------------------------------


class OwnReset(metrics.Mean):
    """Counts its resets."""

    resets = 0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        super().update_state(y_pred)

    def reset_state(self) -> None:
        type(self).resets += 1
        super().reset_state()


class OwnStep(Sequential):
    def train_step(self, data: Any) -> dict[str, Any]:
        return {"own": 1.0, **super().train_step(data)}


class OwnHistory(History):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        super().on_epoch_end(epoch, {"weight": self.model.get_weights()[0].sum()})


@pytest.mark.parametrize(
    ("options", "compiled_with"),
    [
        ({"epochs": 4}, {}),
        ({"batch_size": 3}, {}),  # the last batch is short
        ({"batch_size": 4, "steps_per_epoch": 3}, {}),
        ({"validation_split": 0.5}, {}),
        ({"callbacks": OwnHistory()}, {}),
        ({"verbose": 2}, {}),
        ({}, {"run_eagerly": True}),
        ({}, {"metrics": [OwnReset()]}),
    ],
)
def test_whoever_could_see_it_has_one_epoch_after_the_other(
    options: dict[str, Any], compiled_with: dict[str, Any]
) -> None:
    model = line(**compiled_with)
    given = {"batch_size": 4, "epochs": EPOCHS, "verbose": 0} | options
    history = model.fit(X, Y, **given)
    assert not in_one_go(model)
    assert len(history.epoch) == given["epochs"]


def test_steps_of_ones_own_have_one_epoch_after_the_other() -> None:
    model = OwnStep([layers.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(X, Y, epochs=EPOCHS, verbose=0)
    assert not in_one_go(model)
    assert history.history["own"] == [1.0] * EPOCHS
