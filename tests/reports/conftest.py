"""A run of the digits network, trained once, and pages read as trees."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from wubu import recipes
from wubu.recipes import Session
from wubu.runs import Run

Tree = ElementTree.Element


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two epochs of digits-lenet, with samples for validation."""
    changes = ["train.epochs=2", "prepare.validation_split=0.1"]
    root = tmp_path_factory.mktemp("runs")
    return Session.begin(recipes.load("digits-lenet", changes), root).go(verbose=0)


@pytest.fixture(scope="session")
def page(digits: Run) -> Tree:
    """The report that training left."""
    return read(digits.folder / "report.html")


def read(path: Path) -> Tree:
    """A page as a tree: ours are well-formed XML, drawings included."""
    return ElementTree.fromstring(path.read_text("utf-8"))


def text_of(tree: Tree | None) -> str:
    """All text in a tree, styles left out."""
    assert tree is not None
    parts = [tree.text or ""] if tree.tag != "style" else []
    for child in tree:
        parts += [text_of(child), child.tail or ""]
    return "".join(parts)


def section(tree: Tree, key: str) -> Tree:
    """A section by its anchor."""
    found = tree.find(f".//section[@id='{key}']")
    assert found is not None, f"there is no section {key}"
    return found


def sections(tree: Tree) -> list[str]:
    """The anchors of all sections."""
    return [part.attrib["id"] for part in tree.iter("section")]
