"""The report of a run: what stands in it, and what happens where something lacks."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np
import pytest

from reports.conftest import read, section, sections, text_of
from reports.made import EVIL, RECIPE, run_with_classes, run_with_values
from wubu import reports
from wubu.reports import headline, report
from wubu.reports.facts import Facts
from wubu.reports.statistics import calibration, wilson
from wubu.reports.words import percent
from wubu.runs import Run

ALL = "curves confusion classes mistakes certainty network weights activations"
ALL += " decisions reproduce"


def test_training_leaves_a_report_with_every_section(page: Element) -> None:
    assert sections(page) == ALL.split()
    assert page.find(".//aside") is None  # nothing is left out


def test_links_at_the_top_lead_to_sections(page: Element) -> None:
    links = [link.attrib["href"] for link in page.iterfind(".//nav//a")]
    assert links == [f"#{key}" for key in ALL.split()]


def test_the_page_needs_nothing_beside_it(page: Element, digits: Run) -> None:
    for part in page.iter():
        assert part.tag not in ("script", "link", "iframe", "object", "base")
        assert not any(name.startswith("on") for name in part.attrib)
        source = part.attrib.get("src", "data:image/png;base64,")
        assert source.startswith("data:image/png;base64,")
        assert part.attrib.get("href", "#").startswith("#")
    text = (digits.folder / "report.html").read_text("utf-8")
    assert not re.search(r"https?:|url\(|@import", text)


def test_pictures_and_drawings_say_what_they_show(page: Element) -> None:
    pictures, drawings = list(page.iter("img")), list(page.iter("svg"))
    assert len(pictures) > 50
    assert all(picture.attrib["alt"] for picture in pictures)
    assert len(drawings) > 20
    for drawing in drawings:
        assert drawing.attrib["role"] == "img"
        assert drawing[0].tag == "title"
        assert drawing[0].text


def test_coordinates_are_finite(digits: Run) -> None:
    text = (digits.folder / "report.html").read_text("utf-8")
    assert not re.search(r'"[^"]*\b(nan|inf)\b[^"]*"', text)


def test_the_same_run_gives_the_same_page(digits: Run) -> None:
    before = (digits.folder / "report.html").read_bytes()
    path = reports.write_report(digits.folder)
    assert path == digits.folder / "report.html"
    assert path.read_bytes() == before


def test_the_headline_says_how_good_it_is(page: Element, digits: Run) -> None:
    found = digits.evaluation
    assert found is not None
    right = sum(entry["right"] for entry in found["classes"])
    low, high = wilson(right, 355)
    top = text_of(page.find(".//header"))
    assert percent(right / 355, 355) in top
    assert f"{percent(low, 355)} to {percent(high, 355)}" in top
    assert f"{right} of 355 samples of digits are right" in top
    assert f"{digits.info['parameters']:,}" in top


def test_the_matrix_holds_the_counts(page: Element, digits: Run) -> None:
    found = digits.evaluation
    assert found is not None
    cells = section(page, "confusion").iterfind(".//svg//g/title")
    said = [cell.text for cell in cells]
    for i, row in enumerate(found["confusion"]):
        for j, number in enumerate(row):
            assert f"{i} taken for {j}: {number:,}" in said


def test_calibration_is_that_of_the_predictions(page: Element, digits: Run) -> None:
    said = digits.predictions
    assert said is not None
    right = said["y_true"] == said["y_pred"]
    error = calibration(said["probabilities"].max(axis=1), right).error
    assert percent(error) in text_of(section(page, "certainty"))


def test_worst_mistakes_come_first(page: Element, digits: Run) -> None:
    said = digits.predictions
    assert said is not None
    wrong = np.flatnonzero(said["y_true"] != said["y_pred"])
    worst = wrong[np.argmax(said["losses"][wrong])]
    first = text_of(section(page, "mistakes").find(".//article"))
    assert f"{said['y_true'][worst]}taken for{said['y_pred'][worst]}" in first
    assert f"test sample {worst}, loss {said['losses'][worst]:.4f}" in first
    assert percent(float(said["probabilities"][worst].max())) in first


def test_all_thirteen_decisions_are_there(page: Element) -> None:
    part = section(page, "decisions")
    numbers = [n.text for n in part.iter("span") if n.attrib.get("class") == "number"]
    assert numbers == [str(n) for n in range(1, 14)]
    signs = [t.text for t in part.iterfind(".//svg[@class='sign']/title")]
    assert signs == list("备搭译训评")
    text = text_of(part)
    for taken in (
        "the dataset digits",
        "1,297 samples to train on, 145 samples to validate, 355 samples to test",
        "Rescaling(scale=0.0625)",
        "8 × 8 × 1 → 10",
        "Conv2D 32 (3 × 3) relu",
        "sparse_categorical_crossentropy",
        "Adam(learning_rate=0.001)",
        "2 epochs, batches of 32, 41 steps each",
        "355 test samples of digits (it has never seen them)",
    ):
        assert taken in text


def test_how_to_reproduce_it(page: Element, digits: Run) -> None:
    text = text_of(section(page, "reproduce"))
    assert f"wubu train {digits.folder.parent.name}/{digits.name}/recipe.toml" in text
    assert digits.recipe in text  # whole, colours or not
    assert f"NumPy{np.__version__}" in text
    evaluation = digits.evaluation
    assert evaluation is not None
    assert evaluation["data"]["digest"][:16] in text


def test_names_are_escaped(tmp_path: Path) -> None:
    folder = run_with_classes(
        tmp_path / "evil-1",
        names=[EVIL, f"{EVIL} 2", "cat"],
        title=EVIL,
        name=EVIL,
        machine=EVIL,
        data=EVIL,
        recipe=RECIPE + f"# {EVIL}\n",
    )
    path = reports.write_report(folder)
    assert "<script" not in path.read_text("utf-8")
    page = read(path)
    assert text_of(page.find(".//h1")) == EVIL
    assert EVIL in text_of(section(page, "classes"))
    assert f"# {EVIL}" in text_of(section(page, "reproduce"))


def test_of_a_run_without_model_the_other_sections_remain(tmp_path: Path) -> None:
    page = read(reports.write_report(run_with_classes(tmp_path / "made-1")))
    assert sections(page) == [
        *("curves", "confusion", "classes", "mistakes", "certainty"),
        *("decisions", "reproduce"),
    ]
    assert "The network: the run has no trained model yet." in text_of(
        page.find(".//aside")
    )


def test_scores_by_class_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    page = read(reports.write_report(run_with_classes(tmp_path / "made-1")))
    rows = [
        [text_of(cell) for cell in row] for row in section(page, "classes").iter("tr")
    ]
    # bee: 2 samples, both found; 4 times predicted; 2 · 2 / (2 + 4)
    assert rows[2] == ["bee", "2", "4", "100%", "50%", "67%"]
    # ant and cat: found once of twice, always right then; 2 · 1 / (2 + 1)
    assert rows[1] == ["ant", "2", "1", "50%", "100%", "67%"]
    assert rows[4] == ["mean of classes", "6", "6", "67%", "83%", "67%"]


def test_the_best_epoch_is_marked(tmp_path: Path) -> None:
    page = read(reports.write_report(run_with_classes(tmp_path / "made-1")))
    text = text_of(section(page, "curves"))
    assert "smallest in epoch 2 (0.7500); 1 epoch more did not improve it" in text
    assert "epoch 2: 0.7500" in text


def test_a_report_of_predicted_values(tmp_path: Path) -> None:
    page = read(reports.write_report(run_with_values(tmp_path / "made-1")))
    assert sections(page) == ["curves", "values", "mistakes", "decisions", "reproduce"]
    rows = {
        text_of(row[0]): text_of(row[1]) for row in section(page, "values").iter("tr")
    }
    # errors -0.5, 0, 1, -0.5; squares sum to 1.5, those of the targets to 14
    assert rows["mean of absolute errors"] == "0.5000"
    assert rows["root of the mean squared error"] == f"{(1.5 / 4) ** 0.5:.4f}"
    assert rows["R², the share of variance explained"] == f"{1 - 1.5 / 14:.4f}"
    points = section(page, "values").findall(".//circle")
    assert len(points) == 2 * 4
    worst = [text_of(cell) for cell in section(page, "mistakes").findall(".//tr")[1]]
    assert worst[0] == "2"
    assert worst[2:] == ["3", "2", "1.0000"]


def test_an_empty_folder_has_a_report_that_says_so(tmp_path: Path) -> None:
    page = read(reports.write_report(tmp_path))
    assert sections(page) == []
    said = text_of(page.find(".//aside"))
    for reason in (
        "Learning curves: no epoch has come to its end.",
        "Confusion matrix: the run has not been evaluated.",
        "How to reproduce this run: the run has no recipe.",
    ):
        assert reason in said


def test_a_section_that_fails_is_left_out_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(facts: Facts) -> None:
        raise RuntimeError(f"no {EVIL}")

    parts = [p._replace(body=fails) if p.key == "curves" else p for p in report.PARTS]
    monkeypatch.setattr(report, "PARTS", parts)
    folder = run_with_classes(tmp_path / "made-1")
    with pytest.warns(UserWarning, match='lacks its section "Learning curves"'):
        page = read(reports.write_report(folder))
    assert "confusion" in sections(page)
    assert "could not be made (RuntimeError: no" in text_of(page.find(".//aside"))


def test_a_damaged_file_costs_only_its_sections(tmp_path: Path) -> None:
    folder = run_with_classes(tmp_path / "made-1")
    (folder / "predictions.npz").write_bytes(b"no archive")
    with pytest.warns(UserWarning, match="predictions.npz of this run is damaged"):
        page = read(reports.write_report(folder))
    assert sections(page) == [
        "curves",
        "confusion",
        "classes",
        "decisions",
        "reproduce",
    ]


def test_pictures_of_samples_stand_beside_mistakes(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    samples = random.integers(0, 256, (6, 10, 12, 3), dtype=np.uint8)
    folder = run_with_classes(tmp_path / "made-1", samples=samples)
    page = read(reports.write_report(folder))
    sizes = [
        (picture.attrib["width"], picture.attrib["height"])
        for picture in section(page, "mistakes").iterfind(".//article/img")
    ]
    assert sizes == [("12", "10")] * 2


def test_a_report_that_cannot_be_written_does_not_end_a_session(digits: Run) -> None:
    from wubu.recipes.session import report as written

    lost = Run(digits.folder / "no such folder")
    with pytest.warns(UserWarning, match="has no report: FileNotFoundError"):
        assert written(lost) is None


def test_a_model_with_a_call_of_its_own_has_no_activations(
    digits: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "copy-1"
    shutil.copytree(digits.folder, folder)
    facts = Facts(folder)
    facts.graph = None  # as for such a model
    text = report.report(facts)
    assert "the network is no graph of layers with one input" in text
    assert 'id="weights"' in text


def test_an_unfinished_run_is_called_so(tmp_path: Path) -> None:
    folder = run_with_classes(tmp_path / "made-1")
    (folder / "evaluation.json").unlink()
    assert "This run has not been evaluated." in headline.body(Facts(folder))
