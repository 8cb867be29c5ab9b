"""What the tests of the command line share: a way to run it, and a trained model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from wubu.cli.app import app

Run = Callable[..., Any]


class Trained(NamedTuple):
    """What `wubu train --json` printed, and the folder of its runs."""

    folder: Path
    printed: dict[str, Any]

    @property
    def model(self) -> str:
        return self.printed["model"]


def invoke(*arguments: object) -> Any:
    """Runs the program; the result has stdout, stderr and exit_code."""
    environment = {"FORCE_COLOR": None, "GITHUB_ACTIONS": None, "COLUMNS": "80"}
    return CliRunner(env=environment).invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="session")
def wubu() -> Run:
    return invoke


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The digits network after three epochs."""
    folder = tmp_path_factory.mktemp("trained")
    result = invoke(
        *("train", "digits-lenet", "--json", "--epochs", 3, "--seed", 7),
        *("--runs", folder),
    )
    assert result.exit_code == 0, result.output
    return Trained(folder, json.loads(result.stdout))
