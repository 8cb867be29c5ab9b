"""CSVLogger, LearningRateScheduler, TerminateOnNaN: as in Keras."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from training.small import data, line
from wubu import optimizers
from wubu.errors import ArgumentError, StateError
from wubu.training.callbacks import (
    Callback,
    CSVLogger,
    LambdaCallback,
    LearningRateScheduler,
    TerminateOnNaN,
)

X, Y = data(12)


# -- CSVLogger -------------------------------------------------------------------------


def rows(path: Path, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8").splitlines(), delimiter=separator))


def test_a_line_for_every_epoch(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    model = line(metrics=["mae"])
    callback = CSVLogger(path, separator=";")
    history = model.fit(
        X, Y, epochs=3, validation_split=0.25, callbacks=callback, verbose=0
    ).history
    head, *lines = rows(path, ";")
    assert head == ["epoch", "loss", "mae", "val_loss", "val_mae"]
    assert [row[0] for row in lines] == ["0", "1", "2"]
    for row, *values in zip(lines, *[history[name] for name in head[1:]], strict=True):
        assert [float(cell) for cell in row[1:]] == values


def test_a_line_is_there_as_soon_as_its_epoch_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    seen = []
    after = LambdaCallback(on_epoch_end=lambda e, logs: seen.append(len(rows(path))))
    line().fit(X, Y, epochs=2, callbacks=[CSVLogger(path), after], verbose=0)
    assert seen == [2, 3]


def test_validation_now_and_then_is_na_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    options = {"validation_data": (X, Y), "validation_freq": 2, "verbose": 0}
    line().fit(X, Y, epochs=2, callbacks=CSVLogger(path), **options)
    head, first, second = rows(path)
    assert head == ["epoch", "loss", "val_loss"]
    assert first[2] == "NA" and float(second[2]) > 0


@pytest.mark.parametrize("append", [False, True])
def test_a_file_that_is_there_is_continued_or_replaced(
    append: bool, tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    model = line()
    model.fit(X, Y, epochs=2, callbacks=CSVLogger(path), verbose=0)
    callback = CSVLogger(path, append=append)
    model.fit(X, Y, initial_epoch=2, epochs=3, callbacks=callback, verbose=0)
    numbers = [row[0] for row in rows(path)]
    assert numbers == (["epoch", "0", "1", "2"] if append else ["epoch", "2"])


# -- LearningRateScheduler -------------------------------------------------------------


def test_the_rate_of_every_epoch_is_set_and_logged() -> None:
    rates = [0.1, 0.0, 0.025]
    model, by_hand = line(), line()
    callback = LearningRateScheduler(lambda epoch: rates[epoch])
    options: dict[str, Any] = {"shuffle": False, "verbose": 0}
    history = model.fit(X, Y, 4, epochs=3, callbacks=callback, **options).history
    assert history["learning_rate"] == [float(np.float32(rate)) for rate in rates]
    assert history["loss"][1] == pytest.approx(history["loss"][2], rel=0.2)
    for rate in rates:
        by_hand.optimizer.learning_rate = rate
        by_hand.fit(X, Y, 4, **options)
    for found, wanted in zip(model.get_weights(), by_hand.get_weights(), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_schedule_may_take_the_rate_so_far(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = line(0.5)
    callback = LearningRateScheduler(lambda epoch, rate: rate / 2, verbose=1)
    model.fit(X, Y, epochs=2, callbacks=callback, verbose=0)
    assert model.optimizer.learning_rate.item() == 0.125
    assert "epoch 2: learning rate 0.125" in capsys.readouterr().err


def test_what_is_no_rate_and_a_second_schedule_are_refused() -> None:
    model = line()
    with pytest.raises(ArgumentError, match="learning rate"):
        callback = LearningRateScheduler(lambda epoch: -1.0)
        model.fit(X, Y, callbacks=callback, verbose=0)
    model.compile(
        optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)), "mse"
    )
    with pytest.raises(StateError, match="a schedule is chosen"):
        callback = LearningRateScheduler(lambda epoch: 0.1)
        model.fit(X, Y, callbacks=callback, verbose=0)


# -- TerminateOnNaN --------------------------------------------------------------------


class Epochs(Callback):
    def __init__(self) -> None:
        super().__init__()
        self.begun = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.begun += 1


def test_training_ends_when_the_loss_is_no_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model, epochs = line(1e30), Epochs()
    model.fit(X, Y, 4, epochs=20, callbacks=[TerminateOnNaN(), epochs], verbose=0)
    assert epochs.begun == 1
    assert "training ends: the loss is inf in epoch 1" in capsys.readouterr().err
    assert all(np.isfinite(w).all() for w in model.get_weights())


def test_it_lets_sound_training_pass_and_does_not_ask_for_batches() -> None:
    epochs = Epochs()
    assert not TerminateOnNaN().wants_batches()
    line(0.01).fit(X, Y, epochs=3, callbacks=[TerminateOnNaN(), epochs], verbose=0)
    assert epochs.begun == 3
    assert wubu.callbacks.TerminateOnNaN is TerminateOnNaN
