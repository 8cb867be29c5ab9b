"""A small recipe that trains in no time, and samples for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from wubu.recipes import Recipe

TEXT = """\
name = "small"

[prepare]
source = "arrays"
path = "samples.npz"
test_split = 0.25

[build]
input = [4]
layers = [
  {type="Dense", units=8, activation="relu", name="hidden"},
  {type="Dropout", rate=0.25},
  {type="Dense", units=3, activation="softmax"},
]

[compile]
optimizer = {type="Adam", learning_rate=0.05}
loss = "sparse_categorical_crossentropy"
metrics = ["accuracy"]

[train]
epochs = 4
batch_size = 8
executor = "numpy"
"""


def samples(count: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """Points around three centres, and which."""
    random = np.random.default_rng(3)
    y = np.arange(count) % 3
    x = random.normal(size=(count, 4)) + 2.0 * np.eye(3, 4)[y]
    return x.astype("float32"), y


def write(folder: Path, text: str = TEXT) -> Path:
    """A recipe and its samples in a folder."""
    x, y = samples()
    np.savez(folder / "samples.npz", x=x, y=y)
    path = folder / "small.toml"
    path.write_text(text, "utf-8")
    return path


def recipe(folder: Path, *overrides: str, text: str = TEXT) -> Recipe:
    write(folder, text)
    return Recipe.from_text(text, folder / "small.toml", overrides)
