"""The program: help, version, usage, and that it is loaded only when it runs."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import wubu as package


def test_alone_it_shows_the_five_steps_and_the_commands(wubu: Any) -> None:
    result = wubu()
    assert result.exit_code == 0
    for word in ["备 prepare", "搭 build", "译 compile", "训 train", "评 evaluate"]:
        assert word in result.stdout
    for command in ["demo", "train", "summary", "predict"]:
        assert command in result.stdout
    assert "130 stopped by Ctrl-C" in " ".join(result.stdout.split())


def test_version(wubu: Any) -> None:
    assert wubu("--version").stdout == f"wubu {package.__version__}\n"


@pytest.mark.parametrize("command", ["demo", "train", "summary", "predict"])
def test_help_fits_80_columns(wubu: Any, command: str) -> None:
    result = wubu(command, "--help")
    assert result.exit_code == 0
    assert max(len(line) for line in result.stdout.splitlines()) <= 80


@pytest.mark.parametrize(
    "arguments",
    [
        ["trian", "digits-lenet"],
        ["train"],
        ["train", "digits-lenet", "--epochs", "0"],
        ["train", "digits-lenet", "--learning-rate", "1"],
    ],
)
def test_wrong_usage_exits_with_2(wubu: Any, arguments: list[str]) -> None:
    result = wubu(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "wubu", "--version"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == f"wubu {package.__version__}\n", done.stderr
