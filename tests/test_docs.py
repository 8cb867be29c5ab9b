"""docs/architecture.md names files and functions; a stranger must find every one."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
SOURCES = {p: p.read_text("utf-8") for p in (ROOT / "src" / "wubu").rglob("*.py")}
NAMED = sorted(set(re.findall(r"`([^`\n]+)`", PAGE)))


def files() -> list[str]:
    return [name for name in NAMED if re.fullmatch(r"[\w/.]+(\.py|/)", name)]


def definitions() -> list[str]:
    """Names of classes, functions and methods: `Trainer.fit`, `build_graph`."""
    rooms = {path.name for path in (ROOT / "src" / "wubu").iterdir()} | {"wubu"}
    words = re.compile(r"(?:[A-Z]\w*\.)?[A-Za-z_]\w*(?:\(\))?")
    found = [name.removesuffix("()") for name in NAMED if words.fullmatch(name)]
    return [name for name in found if name not in rooms]


@pytest.mark.parametrize("name", files())
def test_every_file_it_names_exists(name: str) -> None:
    name = name.removeprefix("wubu/")
    places = [ROOT / name, ROOT / "src" / name, ROOT / "src" / "wubu" / name]
    assert any(place.exists() for place in places), name


@pytest.mark.parametrize("name", [n for n in definitions() if "." in n])
def test_every_method_it_names_is_there(name: str) -> None:
    owner, method = name.split(".")
    start = re.compile(rf"^class {owner}\b", re.M)
    files = [path for path, text in SOURCES.items() if start.search(text)]
    assert files, f"no class {owner}"
    module = ".".join(files[0].relative_to(ROOT / "src").with_suffix("").parts)
    assert hasattr(getattr(importlib.import_module(module), owner), method), name


@pytest.mark.parametrize("name", [n for n in definitions() if "." not in n])
def test_every_function_and_class_it_names_is_defined(name: str) -> None:
    pattern = re.compile(
        rf"(?:def|class) {name}\b|^\s*(?:self\.)?{name}\b.*=|['\"]{name}['\"]", re.M
    )
    assert any(pattern.search(text) for text in SOURCES.values()), name
