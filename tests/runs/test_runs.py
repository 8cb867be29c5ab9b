"""Run folders: their names, what they hold, and files that were cut off."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from wubu import Sequential, layers
from wubu.errors import ArgumentError, FileFormatError, StateError, UnknownNameError
from wubu.runs import Run, all_runs, find_run, lock, new_run
from wubu.runs.record import (
    HistoryFile,
    write_arrays,
    write_json,
    write_text,
)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return new_run("digits-lenet", tmp_path / "runs")


def test_names_are_numbered_and_never_used_again(tmp_path: Path) -> None:
    names = [new_run("a b/c", tmp_path).name for _ in range(3)]
    assert names == ["a-b-c-1", "a-b-c-2", "a-b-c-3"]
    (tmp_path / "a-b-c-1").rmdir()
    assert new_run("a b/c", tmp_path).name == "a-b-c-4"
    assert new_run("a", tmp_path).name == "a-1"


def test_a_lock_where_the_system_has_none(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "fcntl", None)
    held = lock.hold(run.folder)
    assert lock.hold(run.folder) is held  # of the same process
    with pytest.raises(StateError, match="another process") as caught:
        lock.RunLock(run.folder)
    assert caught.value.got == f"process {os.getpid()}"
    held.release()
    assert not list(run.folder.iterdir())
    lock.hold(run.folder).release()


def test_a_new_run_holds_nothing(run: Run) -> None:
    assert run.info == {}
    assert run.history == []
    assert run.started is run.evaluation is run.predictions is run.samples is None
    assert run.classes is None
    assert not run.is_complete
    with pytest.raises(ArgumentError, match=r"this run has no model\.wubu"):
        run.model()


def test_what_is_written_is_read(run: Run) -> None:
    write_text(run.folder / "recipe.toml", "[train]\nepochs = 3 # 三\n")
    write_json(
        run.folder / "run.json",
        {"started": "2026-11-20T10:00:00+00:00", "ended": None, "classes": ["a"]},
    )
    write_json(run.folder / "evaluation.json", {"metrics": {"loss": np.float32(0.5)}})
    write_arrays(run.folder / "predictions.npz", y_true=np.arange(3))
    assert run.recipe.endswith("# 三\n")
    assert run.settings == {"train": {"epochs": 3}}
    assert run.started is not None and run.started.year == 2026
    assert run.classes == ["a"]
    assert run.evaluation == {"metrics": {"loss": 0.5}}
    assert run.predictions is not None
    assert run.predictions["y_true"].tolist() == [0, 1, 2]
    assert not run.is_complete
    write_json(run.folder / "run.json", {"ended": "2026-11-20T10:00:01+00:00"})
    assert run.is_complete


def test_every_epoch_adds_a_line(run: Run) -> None:
    file = HistoryFile(run)
    for epoch, loss in enumerate([0.5, math.nan]):
        file.on_epoch_begin(epoch)
        file.on_epoch_end(epoch, {"loss": loss})
        lines = (run.folder / "history.jsonl").read_text("utf-8").splitlines()
        assert len(lines) == epoch + 1
    first, second = run.history
    assert (first["epoch"], first["loss"], second["epoch"]) == (1, 0.5, 2)
    assert first["seconds"] >= 0
    assert json.loads(lines[1])["loss"] is None
    assert math.isnan(second["loss"])
    assert run.column("epoch") == [1, 2]
    assert np.isnan(run.column("val_loss")).all()


def test_a_line_that_was_cut_off_does_not_count(run: Run) -> None:
    path = run.folder / "history.jsonl"
    path.write_text('{"epoch": 1, "loss": 2.0}\n{"epoch": 2, "lo')
    assert run.column("loss") == [2.0]
    HistoryFile(run).on_epoch_begin(1)  # the second one again
    assert path.read_text() == '{"epoch": 1, "loss": 2.0}\n'


def test_the_model_of_a_run(run: Run) -> None:
    model = Sequential([layers.Input((2,)), layers.Dense(3)])
    model.save(run.model_path)
    x = np.ones((1, 2), "float32")
    np.testing.assert_array_equal(run.model().predict(x), model.predict(x))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.json", "{"),
        ("history.jsonl", "nonsense\n"),
        ("predictions.npz", "nonsense"),
        ("recipe.toml", "= 3"),
        ("run.json", "[1]"),
        ("run.json", '{"started": 3}'),
        ("run.json", '{"started": "today"}'),
        ("history.jsonl", "5\n"),
        ("history.jsonl", '{"epoch": 1, "seconds": "long"}\n'),
        ("evaluation.json", '{"metrics": [1]}'),
        ("samples.npz", "PK\x03\x04 no archive"),
        ("predictions.npz", ""),
    ],
)
def test_damaged_files_are_named(run: Run, name: str, text: str) -> None:
    (run.folder / name).write_text(text)
    with pytest.raises(FileFormatError, match=f"{name} of this run is damaged"):
        _ = (run.started, run.history, run.predictions, run.evaluation, run.samples)
        _ = run.settings


def test_runs_are_found_by_name_and_by_folder(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    assert all_runs(root) == []
    for recipe, started in [("b", "2026-01-01"), ("a", "2026-01-02")]:
        write_json(new_run(recipe, root).folder / "run.json", {"started": started})
    new_run("empty", root)
    assert [run.name for run in all_runs(root)] == ["b-1", "a-1"]
    assert find_run("a-1", root).folder == root / "a-1"
    assert find_run(root / "a-1").name == "a-1"
    with pytest.raises(UnknownNameError, match="did you mean") as caught:
        find_run("a-2", root)
    assert caught.value.fix == 'did you mean "a-1"?'
    with pytest.raises(ArgumentError, match="this folder is no run"):
        find_run("empty-1", root)
