"""`wubu predict`: pictures become what the network learned from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from wubu import Sequential, datasets, layers
from wubu.saving import load_model


def _test_digits(count: int) -> np.ndarray:
    _, (x_test, _) = datasets.digits.load_data()
    return x_test[:count]


def _save(path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(np.round(pixels).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def digit_files(tmp_path: Path) -> list[Path]:
    """Three test digits as PNG files, ink white on black."""
    digits = enumerate(_test_digits(3))
    return [_save(tmp_path / f"{i}.png", x * (255 / 16)) for i, x in digits]


def test_it_sees_in_a_picture_what_it_sees_in_the_array(
    wubu: Any, trained: Any, digit_files: list[Path]
) -> None:
    outputs = load_model(trained.model).predict(_test_digits(3)[..., None])
    printed = json.loads(wubu("predict", trained.model, *digit_files, "--json").stdout)
    assert printed["kind"] == "probability"
    assert printed["model"] == trained.model
    found = printed["predictions"]
    assert [part["file"] for part in found] == [str(path) for path in digit_files]
    assert [part["class"] for part in found] == outputs.argmax(axis=1).tolist()
    values = [part["value"] for part in found]
    # Pixels are rounded to whole numbers of 255 steps in the file.
    np.testing.assert_allclose(values, outputs.max(axis=1), atol=0.02)


def test_candidates_are_the_likeliest_first(
    wubu: Any, trained: Any, digit_files: list[Path]
) -> None:
    result = wubu("predict", trained.model, digit_files[0], "--json", "--top", 10)
    (found,) = json.loads(result.stdout)["predictions"]
    values = [candidate["value"] for candidate in found["candidates"]]
    assert values == sorted(values, reverse=True)
    assert sum(values) == pytest.approx(1, abs=1e-4)
    assert found["candidates"][0]["class"] == found["class"]


def test_for_people_it_prints_a_line_a_picture(
    wubu: Any, trained: Any, digit_files: list[Path]
) -> None:
    result = wubu("predict", trained.model, *digit_files)
    lines = result.stdout.splitlines()
    assert len(lines) == 3
    for line, path in zip(lines, digit_files, strict=True):
        assert line.startswith(str(path))
        assert "class" in line
        assert "probability" in line
        assert "then" in line


def test_invert_turns_ink_on_paper_into_the_same(
    wubu: Any, trained: Any, tmp_path: Path, digit_files: list[Path]
) -> None:
    pixels = np.asarray(Image.open(digit_files[0]))
    paper = _save(tmp_path / "paper.png", 255 - pixels)

    def candidates(*arguments: object) -> Any:
        printed = wubu("predict", trained.model, *arguments, "--json").stdout
        return json.loads(printed)["predictions"][0]["candidates"]

    assert candidates(paper, "--invert") == candidates(digit_files[0])
    remark = wubu("predict", trained.model, paper).stderr
    assert "--invert" in remark


def test_show_draws_the_picture(
    wubu: Any, trained: Any, digit_files: list[Path]
) -> None:
    drawn = wubu("predict", trained.model, digit_files[0], "--show").stdout
    assert "█" in drawn or "▀" in drawn


def test_white_is_what_the_first_rescaling_turns_into_1(
    wubu: Any, tmp_path: Path
) -> None:
    """A network that adds up its pixels tells what it was given."""

    def total(*first: Any, options: tuple[object, ...] = ()) -> float:
        end = layers.Dense(1, kernel_initializer="ones")
        model = Sequential([layers.Input((2, 2, 1)), *first, layers.Flatten(), end])
        model.save(tmp_path / "sum.wubu")
        path = _save(tmp_path / "white.png", np.full((2, 2), 255))
        result = wubu("predict", tmp_path / "sum.wubu", path, "--json", *options)
        return json.loads(result.stdout)["predictions"][0]["value"]

    assert total(layers.Rescaling(1 / 16)) == pytest.approx(4)
    assert total(layers.Rescaling(1 / 127.5, offset=-1)) == pytest.approx(4)
    assert total() == pytest.approx(4 * 255)
    assert total(options=("--white", 1)) == pytest.approx(4)


def test_outputs_that_do_not_sum_to_1_are_scores(wubu: Any, tmp_path: Path) -> None:
    model = Sequential([layers.Input((4, 4, 1)), layers.Flatten(), layers.Dense(3)])
    model.save(tmp_path / "scores.wubu")
    path = _save(tmp_path / "grey.png", np.full((4, 4), 128))
    assert "score" in wubu("predict", tmp_path / "scores.wubu", path).stdout
    printed = wubu("predict", tmp_path / "scores.wubu", path, "--json").stdout
    assert json.loads(printed)["kind"] == "score"


def test_a_model_that_takes_no_pictures_is_an_error(wubu: Any, tmp_path: Path) -> None:
    Sequential([layers.Input((5,)), layers.Dense(3)]).save(tmp_path / "flat.wubu")
    path = _save(tmp_path / "grey.png", np.full((4, 4), 128))
    result = wubu("predict", tmp_path / "flat.wubu", path)
    assert result.exit_code == 1
    assert "this model does not take pictures" in result.stderr


def test_a_missing_picture_is_an_error(wubu: Any, trained: Any) -> None:
    result = wubu("predict", trained.model, "nowhere.png")
    assert result.exit_code == 1
    assert "nowhere.png" in result.stderr
