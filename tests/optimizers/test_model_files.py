"""A model goes on training from a file as it would have without: with every optimizer
whose state is more than one number for each weight, and every kind of schedule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wubu import Sequential, layers, optimizers
from wubu.optimizers import schedules
from wubu.saving import load_model

MADE: dict[str, Callable[[], Any]] = {
    "rows and columns": lambda: optimizers.Adafactor(0.1),
    "a product for each variable": lambda: optimizers.Nadam(0.1),
    "two kinds of variables": lambda: optimizers.Muon(0.1, exclude_layers=["b"]),
    "a beginning that is the weight": lambda: optimizers.ScheduleFreeAdamW(0.1),
    "a beginning that is not 0": lambda: optimizers.Adagrad(0.1),
    "a schedule in a schedule": lambda: optimizers.Lamb(
        schedules.LinearWarmup(schedules.CosineDecayRestarts(0.1, 3), 2)
    ),
    "lists": lambda: optimizers.Lion(
        schedules.PiecewiseConstantDecay([2, 4], [0.1, 0.2, 0.3])
    ),
}


@pytest.mark.parametrize("kind", MADE)
def test_a_saved_model_goes_on(kind: str, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(8, 3)), random.normal(size=(8, 2))
    model = Sequential([layers.Input((3,)), layers.Dense(4), layers.Dense(2, name="b")])
    model.compile(MADE[kind](), "mse", run_eagerly=True)
    options: dict[str, Any] = {"batch_size": 4, "verbose": 0, "shuffle": False}
    model.fit(x, y, epochs=2, **options)
    model.save(tmp_path / "m.wubu")
    twin = load_model(tmp_path / "m.wubu")
    assert type(twin.optimizer) is type(model.optimizer)
    for each in (model, twin):
        each.fit(x, y, epochs=2, **options)
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        assert a.tobytes() == b.tobytes()
    assert twin.optimizer.iterations.item() == 8
