"""Runs in folders: what they leave, and that none is lost."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recipes import made
from wubu.callbacks import LambdaCallback
from wubu.errors import (
    ArgumentError,
    DataError,
    StateError,
    UnknownNameError,
    WubuError,
)
from wubu.recipes.session import Session
from wubu.runs import Run, compare, find_run


def _run(folder: Path, *overrides: str) -> Run:
    recipe = made.recipe(folder, *overrides)
    return Session.begin(recipe, folder / "runs").go(verbose=0)


def test_what_a_run_leaves(tmp_path: Path) -> None:
    run = _run(
        tmp_path,
        "train.epochs=2",
        'evaluate.metrics=["sparse_categorical_crossentropy"]',
    )
    assert run.is_complete
    assert run.settings["train"]["epochs"] == 2
    assert run.column("epoch") == [1, 2]
    assert run.info["parameters"] == 5 * 8 + 9 * 3
    assert run.info["samples"] == {"train": 36, "validation": 0, "test": 12}
    assert run.info["executor"] == "numpy"
    assert run.classes == ["0", "1", "2"]
    assert not run.info["stopped"] and not run.checkpoints.exists()
    found, said, shown = run.evaluation, run.predictions, run.samples
    assert found is not None and said is not None and shown is not None
    right = said["y_true"] == said["y_pred"]
    assert found["metrics"]["accuracy"] == pytest.approx(right.mean())
    assert found["metrics"]["loss"] == pytest.approx(said["losses"].mean(), rel=1e-5)
    surprise = found["metrics"]["sparse_categorical_crossentropy"]
    assert surprise == pytest.approx(found["metrics"]["loss"], rel=1e-5)
    assert np.trace(found["confusion"]) == right.sum()
    data = made.recipe(tmp_path).prepare()
    assert data.test is not None
    np.testing.assert_array_equal(shown["x"], data.test[0][shown["index"]])
    np.testing.assert_allclose(
        run.model().predict(data.test[0]), said["probabilities"], rtol=1e-6
    )


def test_runs_are_compared(tmp_path: Path) -> None:
    first, second = _run(tmp_path, "train.epochs=1"), _run(tmp_path)
    found = compare(first, second)
    assert [d.key for d in found.settings] == ["train.epochs"]
    assert found.test is not None
    other = _run(tmp_path, "train.epochs=1", "prepare.split_seed=5")
    assert "not tested on the same" in str(compare(first, other).why_no_test)


def test_mistakes_leave_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="numpi"):
        _run(tmp_path, "train.executor=numpi")
    assert not (tmp_path / "runs").exists()
    for wrong in ("build.layers.0.unit=3", "prepare.path=nowhere.npz"):
        with pytest.raises(WubuError):
            _run(tmp_path, wrong)
    with pytest.raises(DataError, match="no samples for validation"):
        _run(tmp_path, "evaluate.data=validation")
    assert not list((tmp_path / "runs").iterdir())


def test_steps_have_an_order(tmp_path: Path) -> None:
    session = Session.begin(made.recipe(tmp_path), tmp_path / "runs")
    with pytest.raises(StateError, match="step by step"):
        session.train()


# --- A run that is cut off ------------------------------------------------------------


class PowerCut(BaseException):
    """Nothing that anybody catches."""


def _cut_off(folder: Path, epoch: int, *overrides: str) -> Run:
    """A run in which the power fails at the start of an epoch, from 0."""

    def fail(now: int, logs: Any) -> None:
        if now == epoch:
            raise PowerCut

    session = Session.begin(made.recipe(folder, *overrides), folder / "runs")
    with pytest.raises(PowerCut):
        session.go(verbose=0, callbacks=[LambdaCallback(on_epoch_begin=fail)])
    return session.run


STOPPING = (
    'train.callbacks=[{type="EarlyStopping", monitor="val_loss", patience=2, '
    "restore_best_weights=true}]"
)


@pytest.mark.parametrize(
    "overrides",
    [
        (),
        ('compile.optimizer={type="SGD", learning_rate=0.1, momentum=0.9}',),
        (STOPPING, "prepare.validation_split=0.25", "train.epochs=40"),
    ],
)
def test_a_run_that_was_cut_off_goes_on_as_if_it_had_not(
    tmp_path: Path, overrides: tuple[str, ...]
) -> None:
    whole = _run(tmp_path, *overrides)
    cut = _cut_off(tmp_path, 3, *overrides)
    assert not cut.is_complete
    assert cut.column("epoch") == [1, 2, 3]
    Session.resume(find_run(cut.folder)).go(verbose=0)
    assert cut.is_complete
    for name in ("epoch", "loss", "accuracy", "val_loss"):
        np.testing.assert_array_equal(cut.column(name), whole.column(name))
    for one, other in zip(
        cut.model().get_weights(), whole.model().get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert cut.info["stopped"] == whole.info["stopped"]
    assert cut.evaluation is not None and whole.evaluation is not None
    assert cut.evaluation["metrics"] == whole.evaluation["metrics"]


def test_before_the_first_checkpoint(tmp_path: Path) -> None:
    whole, cut = _run(tmp_path), _cut_off(tmp_path, 0)
    assert cut.history == []
    assert Session.resume(cut).go(verbose=0).column("loss") == whole.column("loss")


def test_stopped_in_the_first_epoch(tmp_path: Path) -> None:
    """By Ctrl-C: there is a model and its evaluation, but no epoch was full."""

    def stop(batch: int, logs: Any) -> None:
        signal.raise_signal(signal.SIGINT)

    whole = _run(tmp_path)
    session = Session.begin(made.recipe(tmp_path), tmp_path / "runs")
    run = session.go(verbose=0, callbacks=[LambdaCallback(on_train_batch_begin=stop)])
    assert session.interrupted and run.is_complete and run.history == []
    assert Session.resume(run).go(verbose=0).column("loss") == whole.column("loss")


def test_a_spoilt_checkpoint_is_passed_over(tmp_path: Path) -> None:
    whole, cut = _run(tmp_path), _cut_off(tmp_path, 3)
    last = max(cut.checkpoints.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    last.write_bytes(last.read_bytes()[:-500])
    Session.resume(cut).go(verbose=0)
    assert cut.column("epoch") == [1, 2, 3, 4]
    assert cut.column("loss") == whole.column("loss")


def test_after_the_last_epoch(tmp_path: Path) -> None:
    """Cut off between training and the evaluation."""
    whole = _run(tmp_path)
    session = Session.begin(made.recipe(tmp_path), tmp_path / "runs")
    session.prepare()
    session.build()
    session.train(verbose=0)
    session.run.model_path.unlink()
    run = Session.resume(session.run).go(verbose=0)
    assert run.column("loss") == whole.column("loss")
    assert run.is_complete


def test_a_run_is_trained_for_longer(tmp_path: Path) -> None:
    whole, run = _run(tmp_path), _run(tmp_path, "train.epochs=2")
    Session.resume(run, ["train.epochs=4"]).go(verbose=0)
    assert run.column("loss") == whole.column("loss")
    assert run.settings["train"]["epochs"] == run.info["epochs"] == 4
    assert run.info["seconds"] >= sum(run.column("seconds"))


@pytest.mark.parametrize("wrong", ['callbacks=["nosuch"]', "class_weight={nosuch=1}"])
def test_a_mistake_on_resume_changes_nothing(tmp_path: Path, wrong: str) -> None:
    whole, run = _run(tmp_path), _run(tmp_path, "train.epochs=2")
    before = {p.name: p.read_bytes() for p in run.folder.iterdir() if p.is_file()}
    with pytest.raises(UnknownNameError, match="nosuch"):
        Session.resume(run, ["train.epochs=4", f"train.{wrong}"]).go(verbose=0)
    for name in ("recipe.toml", "history.jsonl", "model.wubu", "evaluation.json"):
        assert (run.folder / name).read_bytes() == before[name]
    assert run.is_complete and run.info["epochs"] == 2
    Session.resume(run, ["train.epochs=4"]).go(verbose=0)
    assert run.column("loss") == whole.column("loss")


def test_longer_training_that_is_cut_off_in_its_first_epoch(tmp_path: Path) -> None:
    def fail(now: int, logs: Any) -> None:
        raise PowerCut

    whole, run = _run(tmp_path), _run(tmp_path, "train.epochs=2")
    session = Session.resume(run, ["train.epochs=4"])
    with pytest.raises(PowerCut):
        session.go(verbose=0, callbacks=[LambdaCallback(on_epoch_begin=fail)])
    assert not run.is_complete and run.column("epoch") == [1, 2]
    Session.resume(run).go(verbose=0)
    assert run.column("loss") == whole.column("loss")
    for one, other in zip(
        run.model().get_weights(), whole.model().get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_longer_training_that_is_cut_off_before_it_begins(tmp_path: Path) -> None:
    whole, run = _run(tmp_path), _run(tmp_path, "train.epochs=2")
    session = Session.resume(run, ["train.epochs=4"])
    session.prepare()
    session.build()
    del session
    Session.resume(run, ["train.epochs=4"]).go(verbose=0)
    assert run.column("loss") == whole.column("loss")


def test_a_misspelt_metric_is_found_before_training(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="acuracy"):
        _run(tmp_path, 'evaluate.metrics=["acuracy"]')
    assert not list((tmp_path / "runs").iterdir())


def test_a_run_that_was_complete_stays_as_it_is(tmp_path: Path) -> None:
    """Also one that EarlyStopping ended long before its last epoch."""
    settings = (STOPPING, "prepare.validation_split=0.25", "train.epochs=40")
    run = _run(tmp_path, *settings)
    history, metrics = run.history, (run.evaluation or {})["metrics"]
    assert 3 <= len(history) < 40 and run.info["stopped"]
    assert Session.resume(run).go(verbose=0).history == history
    assert run.is_complete and (run.evaluation or {})["metrics"] == metrics


OTHER_PROCESS = """
import sys
from pathlib import Path
from wubu.runs.lock import hold
lock = hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_two_processes_do_not_train_one_run(tmp_path: Path) -> None:
    """A process that is killed holds it no longer."""
    cut = _cut_off(tmp_path, 1)
    history = cut.history
    gc.collect()  # the session, which an error may keep
    command = [sys.executable, "-c", OTHER_PROCESS, str(cut.folder)]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as other:
        assert other.stdout is not None and other.stdout.readline().strip() == b"held"
        with pytest.raises(StateError, match="another process") as caught:
            Session.resume(cut)
        assert caught.value.got == f"process {other.pid}"
        assert cut.history == history
        other.kill()
    assert Session.resume(cut).go(verbose=0).is_complete
    assert not (cut.folder / ".lock").exists()


def test_only_training_may_change(tmp_path: Path) -> None:
    cut = _cut_off(tmp_path, 1)
    with pytest.raises(ArgumentError, match="the network and the data that it began"):
        Session.resume(cut, ["build.layers.0.units=3"])
    assert cut.settings["build"]["layers"][0]["units"] == 8


def test_files_are_found_though_the_run_lies_elsewhere(tmp_path: Path) -> None:
    """The recipe names `samples.npz` beside itself."""
    cut = _cut_off(tmp_path, 1)
    assert not (cut.folder / "samples.npz").exists()
    assert Session.resume(cut).go(verbose=0).is_complete
