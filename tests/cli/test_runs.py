"""`wubu new`, `evaluate`, `runs` and `compare`: recipes and what came of them."""

from __future__ import annotations

import json
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from recipes import made
from wubu import recipes, reports
from wubu.recipes import Session
from wubu.runs import Run


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run, Run]:
    """A folder with two runs of a small recipe: of one epoch, and of six."""
    folder = tmp_path_factory.mktemp("runs")
    changes = ["train.epochs=6", "build.layers.0.units=16", "train.seed=2"]
    runs = [
        Session.begin(made.recipe(folder, *overrides), folder).go(verbose=0)
        for overrides in (["train.epochs=1"], changes)
    ]
    return folder, runs[0], runs[1]


def _fits(text: str) -> bool:
    return max(map(len, text.splitlines())) <= 80


def test_a_new_recipe_says_the_same_under_its_own_name(
    wubu: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = wubu("new", "mine", "--like", "mnist-lenet")
    assert result.exit_code == 0, result.output
    found, like = recipes.load("mine.toml"), recipes.load("mnist-lenet")
    assert found.name == "mine"
    assert found.settings.build == like.settings.build
    assert found.text.count("#") == like.text.count("#")
    again = wubu("new", "mine.toml", "--json")
    assert again.exit_code == 1
    error = json.loads(again.stdout)["error"]
    assert "there is a recipe of this name" in error["what"]
    assert json.loads(wubu("new", "other", "--json").stdout)["file"] == "other.toml"
    assert wubu("summary", "mine.toml").exit_code == 0


def test_runs_are_listed(wubu: Any, two: Any) -> None:
    folder, first, second = two
    Session.begin(made.recipe(folder), folder)  # one that was never trained
    lines = wubu("runs", "--runs", folder).stdout.splitlines()
    assert len(lines) == 4 and _fits("\n".join(lines))
    assert lines[0].split() == ["run", "started", "epochs", "loss", "accuracy", "time"]
    assert [line.split()[0] for line in lines[1:]] == ["small-1", "small-2", "small-3"]
    assert f"{first.evaluation['metrics']['accuracy']:.4f}" in lines[1]
    assert "0/4" in lines[3] and lines[3].split()[-1] == "–"
    listed = json.loads(wubu("runs", "--runs", folder, "--json").stdout)["runs"]
    assert [entry["epochs"] for entry in listed] == [1, 6, 0]
    assert listed[1]["metrics"] == second.evaluation["metrics"]
    assert listed[2]["ended"] is listed[2]["metrics"] is None
    (folder / "small-3" / "run.json").unlink()
    (folder / "small-3" / "recipe.toml").unlink()


@pytest.mark.parametrize(
    ("name", "text"),
    [("run.json", "{"), ("run.json", '{"started": 3}'), ("history.jsonl", "5\n")],
)
def test_a_damaged_run_does_not_hide_the_others(
    wubu: Any, two: Any, tmp_path: Path, name: str, text: str
) -> None:
    for run in two[1:]:
        shutil.copytree(run.folder, tmp_path / run.name)
    (tmp_path / "small-1" / name).write_text(text)
    result = wubu("runs", "--runs", tmp_path)
    assert result.exit_code == 0, result.output
    rows = {line.split()[0]: line for line in result.stdout.splitlines()[1:]}
    assert "damaged" in rows["small-1"] and "damaged" not in rows["small-2"]
    assert "small-1 is damaged" in result.stderr and name in result.stderr
    listed = json.loads(wubu("runs", "--runs", tmp_path, "--json").stdout)["runs"]
    told = {entry["name"]: entry["damaged"] for entry in listed}
    assert name in told["small-1"] and told["small-2"] is None


def test_with_json_also_a_fault_of_its_own_is_one_object(
    wubu: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(root: Path) -> None:
        raise ZeroDivisionError("nobody saw this coming")

    monkeypatch.setattr(sys.modules["wubu.cli.runs"], "all_runs", fail)
    result = wubu("runs", "--runs", tmp_path, "--json")
    assert result.exit_code != 0 and isinstance(result.exception, ZeroDivisionError)
    error = json.loads(result.stdout)["error"]
    assert (error["kind"], error["what"]) == (
        "ZeroDivisionError",
        "nobody saw this coming",
    )
    wrong = wubu("train", "--json")
    assert wrong.exit_code == 2 and "give a recipe" in wrong.stderr


def test_no_runs(wubu: Any, tmp_path: Path) -> None:
    assert "There are no runs" in wubu("runs", "--runs", tmp_path).stdout
    printed = wubu("runs", "--runs", tmp_path / "none", "--json").stdout
    assert json.loads(printed) == {"runs": []}


def test_a_run_is_evaluated_again(wubu: Any, two: Any) -> None:
    folder, first, _ = two
    before = first.evaluation
    (first.folder / "predictions.npz").unlink()
    result = wubu("evaluate", "small-1", "--runs", folder)
    assert result.exit_code == 0, result.output
    assert _fits(result.stdout)
    assert "12 samples of samples.npz" in result.stdout
    head = result.stdout.splitlines()[3].split()
    assert head == ["class", "samples", "right", "predicted", "recall", "precision"]
    assert first.predictions is not None
    again = first.evaluation
    assert again["metrics"] == before["metrics"]
    assert again["data"] == before["data"]


def test_on_other_data_the_run_stays_as_it_is(
    wubu: Any, two: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, first, _ = two
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")  # which is where --set looks for files
    x, y = made.samples(30)
    np.savez("other.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    before = (first.folder / "evaluation.json").read_bytes()
    options = ("--runs", folder, "--json")
    changed = ("--set", "prepare.path=other.npz")
    printed = json.loads(wubu("evaluate", first.folder, *changed, *options).stdout)
    guesses = first.model().predict(x).argmax(axis=1)
    assert printed["data"] == {**printed["data"], "name": "other.npz", "samples": 30}
    assert printed["metrics"]["accuracy"] == pytest.approx(np.mean(guesses == y))
    train = json.loads(wubu("evaluate", "small-1", "--on", "train", *options).stdout)
    assert train["data"]["samples"] == 36
    assert (first.folder / "evaluation.json").read_bytes() == before


TABLE = """\
name = "table"
title = "of [/kinds]"

[prepare]
source = "csv"
path = "t.csv"
target = "kind"
test_split = 0.25

[build]
input = [4]
layers = [{type="Dense", units=3, activation="softmax"}]

[compile]
optimizer = {type="Adam", learning_rate=0.1}
loss = "sparse_categorical_crossentropy"
metrics = ["accuracy"]

[train]
epochs = 2
batch_size = 8
executor = "numpy"
"""


def _write_table(path: Path, kinds: list[str], colours: str = "rgb") -> None:
    numbers = {"[/a]": 0, "[b]": 1, "c": 2, "d": 3}
    lines = [
        f"{numbers[kind]},{colours[i % len(colours)]},{kind}"
        for i, kind in enumerate(kinds)
    ]
    path.write_text("\n".join(["size,colour,kind", *lines]) + "\n")


def test_other_tables_have_the_classes_of_the_run(
    wubu: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some kinds and some colours are missing there; brackets are no markup."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.toml").write_text(TABLE)
    _write_table(tmp_path / "t.csv", ["[/a]", "[b]", "c"] * 12)
    trained = wubu("train", "table.toml")
    assert trained.exit_code == 0, trained.output
    assert "table: of [/kinds]" in trained.stdout
    _write_table(tmp_path / "other.csv", ["c", "[b]"] * 8, "b")
    changes = ("--set", "prepare.path=other.csv", "--on", "train")
    command = ("evaluate", "table-1", *changes)
    printed = json.loads(wubu(*command, "--json").stdout)
    assert [entry["name"] for entry in printed["classes"]] == ["[/a]", "[b]", "c"]
    counts = [entry["samples"] for entry in printed["classes"]]
    assert counts[0] == 0 and sum(counts) == 12
    shown = wubu(*command)
    assert "[/a]" in shown.stdout and "[b]" in shown.stdout, shown.output
    _write_table(tmp_path / "other.csv", ["c", "d"] * 8)
    assert wubu(*command).exit_code == 1
    compared = wubu("compare", "table-1", "table-1")
    assert compared.exit_code == 0, compared.output


def test_two_runs_side_by_side(wubu: Any, two: Any) -> None:
    folder, _, second = two
    result = wubu("compare", "small-1", "small-2", "--runs", folder)
    assert result.exit_code == 0, result.output
    assert _fits(result.stdout)
    for words in ("train.epochs", "build.layers", "units=16", "accuracy", "parameters"):
        assert words in result.stdout
    assert "McNemar's test (exact binomial)" in result.stdout
    options = ("--runs", folder, "--json")
    printed = json.loads(wubu("compare", "small-1", second.folder, *options).stdout)
    right = [run.predictions["y_true"] == run.predictions["y_pred"] for run in two[1:]]
    test = printed["mcnemar"]
    assert test["only_first"] == np.sum(right[0] & ~right[1])
    assert test["only_second"] == np.sum(~right[0] & right[1])
    assert 0 < test["p_value"] <= 1
    assert {entry["key"] for entry in printed["settings"]} == (
        {"train.epochs", "train.seed", "build.layers"}
    )


def test_a_run_nobody_knows(wubu: Any, two: Any) -> None:
    result = wubu("compare", "small-1", "smal-2", "--runs", two[0])
    assert result.exit_code == 1
    assert 'did you mean "small-2"?' in result.stderr


def test_a_run_is_summarised_and_asked(
    wubu: Any, trained: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = trained.printed["run"]
    parameters = f"{trained.printed['parameters']:,}"
    assert parameters in wubu("summary", folder).stdout.split()
    picture = tmp_path / "0.png"
    Image.new("L", (8, 8), 200).save(picture)
    by_run = json.loads(wubu("predict", folder, picture, "--json").stdout)
    by_file = json.loads(wubu("predict", trained.model, picture, "--json").stdout)
    assert by_run["predictions"] == by_file["predictions"]
    monkeypatch.chdir(tmp_path)
    result = wubu("predict", "digits-lenet-7", picture)
    assert result.exit_code == 1
    assert 'no run or model file named "digits-lenet-7"' in result.stderr
    result = wubu("predict", "digits-lenet", picture)
    assert "`wubu train digits-lenet` makes a run" in result.stderr


def test_classes_are_called_by_their_names(wubu: Any, tmp_path: Path) -> None:
    x = np.arange(8)[:, None, None] % 2 * np.full((1, 4, 4), 200, np.uint8)
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(8) % 2)
    recipe = {
        "prepare": {"source": "arrays", "path": "x.npz", "test_split": 0.5},
        "build": {"input": [4, 4, 1], "layers": ["flatten"]},
        "compile": {"loss": "sparse_categorical_crossentropy"},
        "train": {"executor": "numpy"},
    }
    recipe["prepare"]["class_names"] = ["dark", "[light]"]
    recipe["build"]["layers"] += [
        {"type": "Dense", "units": 2, "activation": "softmax"}
    ]
    said = recipes.Recipe("named", folder=tmp_path, **recipe)
    run = Session.begin(said, tmp_path / "runs").go(verbose=0)
    assert tomllib.loads(run.recipe)["prepare"]["class_names"] == ["dark", "[light]"]
    Image.new("L", (4, 4), 200).save(tmp_path / "picture.png")
    asked = ("predict", run.folder, tmp_path / "picture.png")
    (found,) = json.loads(wubu(*asked, "--json").stdout)["predictions"]
    assert found["name"] == ["dark", "[light]"][found["class"]]
    assert found["name"] in wubu(*asked).stdout


def test_reports_are_written_where_there_are_any(
    wubu: Any, two: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes them is asked at the right moment, for the right folders."""
    folder, first, second = two
    asked: list[Any] = []
    monkeypatch.setattr(reports, "write_report", asked.append)
    monkeypatch.setattr(reports, "write_comparison", lambda *given: asked.append(given))
    assert wubu("evaluate", "small-2", "--runs", folder).exit_code == 0
    page = folder / "page.html"
    options = ("--runs", folder, "--html", page)
    result = wubu("compare", "small-1", "small-2", *options)
    assert f"page written to {page}" in result.stdout.replace("\n", "")
    assert asked == [second.folder, (first.folder, second.folder, page)]
