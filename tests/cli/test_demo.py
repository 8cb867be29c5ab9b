"""`wubu demo`: the five steps, a network that reads digits, and what it leaves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest


def test_demo_walks_through_the_steps_and_learns_to_read(
    wubu: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = wubu("demo")
    assert result.exit_code == 0, result.output
    shown = result.stdout
    steps = ["备 prepare", "搭 build", "译 compile", "训 train", "评 evaluate"]
    places = [shown.index(step) for step in steps]
    assert places == sorted(places)
    assert max(map(len, shown.splitlines())) <= 80
    right = re.search(r"right +(\d+) of (\d+)", shown)
    assert right is not None
    assert int(right[1]) / int(right[2]) >= 0.97
    (run,) = (tmp_path / "runs").iterdir()
    assert run.name == "digits-lenet-1"
    left = {path.name for path in run.iterdir()}
    assert left >= {"recipe.toml", "history.jsonl", "model.wubu", "digit.png"}
    assert "report.html" in left and "in a browser" in shown

    # The commands it offers work as they stand.
    offered = [line for line in shown.splitlines() if line.startswith("  wubu ")]
    for command in offered[:2]:
        done = wubu(*command.split()[1:])
        assert done.exit_code == 0, done.output
    assert "class" in wubu(*offered[0].split()[1:]).stdout
    assert offered[1:3] == ["  wubu new first", "  wubu train first.toml"]
    assert (tmp_path / "first.toml").is_file()
