"""Descriptions of graphs that lie about places and truth values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wubu import Model
from wubu.errors import FileFormatError
from wubu.layers import Dense, Input
from wubu.saving import archive, load_model


def changed(folder: Path, old: str, new: str) -> Path:
    """A model file in whose description a piece of JSON is another."""
    x = Input((4,))
    Model(x, Dense(1)(Dense(4)(x))).save(folder / "good.wubu")
    members = archive.read(folder / "good.wubu")
    text = json.dumps(json.loads(members[archive.CONFIG]))
    assert old in text
    written = {
        archive.CONFIG: text.replace(old, new).encode(),
        archive.WEIGHTS: members[archive.WEIGHTS],
    }
    archive.write(folder / "bad.wubu", written, {})
    return folder / "bad.wubu"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('["call", 0]', '["call", -1]'),
        ('["call", 0]', '["call", true]'),
        ('["index", 0]', '["index", -1]'),
        ('["input", 0]', '["input", -1]'),
        ('["trainable", true]', '["trainable", "no"]'),
        ('"trainable": true', '"trainable": "no"'),
        ('"trainable": true', '"trainable": 1'),
    ],
)
def test_lies_are_refused(old: str, new: Any, tmp_path: Path) -> None:
    with pytest.raises(FileFormatError) as caught:
        load_model(changed(tmp_path, old, new))
    assert "RecursionError" not in str(caught.value)
