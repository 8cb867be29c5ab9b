"""Run folders written by hand: no training, and all numbers known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from wubu.runs.record import write_arrays, write_json, write_text

RECIPE = """\
name = "made"
[prepare]
dataset = "digits"
[build]
input = [2]
layers = [{type="Dense", units=3, activation="softmax"}]
[compile]
loss = "sparse_categorical_crossentropy"
metrics = ["accuracy"]
[train]
epochs = 3
"""

EVIL = '<script src="http://evil.example/x.js">alert("1")</script>&\'"'


def run_with_classes(folder: Path, **changes: Any) -> Path:
    """Six samples of three classes, two of them mistaken.

    Args:
        folder: to write into; it is made.
        changes: "names" of the classes, "title", "recipe", "y_pred", "digest",
            "samples" (the inputs that are kept).
    """
    folder.mkdir(exist_ok=True)
    names = changes.get("names", ["ant", "bee", "cat"])
    true = np.array([0, 0, 1, 1, 2, 2])
    guess = np.array(changes.get("y_pred", [0, 1, 1, 1, 2, 1]))
    table = np.zeros((3, 3), int)
    np.add.at(table, (true, guess), 1)
    classes = [
        {
            "name": name,
            "samples": int(table[n].sum()),
            "predicted": int(table[:, n].sum()),
            "right": int(table[n, n]),
        }
        for n, name in enumerate(names)
    ]
    right = int((true == guess).sum())
    described = {
        "task": "classes",
        "data": {
            "name": changes.get("data", "insects"),
            "samples": 6,
            "digest": changes.get("digest", "abcdef0123456789abcdef"),
        },
        "metrics": {"loss": 0.5, "accuracy": right / 6},
        "classes": classes,
        "confusion": table.tolist(),
    }
    probabilities = np.full((6, 3), 0.1, np.float32)
    probabilities[np.arange(6), guess] = 0.8
    losses = -np.log(probabilities[np.arange(6), true])
    order = np.argsort(-losses, kind="stable")
    x = changes.get("samples", np.arange(12, dtype=np.float32).reshape(6, 2))
    write_arrays(folder / "samples.npz", index=order, x=x[order])
    write_arrays(
        folder / "predictions.npz",
        y_true=true,
        y_pred=guess,
        probabilities=probabilities,
        losses=losses,
    )
    write_json(folder / "evaluation.json", described)
    _common(folder, changes)
    return folder


def run_with_values(folder: Path) -> Path:
    """Four predicted values."""
    folder.mkdir(exist_ok=True)
    y = np.array([[1.0], [2.0], [3.0], [6.0]], np.float32)
    guess = np.array([[1.5], [2.0], [2.0], [6.5]], np.float32)
    write_arrays(
        folder / "predictions.npz",
        y_true=y,
        y_pred=guess,
        losses=((y - guess) ** 2).mean(axis=1),
    )
    write_arrays(
        folder / "samples.npz",
        index=np.array([2, 0, 3, 1]),
        x=np.zeros((4, 2), np.float32),
    )
    described = {
        "task": "values",
        "data": {"name": "lengths", "samples": 4, "digest": "00"},
        "metrics": {"loss": 0.375, "mae": 0.5},
        "classes": None,
        "confusion": None,
    }
    write_json(folder / "evaluation.json", described)
    _common(
        folder, {"recipe": RECIPE.replace("sparse_categorical_crossentropy", "mse")}
    )
    return folder


def _common(folder: Path, changes: dict[str, Any]) -> None:
    write_text(folder / "recipe.toml", changes.get("recipe", RECIPE))
    lines = ['{"epoch": 1, "seconds": 0.5, "loss": 1.5, "val_loss": 1.25}']
    lines += ['{"epoch": 2, "seconds": 0.5, "loss": 1.0, "val_loss": 0.75}']
    lines += ['{"epoch": 3, "seconds": 0.5, "loss": null, "val_loss": 1.0}']
    write_text(folder / "history.jsonl", "\n".join(lines) + "\n")
    info = {
        "name": changes.get("name", folder.name),
        "recipe": "made",
        "title": changes.get("title", "a run made by hand"),
        "wubu": "0.1.0",
        "executor": "numpy",
        "threads": 1,
        "machine": changes.get("machine", "x86_64, Linux"),
        "seed": 0,
        "epochs": 3,
        "batch_size": 2,
        "parameters": 9,
        "samples": {"train": 10, "validation": 2, "test": 6},
        "classes": changes.get("names"),
        "started": "2026-03-05T09:07:00+00:00",
        "ended": "2026-03-05T09:07:02+00:00",
        "stopped": False,
        "seconds": 1.5,
    }
    write_json(folder / "run.json", info)
