"""The examples run as they are, and learn what they promise."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
REACHED = {  # what each prints last about accuracy, and the least it has to be
    "by_hand": (r"test accuracy ([\d.]+)", 0.95),
    "convnet": (r"test accuracy ([\d.]+)", 0.95),
    "text_classifier": (r"test accuracy ([\d.]+)", 0.95),
    "two_inputs": (r"'priority_accuracy': ([\d.]+)", 0.95),
}


def test_every_example_is_run_and_described() -> None:
    names = {path.stem for path in EXAMPLES.glob("*.py")}
    assert names == set(REACHED)
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert {name for name in names if f"`{name}.py`" in text} == names


@pytest.mark.parametrize("name", REACHED)
def test_it_runs_and_learns(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", str(EXAMPLES / f"{name}.py")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pattern, least = REACHED[name]
    found = re.findall(pattern, done.stdout)
    assert float(found[-1]) >= least
