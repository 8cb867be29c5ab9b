"""Callbacks: what they are told, when, and that early stopping and checkpoints decide
as Keras' do."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.small import bits, data, line
from wubu.errors import ArgumentError, UnknownNameError
from wubu.training.callbacks import (
    Callback,
    EarlyStopping,
    History,
    LambdaCallback,
    ModelCheckpoint,
)

X, Y = data(10)
EVENTS = [name for name in dir(Callback) if name.startswith("on_")]


class Witness(Callback):
    """Writes down every event with its number and the names in its logs."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[Any, ...]] = []


def _witness(event: str) -> Any:
    def told(self: Witness, *args: Any) -> None:
        if event not in ("on_progress", "on_batch_begin", "on_batch_end"):
            *number, logs = args
            self.seen.append((event.removeprefix("on_"), *number, *sorted(logs)))

    return told


for _event in EVENTS:
    setattr(Witness, _event, _witness(_event))


# -- order -----------------------------------------------------------------------------


def test_events_of_fit_come_in_the_order_of_keras() -> None:
    """As Keras 3.15 tells them."""
    witness = Witness()
    line().fit(
        X,
        Y,
        batch_size=5,
        epochs=2,
        validation_data=(X[:4], Y[:4]),
        validation_freq=2,
        callbacks=[witness],
        verbose=0,
    )
    batches = [
        ("train_batch_begin", 0),
        ("train_batch_end", 0, "loss"),
        ("train_batch_begin", 1),
        ("train_batch_end", 1, "loss"),
    ]
    assert witness.seen == [
        ("train_begin",),
        ("epoch_begin", 0),
        *batches,
        ("epoch_end", 0, "loss"),
        ("epoch_begin", 1),
        *batches,
        ("test_begin",),
        ("test_batch_begin", 0),
        ("test_batch_end", 0, "loss"),
        ("test_end", "loss"),
        ("epoch_end", 1, "loss", "val_loss"),
        ("train_end", "loss", "val_loss"),
    ]


def test_events_of_evaluate_and_predict() -> None:
    witness = Witness()
    model = line()
    model.evaluate(X, Y, 5, verbose=0, callbacks=witness)
    assert witness.seen == [
        ("test_begin",),
        ("test_batch_begin", 0),
        ("test_batch_end", 0, "loss"),
        ("test_batch_begin", 1),
        ("test_batch_end", 1, "loss"),
        ("test_end", "loss"),
    ]
    witness.seen.clear()
    model.predict(X, callbacks=[witness])
    assert witness.seen == [
        ("predict_begin",),
        ("predict_batch_begin", 0),
        ("predict_batch_end", 0, "outputs"),
        ("predict_end",),
    ]


def test_several_steps_per_execution_are_told_together() -> None:
    witness = Witness()
    model = line(steps_per_execution=3)
    model.fit(X, Y, batch_size=2, callbacks=[witness], verbose=0)
    told = [event for event in witness.seen if "batch" in event[0]]
    assert told == [
        ("train_batch_begin", 0),
        ("train_batch_end", 2, "loss"),
        ("train_batch_begin", 3),
        ("train_batch_end", 4, "loss"),
    ]


def test_streams_tell_no_batch_that_does_not_come() -> None:
    witness = Witness()
    line().fit(iter([(X, Y)] * 2), callbacks=[witness], verbose=0)
    assert [event[:2] for event in witness.seen if "batch" in event[0]] == [
        ("train_batch_begin", 0),
        ("train_batch_end", 0),
        ("train_batch_begin", 1),
        ("train_batch_end", 1),
    ]


def test_batch_logs_are_means_of_the_epoch_so_far() -> None:
    model = line(0.0)
    losses = ((model.predict(X) - Y) ** 2)[:, 0]
    seen: list[float] = []
    callback = LambdaCallback(on_batch_end=lambda b, logs: seen.append(logs["loss"]))
    model.fit(X, Y, 4, shuffle=False, callbacks=[callback], verbose=0)
    wanted = [losses[:4].mean(), losses[:8].mean(), losses.mean()]
    np.testing.assert_allclose(seen, wanted, rtol=1e-5)


def test_callbacks_know_model_and_parameters() -> None:
    witness = Witness()
    model = line()
    model.fit(X, Y, 4, epochs=3, callbacks=[witness], verbose=0)
    assert witness.model is model
    assert witness.params["epochs"] == 3
    assert witness.params["steps"] == 3
    assert witness.params["verbose"] == 0


def test_one_log_dictionary_passes_through_all_callbacks() -> None:
    """So that one callback can add what the next, and the history, report."""
    add = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(mine=epoch))
    witness = Witness()
    history = line().fit(X, Y, callbacks=[add, witness], verbose=0)
    assert history.history["mine"] == [0]
    assert ("epoch_end", 0, "loss", "mine") in witness.seen


