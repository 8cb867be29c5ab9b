"""Vectors run over samples where that fills them, else along elements."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from wubu import layers, ops
from wubu.executors.native.planning.orientation import chosen_axes

F = np.float32


def over_samples(function: Any, *shapes: tuple[int, ...]) -> bool:
    graph = wubu.trace(function, *[np.zeros(shape, F) for shape in shapes])
    return bool(chosen_axes(graph, 16))


def network(batch: int) -> bool:
    model = wubu.Sequential(
        [
            layers.Conv2D(6, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    return over_samples(lambda x: model(x), (batch, 28, 28, 1))


@pytest.mark.parametrize("batch", [16, 64, 256])
def test_a_network_runs_over_a_batch(batch: int) -> None:
    assert network(batch)


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_it_runs_along_channels_if_there_are_few_samples(batch: int) -> None:
    assert not network(batch)


@pytest.mark.parametrize("batch", [16, 64, 256])
def test_dense_layers_run_along_units(batch: int) -> None:
    """Nothing has to be moved, and threads divide units or samples."""
    model = wubu.Sequential([layers.Dense(n, activation="relu") for n in (512, 10)])
    assert not over_samples(lambda x: model(x), (batch, 784))


def test_large_weights_meet_all_samples_of_a_batch() -> None:
    """Only wide layers fetch them ahead; one block of samples is none."""
    model = wubu.Sequential([layers.Dense(2048)])
    assert over_samples(lambda x: model(x), (64, 1024))
    assert not over_samples(lambda x: model(x), (16, 1024))


def test_what_is_summed_over_samples_runs_over_them() -> None:
    weight = np.zeros((512, 512), F)
    assert over_samples(lambda x: (x @ weight).T @ x, (64, 512))


def test_recurrence_runs_over_a_batch() -> None:
    """However long weights are: a loop has as many rounds as steps of time."""
    model = wubu.Sequential([layers.LSTM(128), layers.Dense(10)])
    assert over_samples(lambda x: model(x), (128, 28, 28))
    assert over_samples(lambda x: model(x), (128, 3, 28))


def test_few_features_run_over_samples_even_if_they_are_few() -> None:
    weight = np.zeros((2, 3), F)

    def function(x: Any) -> Any:
        for _ in range(10):
            x = ops.argmax(ops.sin(x @ weight) @ weight.T, -1, keepdims=True) + x
        return x

    assert over_samples(function, (12, 2))


def test_little_work_on_many_numbers_runs_along_them() -> None:
    assert not over_samples(lambda a, b: a @ b, (1, 784), (784, 512))
    assert not over_samples(lambda x: ops.exp(x) * 2 + 1, (1000, 100))


def test_nothing_runs_over_samples_that_are_mixed() -> None:
    assert not over_samples(lambda x: ops.cumsum(x, 0), (64, 5))
