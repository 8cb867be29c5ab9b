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
    left = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*"))
    assert left == ["runs", "runs/digit.png", "runs/digits-lenet.wubu"]

    # The first command it offers works as it stands.
    command = next(line for line in shown.splitlines() if "wubu predict" in line)
    predicted = wubu(*command.split()[1:])
    assert predicted.exit_code == 0, predicted.output
    assert "class" in predicted.stdout
