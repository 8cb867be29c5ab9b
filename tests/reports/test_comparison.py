"""Two runs on a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.conftest import read, section, sections, text_of
from reports.made import EVIL, RECIPE, run_with_classes, run_with_values
from wubu import reports
from wubu.errors import ArgumentError


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two runs on the same samples: the second knows two that the first does not, and
    the first one that the second does not."""
    first = run_with_classes(tmp_path / "first-1", y_pred=[0, 1, 1, 1, 2, 1])
    recipe = RECIPE.replace("epochs = 3", "epochs = 9")
    second = run_with_classes(
        tmp_path / "second-1", y_pred=[0, 0, 0, 1, 2, 2], recipe=recipe
    )
    return first, second


def test_a_comparison_has_every_section(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    target = tmp_path / "page.html"
    assert reports.write_comparison(*pair, target) == target
    page = read(target)
    assert sections(page) == [
        *("verdict", "metrics", "settings", "curves", "classes", "samples")
    ]
    assert text_of(page.find(".//h1")) == "first-1 and second-1"


def test_it_gives_mcnemars_numbers(pair: tuple[Path, Path], tmp_path: Path) -> None:
    page = read(reports.write_comparison(*pair, tmp_path / "page.html"))
    verdict = section(page, "verdict")
    counts = [text_of(row[1]) for row in verdict.findall(".//tbody/tr")]
    assert counts == ["1", "2", "3"]
    # three coins, at most one on the rarer side: (1 + 3) / 8, twice, is 1
    assert "exact binomial): p = 1." in text_of(verdict)
    assert "No more than chance" in text_of(page.find(".//header"))


def test_settings_and_metrics_that_differ(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    page = read(reports.write_comparison(*pair, tmp_path / "page.html"))
    assert "train.epochs39" in text_of(section(page, "settings"))
    rows = [text_of(row) for row in section(page, "metrics").iter("tr")]
    assert "Accuracy0.66670.8333+0.1667" in rows


def test_samples_that_only_one_knew(pair: tuple[Path, Path], tmp_path: Path) -> None:
    page = read(reports.write_comparison(*pair, tmp_path / "page.html"))
    cards = [text_of(card) for card in section(page, "samples").iter("article")]
    assert len(cards) == 3
    # sample 2, a bee, that the first alone knew
    assert "beefirst-1bee80.0%" in cards[0]
    assert "second-1ant80.0%bee10.0%" in cards[0]


def test_runs_on_other_samples_are_not_tested(tmp_path: Path) -> None:
    first = run_with_classes(tmp_path / "first-1")
    second = run_with_classes(tmp_path / "second-1", digest="other", name=EVIL)
    page = read(reports.write_comparison(first, second, tmp_path / "page.html"))
    assert sections(page) == ["metrics", "settings", "curves", "classes"]
    assert "they were not tested on the same samples" in text_of(page.find(".//header"))


def test_values_beside_classes(tmp_path: Path) -> None:
    first = run_with_classes(tmp_path / "first-1")
    second = run_with_values(tmp_path / "second-1")
    page = read(reports.write_comparison(first, second, tmp_path / "page.html"))
    assert sections(page) == ["metrics", "settings", "curves"]
    left_out = text_of(page.find(".//aside"))
    assert "Class by class: the network predicts values, not classes." in left_out


def test_a_run_that_was_not_evaluated_cannot_be_compared(tmp_path: Path) -> None:
    first = run_with_classes(tmp_path / "first-1")
    second = run_with_classes(tmp_path / "second-1")
    (second / "evaluation.json").unlink()
    with pytest.raises(ArgumentError, match="second-1 has not been evaluated"):
        reports.write_comparison(first, second, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
