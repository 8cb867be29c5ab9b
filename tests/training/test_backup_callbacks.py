"""BackupAndRestore: a run that was killed ends as one that was not; state files."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

import wubu
from training.small import bits, data, deep, labels, line
from wubu import layers, optimizers
from wubu.errors import ArgumentError, FileFormatError, StateError
from wubu.training.callbacks import (
    BackupAndRestore,
    Callback,
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    SwapEMAWeights,
)

X, Y = data(12)
SCRIPT = Path(__file__).with_name("resumed_run.py")


# -- processes that are really killed --------------------------------------------------


def run(*arguments: str) -> str | None:
    """What a run prints; None if it was killed."""
    environment = os.environ | {
        "PYTHONPATH": str(Path(wubu.__file__).parents[1]),
        "WUBU_EXECUTOR": "numpy",
    }
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode == -9:
        return None
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def undisturbed() -> str | None:
    with TemporaryDirectory() as folder:
        return run(folder, "0", "epoch")


@pytest.mark.parametrize(
    ("save_freq", "deaths"),
    [
        # After the last of these nothing is left to train.
        ("epoch", ["batch 2 1", "write 2", "written 1", "written 2"]),
        ("2", ["batch 0 3", "write 1", "written 4", "batch 4 2"]),
    ],
)
def test_a_run_that_is_killed_again_and_again_ends_the_same(
    save_freq: str, deaths: list[str], tmp_path: Path
) -> None:
    """With dropout, batch normalisation, a shuffled order, Adam, averages of weights,
    and callbacks that remember; and though later runs set other seeds."""
    folder = tmp_path / "backup"
    for seed, death in enumerate(deaths):
        assert run(str(folder), str(seed), save_freq, *death.split()) is None
        assert folder.exists() or death == "batch 0 3"
    assert run(str(folder), "99", save_freq) == undisturbed()
    assert not folder.exists()


# -- the same in one process -----------------------------------------------------------


class Stop(Callback):
    """Ends training by an error."""

    def __init__(self, epoch: int, batch: int | None = None) -> None:
        super().__init__()
        self.place = (epoch, batch)
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch
        if self.place == (epoch, None):
            raise InterruptedError

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.place == (self.epoch, batch):
            raise InterruptedError


def fit(model: Any, *callbacks: Any, epochs: int = 4) -> Any:
    x, y = data(20)[0], labels(20)
    return model.fit(x, y, 6, epochs=epochs, callbacks=[*callbacks], verbose=0)


@pytest.mark.parametrize("place", [(0, 0), (2, None), (2, 1), (3, 3)])
@pytest.mark.parametrize("save_freq", ["epoch", 1, 3])
def test_training_goes_on_after_an_error(
    place: Any, save_freq: Any, tmp_path: Path
) -> None:
    """On the default executor, where steps change weights in place."""
    whole, half, rest = deep(), deep(), deep()
    epochs = fit(whole).history["loss"]
    with pytest.raises(InterruptedError):
        fit(half, BackupAndRestore(tmp_path, save_freq), Stop(*place))
    after = fit(rest, BackupAndRestore(tmp_path, save_freq)).history["loss"]
    assert bits(rest) == bits(whole)
    # An epoch that was interrupted reports its mean over all its steps.
    np.testing.assert_allclose(after, epochs[4 - len(after) :], rtol=1e-6)


def test_a_state_stays_if_asked_for_and_nothing_else_is_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "one"
    fit(deep(), BackupAndRestore(folder, delete_checkpoint=False))
    assert [path.name for path in folder.iterdir()] == ["latest.state"]
    (folder / "notes.txt").write_text("mine")
    model = deep()
    fit(model, BackupAndRestore(folder))
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    assert bits(model) != bits(deep()), "the state was taken up, with nothing to train"


def test_more_epochs_go_on_from_a_state_that_stayed(tmp_path: Path) -> None:
    whole, model = deep(), deep()
    fit(whole, epochs=4)
    fit(model, BackupAndRestore(tmp_path, delete_checkpoint=False), epochs=2)
    other = deep()
    history = fit(other, BackupAndRestore(tmp_path), epochs=4)
    assert history.epoch == [2, 3]
    assert bits(other) == bits(whole)


def test_the_state_before_the_last_is_taken_where_that_is_damaged(
    tmp_path: Path,
) -> None:
    whole, half, rest = deep(), deep(), deep()
    fit(whole)
    callback = BackupAndRestore(tmp_path, double_checkpoint=True)
    with pytest.raises(InterruptedError):
        fit(half, callback, Stop(3))
    latest = tmp_path / "latest.state"
    latest.write_bytes(latest.read_bytes()[:-100])
    history = fit(rest, BackupAndRestore(tmp_path, double_checkpoint=True))
    assert history.epoch == [2, 3]
    assert bits(rest) == bits(whole)
    assert not any(tmp_path.glob("*.state"))


def test_a_damaged_state_is_an_error_where_there_is_no_other(tmp_path: Path) -> None:
    (tmp_path / "latest.state").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(FileFormatError, match="damaged"):
        fit(deep(), BackupAndRestore(tmp_path))


def test_another_model_does_not_take_the_state(tmp_path: Path) -> None:
    with pytest.raises(InterruptedError):
        fit(deep(), BackupAndRestore(tmp_path), Stop(2))
    model = line()
    before = bits(model)
    with pytest.raises(FileFormatError, match="another model"):
        model.fit(X, Y, callbacks=[BackupAndRestore(tmp_path)], verbose=0)
    assert bits(model) == before


def test_other_callbacks_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InterruptedError):
        fit(
            deep(),
            BackupAndRestore(tmp_path),
            EarlyStopping("loss", patience=9),
            Stop(2),
        )
    with pytest.raises(StateError, match="other callbacks"):
        fit(deep(), BackupAndRestore(tmp_path), ReduceLROnPlateau("loss"))


def test_a_stopped_run_is_over(tmp_path: Path) -> None:
    """Though the backup is named before what stops it."""
    model = line(0.0)
    callbacks = [BackupAndRestore(tmp_path / "b"), EarlyStopping("loss", patience=1)]
    history = model.fit(X, Y, epochs=9, callbacks=callbacks, verbose=0)
    assert history.epoch == [0, 1]
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    "arguments", [("",), ("a", "sometimes"), ("a", 0), ("a", True)]
)
def test_wrong_arguments(arguments: Any) -> None:
    with pytest.raises(ArgumentError):
        BackupAndRestore(*arguments)


# -- what callbacks remember -----------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: EarlyStopping("loss", restore_best_weights=True, patience=9),
        lambda: ReduceLROnPlateau("loss", patience=9),
        lambda: ModelCheckpoint("never.wubu", save_freq=100),
    ],
)
def test_callbacks_tell_what_they_remember(make: Any) -> None:
    model = line()
    callback, other = make(), make()
    model.fit(X, Y, 4, epochs=3, callbacks=[callback], verbose=0)
    other.load_state_dict(callback.state_dict())
    fresh, found = make().state_dict(), other.state_dict()
    assert any(found[name] is not fresh[name] for name in found)
    assert all(found[name] is value for name, value in callback.state_dict().items())


# -- state files -----------------------------------------------------------------------


def test_a_state_file_holds_all_that_training_needs(tmp_path: Path) -> None:
    model, other = deep(0), deep(1)
    fit(model, epochs=2)
    array = np.arange(3.0)
    model.save_state(tmp_path / "s", {"note": ["a", None, 0.1], "array": array})
    other.build((None, 3))
    extra = other.load_state(tmp_path / "s")
    assert extra["note"] == ["a", None, 0.1]
    np.testing.assert_array_equal(extra["array"], array)
    assert bits(model) == bits(other)
    one, two = model.optimizer.state_dict(), other.optimizer.state_dict()
    assert [a.tobytes() for a in one.values()] == [a.tobytes() for a in two.values()]
    for each in (model, other):
        fit(each, epochs=1)
    assert bits(model) != bits(deep(0))


def test_a_model_file_is_no_state_file(tmp_path: Path) -> None:
    model = deep()
    model.save(tmp_path / "m")
    with pytest.raises(FileFormatError, match="holds no state of training"):
        model.load_state(tmp_path / "m")
    model.save_state(tmp_path / "s")
    with pytest.raises(FileFormatError):
        wubu.saving.load_model(tmp_path / "s")


def test_averages_between_epochs_are_part_of_the_state(tmp_path: Path) -> None:
    def made() -> Any:
        model = wubu.Sequential([layers.Input((3,)), layers.Dense(1)])
        model.set_weights([np.ones((3, 1)), np.zeros(1)])
        model.compile(optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
        return model

    def run(model: Any, *callbacks: Any) -> None:
        told = [BackupAndRestore(tmp_path), SwapEMAWeights(True), *callbacks]
        model.fit(X, Y, 5, epochs=4, callbacks=told, verbose=0)

    whole, half, rest = made(), made(), made()
    run(whole)
    with pytest.raises(InterruptedError):
        run(half, Stop(2))
    run(rest)
    assert bits(rest) == bits(whole)


def test_a_rate_that_is_set_once_an_epoch_is_not_set_again(tmp_path: Path) -> None:
    """The schedule goes by the rate before, and the run ends inside an epoch."""

    def run(*callbacks: Any) -> Any:
        model = deep()
        halved = LearningRateScheduler(lambda epoch, rate: rate / 2)
        fit(model, BackupAndRestore(tmp_path, 2), halved, *callbacks)
        return model

    whole = run()
    with pytest.raises(InterruptedError):
        run(Stop(1, 2))
    rest = run()
    assert rest.optimizer.learning_rate.item() == whole.optimizer.learning_rate.item()
    assert bits(rest) == bits(whole)


def test_after_an_error_between_epochs_weights_are_those_that_were_trained() -> None:
    class Full(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            raise OSError("disk full")

    def run(*callbacks: Any) -> Any:
        wubu.set_random_seed(0)
        model = wubu.Sequential([layers.Input((3,)), layers.Dense(1)])
        model.compile(optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
        with pytest.raises(OSError, match="full"):
            model.fit(X, Y, 5, callbacks=[*callbacks, Full()], verbose=0)
        return model

    assert bits(run(SwapEMAWeights(True))) == bits(run())


def test_an_error_handled_elsewhere_is_none_of_training() -> None:
    def run(*callbacks: Any) -> Any:
        wubu.set_random_seed(0)
        model = wubu.Sequential([layers.Input((3,)), layers.Dense(1)])
        model.compile(optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
        try:
            raise KeyError("no data here")
        except KeyError:
            model.fit(X, Y, 5, epochs=2, callbacks=[*callbacks], verbose=0)
        return model

    assert bits(run(SwapEMAWeights(True))) == bits(run())
