"""The README: its code runs as written, and the Chinese one has the same code."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import wubu

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def blocks(name: str) -> list[str]:
    return BLOCK.findall((ROOT / name).read_text("utf-8"))


def without_comments(code: str) -> str:
    lines = [re.sub(r"\s*#.*", "", line) for line in code.splitlines()]
    return "\n".join(line for line in lines if line.strip())


def small_mnist() -> tuple:
    random = np.random.default_rng(0)

    def part(count: int) -> tuple[np.ndarray, np.ndarray]:
        x = random.integers(0, 256, (count, 28, 28)).astype(np.uint8)
        return x, random.integers(0, 10, count).astype(np.uint8)

    return part(300), part(50)


def small_flowers(folder: Path) -> None:
    """Red ones and blue ones."""
    for channel, kind in ((0, "poppy"), (2, "violet")):
        (folder / kind).mkdir(parents=True)
        for number in range(10):
            picture = np.zeros((20, 30, 3), np.uint8)
            picture[..., channel] = 100 + 10 * number
            wubu.utils.save_img(folder / kind / f"{number}.png", picture)


def test_the_code_in_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(wubu.datasets.mnist, "load_data", small_mnist)
    small_flowers(tmp_path / "flowers")
    wubu.set_random_seed(0)
    names: dict = {}
    for number, code in enumerate(blocks("README.md")):
        # Compiled with a file name, so that `jit` finds the lines.
        exec(compile(code, f"README block {number}", "exec"), names)
    assert names["loss"].item() < 0.1  # the hand-written step has learned XOR
    assert names["classifier"].output_shape == (None, 2)
    assert (tmp_path / "digits.wubu").exists()
    assert (tmp_path / "step.svg").read_text("utf-8").startswith("<svg")


def test_both_readmes_have_the_same_code() -> None:
    english = [without_comments(code) for code in blocks("README.md")]
    chinese = [without_comments(code) for code in blocks("README.zh-CN.md")]
    assert english == chinese


def test_the_error_shown_in_the_readme_is_the_one_that_is_raised() -> None:
    first = wubu.layers.Dense(128, name="dense")
    second = wubu.layers.Dense(10, name="dense_1")
    wubu.Sequential([wubu.layers.Input((3,)), first, second])
    with pytest.raises(wubu.errors.ShapeError) as caught:
        wubu.Sequential([wubu.layers.Dense(64, name="dense"), second])(
            np.ones((32, 3), "float32")
        )
    shown = str(caught.value)
    readme = (ROOT / "README.md").read_text("utf-8")
    for line in shown.splitlines():
        if "where" not in line:
            assert line.strip() in readme, line
