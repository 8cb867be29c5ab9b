"""What all tests share: how many random examples, where real data lies, and machine
code that was made once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import wubu

# No deadline: the first example of a test often pays for a compilation.
settings.register_profile(
    "quick", max_examples=25, deadline=None, derandomize="CI" in os.environ
)
settings.register_profile("full", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

_made: list[str] = []


def pytest_configure() -> None:
    """Machine code is kept for this run, in a folder that all processes share; in
    another one, and for longer, where WUBU_CACHE_DIR names it."""
    if "WUBU_CACHE_DIR" not in os.environ:
        _made.append(tempfile.mkdtemp(prefix="wubu-tests-"))
        os.environ["WUBU_CACHE_DIR"] = _made[0]


def pytest_unconfigure() -> None:
    """The process that made the folder removes it."""
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _no_executor_stays_named() -> Iterator[None]:
    """A test that names one, by `set_executor` or on a command line run in this
    process, names it for itself only."""
    yield
    wubu.set_executor(None)


@pytest.fixture(scope="session")
def data_home() -> Path:
    """The folder of real datasets, `$WUBU_DATA_HOME`; skips where there is none."""
    home = os.environ.get("WUBU_DATA_HOME")
    if not home:
        pytest.skip("needs real data: WUBU_DATA_HOME is not set")
    path = Path(home)
    if not (path / "mnist").is_dir():
        pytest.skip(f"needs real data: WUBU_DATA_HOME={home} holds no mnist/")
    return path