def test_callbacks_may_evaluate_and_predict() -> None:
    model = line()
    found: list[float] = []
    callback = LambdaCallback(
        on_epoch_end=lambda epoch, logs: found.append(
            model.evaluate(X, Y, verbose=0) - ((model.predict(X) - Y) ** 2).mean()
        )
    )
    other = line()
    model.fit(X, Y, epochs=2, callbacks=[callback], verbose=0)
    other.fit(X, Y, epochs=2, verbose=0)
    np.testing.assert_allclose(found, [0, 0], atol=1e-5)
    assert bits(model) == bits(other)


# -- many steps in one call ------------------------------------------------------------


def test_progress_does_not_force_single_steps() -> None:
    class Progress(Callback):
        def __init__(self) -> None:
            super().__init__()
            self.done: list[int] = []

        def on_progress(self, done: int, logs: Any = None) -> None:
            self.done.append(done)
            assert "loss" in logs

    x, y = data(400)
    progress = Progress()
    assert not progress.wants_batches()
    line().fit(x, y, batch_size=1, epochs=2, callbacks=[progress], verbose=0)
    first = progress.done[: progress.done.index(400) + 1]
    assert first == sorted(first)
    assert len(first) < 100
    assert progress.done[-1] == 400


@pytest.mark.parametrize(
    ("callback", "wanted"),
    [
        (Callback(), False),
        (History(), False),
        (EarlyStopping(), False),
        (ModelCheckpoint("x"), False),
        (ModelCheckpoint("x", save_freq=2), True),
        (LambdaCallback(on_epoch_end=print), False),
        (LambdaCallback(on_batch_end=print), True),
        (LambdaCallback(on_test_batch_begin=print), True),
        (Witness(), True),
    ],
)
def test_who_wants_to_be_told_of_every_batch(callback: Any, wanted: bool) -> None:
    assert callback.wants_batches() is wanted


# -- stopping --------------------------------------------------------------------------


def test_stop_training_in_the_middle_of_an_epoch() -> None:
    """As in Keras: this epoch ends with validation and its event, then training."""
    model = line()

    def stop(batch: int, logs: Any) -> None:
        model.stop_training = batch == 1

    history = model.fit(
        X,
        Y,
        2,
        epochs=5,
        validation_data=(X, Y),
        callbacks=[LambdaCallback(on_train_batch_end=stop)],
        verbose=0,
    )
    assert model.optimizer.iterations.item() == 2
    assert history.epoch == [0]
    assert "val_loss" in history.history
    model.fit(X, Y, 2, epochs=2, verbose=0)
    assert model.optimizer.iterations.item() == 12


@pytest.mark.parametrize("event", ["on_epoch_end", "on_train_batch_end", "on_test_end"])
def test_an_error_in_a_callback_is_raised_and_the_model_goes_on(event: str) -> None:
    def fail(*args: Any) -> None:
        raise ZeroDivisionError("mine")

    model = line()
    ended: list[int] = []
    callbacks = [
        LambdaCallback(**{event: fail}),
        LambdaCallback(on_train_end=lambda logs: ended.append(1)),
    ]
    with pytest.raises(ZeroDivisionError, match="mine"):
        model.fit(X, Y, 5, validation_data=(X, Y), callbacks=callbacks, verbose=0)
    assert ended == [1]
    before = bits(model)
    model.fit(X, Y, 5, verbose=0)
    assert bits(model) != before


# -- early stopping --------------------------------------------------------------------


class Script:
    """Feeds a callback a series of values, as an epoch each, without a network."""

    def __init__(self, callback: Callback, values: list[Any]) -> None:
        self.stop_training = False
        self.weights: Any = None
        self.epochs = 0
        callback.set_model(self)
        callback.on_train_begin({})
        for epoch, value in enumerate(values):
            self.weights = epoch
            callback.on_epoch_begin(epoch, {})
            callback.on_epoch_end(epoch, {"val_loss": value, "val_accuracy": value})
            self.epochs = epoch + 1
            if self.stop_training:
                break
        callback.on_train_end({})

    def get_weights(self) -> Any:
        return self.weights

    def set_weights(self, weights: Any) -> None:
        self.weights = weights


def keras_stops_after(values: list[float], **options: Any) -> tuple[int, int]:
    """Keras' early stopping, told in a few lines: epochs run, epoch of the weights."""
    sign = -1.0 if options.get("mode") == "max" else 1.0
    delta = options.get("min_delta", 0.0)
    baseline = options.get("baseline")
    wait, best, kept = 0, math.inf, None
    for epoch, value in enumerate(values):
        if epoch < options.get("start_from_epoch", 0):
            continue
        kept = epoch if kept is None else kept
        wait += 1
        value = sign * value
        if value + delta < best:
            best, kept = value, epoch
            if baseline is None or value + delta < sign * baseline:
                wait = 0
        elif wait >= options.get("patience", 0) and epoch > 0:
            break
    last = epoch
    restore = options.get("restore_best_weights", False) and kept is not None
    return last + 1, kept if restore else last


