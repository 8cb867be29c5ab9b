"""What all tests share: how many random examples, and where real data lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# No deadline: the first example of a test often pays for a compilation.
settings.register_profile(
    "quick", max_examples=25, deadline=None, derandomize="CI" in os.environ
)
settings.register_profile("full", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


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
