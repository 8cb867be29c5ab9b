"""Machine code of tests is not kept: what a test compiles, it compiles itself."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUBU_CACHE", "0")
