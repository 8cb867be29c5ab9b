"""The CPU that is compiled for: what the environment asks of it."""

from __future__ import annotations

import pytest

from wubu.errors import ArgumentError
from wubu.executors.native.target import target


def asked(monkeypatch: pytest.MonkeyPatch, text: str) -> int:
    monkeypatch.setenv("WUBU_LANES", text)
    return target.__wrapped__().lanes


def test_the_environment_asks_for_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, " 4 ") == 4
    assert asked(monkeypatch, "") == asked(monkeypatch, " ") >= 4


@pytest.mark.parametrize("text", ["abc", "-4", "8.0", "0", "5", "1024"])
def test_other_words_are_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArgumentError, match="lanes"):
        asked(monkeypatch, text)
