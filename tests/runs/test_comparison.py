"""Two runs side by side: settings, metrics, and the test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wubu.errors import ArgumentError
from wubu.runs import Run, new_run
from wubu.runs.comparison import Difference, compare, differences
from wubu.runs.record import write_arrays, write_json, write_text


def _run(root: Path, recipe: str, right: list[int], **evaluation: Any) -> Run:
    run = new_run("r", root)
    write_text(run.folder / "recipe.toml", recipe)
    described = {"task": "classes", "data": {"digest": "d"}, "metrics": {"loss": 1.0}}
    write_json(run.folder / "evaluation.json", described | evaluation)
    y_true = np.zeros(len(right), int)
    write_arrays(
        run.folder / "predictions.npz", y_true=y_true, y_pred=1 - np.array(right)
    )
    return run


def test_runs_side_by_side(tmp_path: Path) -> None:
    first = _run(tmp_path, "[train]\nepochs = 1\nseed = 5", [1, 1, 1, 0])
    second = _run(
        tmp_path, "[train]\nepochs = 2\nseed = 5", [1, 0, 1, 0], metrics={"auc": 0.5}
    )
    found = compare(first, second)
    assert found.settings == [Difference("train.epochs", "1", "2")]
    assert found.metrics == [("loss", 1.0, None), ("auc", None, 0.5)]
    assert found.test is not None
    assert (found.test.only_first, found.test.only_second) == (1, 0)
    assert found.test.p_value == 1.0
    assert found.why_no_test is None


def test_other_test_sets_are_not_compared(tmp_path: Path) -> None:
    first = _run(tmp_path, "", [1])
    second = _run(tmp_path, "", [1], data={"digest": "e"})
    found = compare(first, second)
    assert found.test is None
    assert "not tested on the same samples" in str(found.why_no_test)
    third = _run(tmp_path, "", [1], task="values")
    assert "does not sort into classes" in str(compare(first, third).why_no_test)


def test_a_run_without_evaluation_is_an_error(tmp_path: Path) -> None:
    first = _run(tmp_path, "", [1])
    (first.folder / "evaluation.json").unlink()
    with pytest.raises(ArgumentError, match="has not been evaluated"):
        compare(first, first)


def test_one_more_layer_is_one_difference() -> None:
    dense, flat = {"type": "Dense", "units": 3}, {"type": "Flatten"}
    first = {"build": {"input": [4], "layers": [flat, dense]}}
    second = {"build": {"input": [5], "layers": [flat, {**dense, "units": 4}, dense]}}
    assert differences(first, second) == [
        Difference("build.input", "[4]", "[5]"),
        Difference("build.layers", None, "Dense(units=4)"),
    ]


def test_sections_and_tables_that_one_recipe_lacks() -> None:
    first = {"compile": {"optimizer": {"type": "Adam"}}, "evaluate": {"a": True}}
    second = {"compile": {"optimizer": "sgd"}, "train": {"epochs": 1}}
    assert differences(first, second) == [
        Difference("compile.optimizer", "Adam()", "sgd"),
        Difference("evaluate.a", "true", None),
        Difference("train.epochs", None, "1"),
    ]