SERIES = [
    [1.0, 0.9, 0.8, 0.7, 0.6],
    [1.0, 1.1, 1.2, 1.3, 1.4],
    [1.0, 0.8, 0.9, 0.79, 0.85, 0.9, 0.95],
    [0.5, 0.6, 0.4, 0.45, 0.44, 0.43, 0.42],
    [1.0, 1.0, 1.0, 1.0],
    [3.0],
]


@pytest.mark.parametrize("values", SERIES)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"patience": 1},
        {"patience": 2},
        {"patience": 2, "restore_best_weights": True},
        {"restore_best_weights": True, "patience": 1, "mode": "max"},
        {"min_delta": 0.15, "patience": 1, "restore_best_weights": True},
        {"baseline": 0.75, "patience": 2, "restore_best_weights": True},
        {"baseline": 0.1, "patience": 3},
        {"start_from_epoch": 2, "patience": 1, "restore_best_weights": True},
        {"start_from_epoch": 9, "restore_best_weights": True},
        {"mode": "max", "baseline": 0.95, "patience": 2},
    ],
)
def test_early_stopping_stops_where_keras_does(
    values: list[float], options: dict[str, Any]
) -> None:
    script = Script(EarlyStopping("val_loss", **options), values)
    assert (script.epochs, script.weights) == keras_stops_after(values, **options)


def test_numbers_of_an_early_stopping() -> None:
    callback = EarlyStopping(patience=2, restore_best_weights=True)
    script = Script(callback, [1.0, 0.5, 0.7, 0.6, 0.4])
    assert script.epochs == 4
    assert callback.stopped_epoch == 3
    assert callback.best_epoch == 1
    assert callback.best == 0.5
    assert script.weights == 1


def test_nan_is_never_better() -> None:
    callback = EarlyStopping(patience=2)
    assert Script(callback, [math.nan, 0.5, math.nan, math.nan, 0.1]).epochs == 4
    assert callback.best == 0.5


def test_an_accuracy_is_to_be_large_and_an_unknown_number_small() -> None:
    rising = [0.1, 0.2, 0.3, 0.4]
    assert Script(EarlyStopping("val_accuracy"), rising).epochs == 4
    assert Script(EarlyStopping("val_loss"), rising).epochs == 2


def test_the_metric_itself_is_asked_which_direction_is_better() -> None:
    from wubu.metrics import MeanSquaredError, SparseCategoricalAccuracy

    for metric, units, sign in (
        (SparseCategoricalAccuracy(name="hits"), 3, 1.0),
        (MeanSquaredError(name="accuracy"), 1, -1.0),
    ):
        model = line(0.0, units=units, metrics=[metric])
        callback = EarlyStopping(f"val_{metric.name}")
        y = np.zeros((10, units)) if units == 1 else np.zeros(10, int)
        loss = "mse" if units == 1 else "sparse_categorical_crossentropy"
        model.compile("sgd", loss, metrics=[metric])
        model.fit(X, y, validation_data=(X, y), callbacks=[callback], verbose=0)
        assert callback._monitor._sign == sign


def test_early_stopping_in_fit_goes_back_to_the_best_weights() -> None:
    model = line(rate=3.0)  # so fast that the loss explodes
    kept: list[Any] = []
    keep = LambdaCallback(on_epoch_end=lambda epoch, logs: kept.append(bits(model)))
    stop = EarlyStopping("loss", patience=2, restore_best_weights=True)
    history = model.fit(X, Y, epochs=50, callbacks=[keep, stop], verbose=0)
    losses = history.history["loss"]
    best = int(np.argmin(losses))
    assert len(losses) == best + 3
    assert bits(model) == kept[best]
    assert stop.stopped_epoch == best + 2


def test_watching_what_is_not_logged_warns() -> None:
    with pytest.warns(UserWarning, match="validation_data or validation_split"):
        line().fit(X, Y, callbacks=[EarlyStopping()], verbose=0)


@pytest.mark.parametrize("kind", [EarlyStopping, lambda **o: ModelCheckpoint("x", **o)])
def test_unknown_modes(kind: Any) -> None:
    with pytest.raises(ArgumentError, match="unknown mode"):
        kind(mode="largest")


def test_early_stopping_speaks_when_asked(capsys: Any) -> None:
    Script(EarlyStopping(patience=1, verbose=1), [1.0, 2.0])
    assert "stopped early after epoch 2" in capsys.readouterr().err


# -- checkpoints -----------------------------------------------------------------------


