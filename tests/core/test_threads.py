"""How many threads compiled functions run on, and how it is set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import layers
from wubu.core.threads import default_threads
from wubu.errors import ArgumentError


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    wubu.set_num_threads(None)


def test_the_environment_decides_how_many() -> None:
    assert default_threads({"WUBU_THREADS": " 3 "}) == 3
    assert default_threads({}) >= 1
    assert default_threads({"WUBU_THREADS": ""}) == default_threads({})


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match="WUBU_THREADS"):
        default_threads({"WUBU_THREADS": text})


def test_the_default_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUBU_THREADS", "5")
    assert wubu.get_num_threads() == 5
    wubu.set_num_threads(3)
    assert wubu.get_num_threads() == 3
    wubu.set_num_threads(None)
    assert wubu.get_num_threads() == 5


@pytest.mark.parametrize("number", [0, -1, 1.5, "2", True])
def test_only_numbers_of_threads_are_taken(number: Any) -> None:
    with pytest.raises(ArgumentError, match="no number of threads"):
        wubu.set_num_threads(number)


def test_functions_are_compiled_for_each_number_once() -> None:
    weights = wubu.ones((256, 512))
    function = wubu.jit(lambda x: x @ weights, executor="native")
    x = np.ones((64, 256), np.float32)
    for _ in range(2):
        for number in (1, 2, 3):
            wubu.set_num_threads(number)
            assert function.program(x).threads == number
            assert (function(x).numpy() == 256).all()
    assert function.num_programs == 3


def test_models_go_on_with_another_number() -> None:
    model = wubu.Sequential([layers.Input((256,)), layers.Dense(512)])
    model.compile("sgd", "mse")
    x, y = np.ones((64, 256), np.float32), np.zeros((64, 512), np.float32)
    found = []
    for number in (1, 2):
        wubu.set_num_threads(number)
        losses = model.fit(x, y, 64, 2, verbose=0).history["loss"]
        assert model.program(x, y, 64).threads == number
        found += losses
    assert found == sorted(found, reverse=True)
    assert model.optimizer.iterations.item() == 4