class Saver(Script):
    """Writes down the names of the files instead of writing files."""

    def save(self, path: Path, **options: Any) -> None:
        self.__dict__.setdefault("files", []).append(Path(path).name)

    def save_weights(self, path: Path, **options: Any) -> None:
        self.save(Path(f"{path} weights"))


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"save_best_only": True}, [1, 2, 4]),
        ({"save_best_only": True, "mode": "max"}, [1, 5]),
        ({"save_best_only": True, "initial_value_threshold": 0.65}, [4]),
        ({"save_best_only": True, "monitor": "val_accuracy"}, [1, 5]),
    ],
)
def test_epochs_that_are_saved(
    tmp_path: Path, options: dict[str, Any], wanted: list[int]
) -> None:
    callback = ModelCheckpoint(tmp_path / "{epoch:02d}-{val_loss:.2f}.wubu", **options)
    values = [0.9, 0.7, 0.8, 0.6, 1.0]
    script = Saver(callback, values)
    assert script.files == [f"{n:02d}-{values[n - 1]:.2f}.wubu" for n in wanted]


def test_only_weights(tmp_path: Path) -> None:
    callback = ModelCheckpoint(tmp_path / "w{epoch}", save_weights_only=True)
    assert Saver(callback, [1.0]).files == ["w1 weights"]


@pytest.mark.parametrize(
    ("together", "wanted"),
    [(1, ["1-4", "2-3", "3-2", "3-6"]), (3, ["1-5", "2-5", "3-6"])],
)
def test_saving_after_batches(tmp_path: Path, together: int, wanted: list[str]) -> None:
    """Every 4 batches, counted on over epochs of 5 or 6; several steps at a time."""
    model = line(steps_per_execution=together)
    saved: list[str] = []
    model.save = lambda path: saved.append(Path(path).name)
    callback = ModelCheckpoint(tmp_path / "{epoch}-{batch}", save_freq=4)
    for epoch, samples in enumerate((10, 10, 12)):
        model.fit(
            *data(samples),
            batch_size=2,
            initial_epoch=epoch,
            epochs=epoch + 1,
            callbacks=[callback],
            verbose=0,
        )
    assert saved == wanted


def test_what_cannot_be_compared_is_saved(tmp_path: Path) -> None:
    callback = ModelCheckpoint(tmp_path / "m", monitor="nothing", save_best_only=True)
    with pytest.warns(UserWarning, match='"nothing" is watched but not logged'):
        assert Saver(callback, [1.0]).files == ["m"]


def test_names_that_mention_what_is_not_logged(tmp_path: Path) -> None:
    callback = ModelCheckpoint(tmp_path / "{val_f1}")
    with pytest.raises(ArgumentError, match="not logged") as caught:
        Saver(callback, [1.0])
    assert "val_loss" in str(caught.value)
    for freq in (0, 1.5, "batch"):
        with pytest.raises(ArgumentError, match="save_freq"):
            ModelCheckpoint("x", save_freq=freq)


def test_a_checkpoint_can_be_loaded_and_gives_the_same_outputs(tmp_path: Path) -> None:
    from wubu.saving import load_model

    model = line()
    path = tmp_path / "runs" / "{epoch}.wubu"
    model.fit(X, Y, epochs=2, callbacks=[ModelCheckpoint(path)], verbose=0)
    loaded = load_model(tmp_path / "runs" / "2.wubu")
    assert loaded.predict(X).tobytes() == model.predict(X).tobytes()
    weights = ModelCheckpoint(tmp_path / "w.safetensors", save_weights_only=True)
    model.fit(X, Y, callbacks=[weights], verbose=0)
    loaded.load_weights(tmp_path / "w.safetensors")
    assert bits(loaded) == bits(model)


# -- functions as callbacks ------------------------------------------------------------


def test_lambda_callbacks_for_every_event() -> None:
    seen: list[str] = []
    functions = {
        name: lambda *args, name=name: seen.append(name)
        for name in EVENTS
        if name not in ("on_batch_begin", "on_batch_end", "on_not_finite")
    }
    model = line()
    callback = LambdaCallback(**functions)
    model.fit(X, Y, validation_data=(X, Y), callbacks=callback, verbose=0)
    model.predict(X, callbacks=[callback])
    assert set(seen) == set(functions) - {"on_train_error"}
    failing = LambdaCallback(on_epoch_end=lambda epoch, logs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        model.fit(X, Y, callbacks=[callback, failing], verbose=0)
    assert seen[-2:] == ["on_train_error", "on_train_end"]


def test_lambda_callbacks_for_events_that_do_not_exist() -> None:
    with pytest.raises(UnknownNameError, match="on_epoch_and") as caught:
        LambdaCallback(on_epoch_and=print)
    assert "on_epoch_end" in str(caught.value)
