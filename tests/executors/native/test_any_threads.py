"""With deterministic algorithms any number of threads gives the same bits."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import layers, recipes
from wubu.errors import ArgumentError
from wubu.executors import native
from wubu.executors.native.machine.fingerprint import fingerprint
from wubu.executors.native.machine.target import target

random = np.random.default_rng(0)
BATCH = 72  # blocks of 16, 8 or 4 samples, more than threads; the last may be short


def lenet() -> tuple[Any, Any, Any]:
    x = random.integers(0, 17, (BATCH + 40, 8, 8, 1)).astype("float32")
    return recipes.load("digits-lenet").model(), x, random.integers(0, 10, len(x))


def recurrent() -> tuple[Any, Any, Any]:
    model = wubu.Sequential(
        [layers.Input((6, 12)), layers.LSTM(20), layers.Dense(4, activation="softmax")]
    )
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x = random.normal(size=(BATCH + 40, 6, 12)).astype("float32")
    return model, x, random.integers(0, 4, len(x))


def wide() -> tuple[Any, Any, Any]:
    """Weights that do not fit into a cache, some of which are regularized."""
    model = wubu.Sequential(
        [
            layers.Input((300,)),
            layers.Dense(520, activation="relu", kernel_regularizer="l2"),
            layers.Dense(400, activation="tanh"),
            layers.Dense(3),
        ]
    )
    model.compile(wubu.optimizers.SGD(0.1, clipnorm=1.0), "mse")
    x = random.normal(size=(BATCH + 40, 300)).astype("float32")
    return model, x, random.normal(size=(len(x), 3)).astype("float32")


def dropped() -> tuple[Any, Any, Any]:
    model = wubu.Sequential(
        [
            layers.Input((30,)),
            layers.Dense(40, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.4),
            layers.Dense(50, activation="tanh"),
            layers.Dense(3),
        ]
    )
    model.compile("adam", "mse", metrics=["mae"])
    x = random.normal(size=(BATCH + 40, 30)).astype("float32")
    return model, x, random.normal(size=(len(x), 3)).astype("float32")


def embedded() -> tuple[Any, Any, Any]:
    """Slices of all samples are added to one table."""
    model = wubu.Sequential(
        [layers.Input((7,)), layers.Embedding(9, 8), layers.Flatten(), layers.Dense(3)]
    )
    model.compile("adam", "mse")
    x = random.integers(0, 9, (BATCH + 40, 7))
    return model, x, random.normal(size=(len(x), 3)).astype("float32")


@pytest.fixture(autouse=True)
def whatever_the_work(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Programs with little to do run on as many threads as others."""
    monkeypatch.setattr(native, "ENOUGH", 0)
    wubu.use_deterministic_algorithms()
    yield
    wubu.use_deterministic_algorithms(False)


def learned(make: Callable[[], tuple[Any, Any, Any]]) -> list[bytes]:
    """Everything that two epochs leave, and what is predicted then."""
    global random
    random = np.random.default_rng(0)
    wubu.set_random_seed(3)
    model, x, y = make()
    history = model.fit(x, y, BATCH, epochs=2, verbose=0).history
    found = [np.float64(numbers).tobytes() for numbers in history.values()]
    found += [weights.tobytes() for weights in model.get_weights()]
    return [*found, model.predict(x, BATCH).tobytes()]


@pytest.mark.parametrize("make", [lenet, recurrent, wide, dropped, embedded])
def test_any_number_of_threads_gives_the_same_bits(
    make: Callable[[], tuple[Any, Any, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for threads in (1, 2, 3, 5):
        monkeypatch.setenv("WUBU_THREADS", str(threads))
        found.append(learned(make))
    assert found[1:] == found[:1] * 3


def product(x: Any, w: Any) -> Any:
    """Sums over samples, as in the gradient of weights."""
    return wubu.ops.matmul(x.T, wubu.ops.tanh(wubu.ops.matmul(x, w)))


X = random.normal(size=(300, 5)).astype("float32")
W = random.normal(size=(5, 3)).astype("float32")


def test_the_parts_of_a_sum_do_not_depend_on_the_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sums = []
    for threads in (1, 3):
        monkeypatch.setenv("WUBU_THREADS", str(threads))
        f = wubu.jit(product, executor="native")
        sums.append(f(X, W).numpy())
        program = f.program(X, W)
        assert program.threads == threads
        assert "sums over samples in 8 parts" in program.text().splitlines()
    assert sums[0].tobytes() == sums[1].tobytes()
    exact = X.T.astype(float) @ np.tanh(X.astype(float) @ W)
    np.testing.assert_allclose(sums[0], exact, 1e-4, 1e-4)


def test_switching_compiles_once_more() -> None:
    f = wubu.jit(product, executor="native")
    f(X, W)
    wubu.use_deterministic_algorithms(False)
    assert not wubu.are_deterministic_algorithms_enabled()
    assert "in 8 parts" not in f.program(X, W).text()
    wubu.use_deterministic_algorithms()
    f(X, W)
    assert f.num_programs == 2


def test_a_profile_knows_the_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUBU_THREADS", "2")
    found = wubu.jit(product, executor="native").profile(X, W, steps=3)
    assert found.threads == 2
    assert "outer" in {record.form for record in found.records}


def test_the_cache_tells_the_modes_apart() -> None:
    graph = wubu.trace(product, X, W)
    prints = {fingerprint(graph, target(), 2, parts) for parts in (None, 2, 8)}
    assert len(prints) == 3


@pytest.mark.parametrize(("value", "on"), [("1", True), ("0", False), ("", False)])
def test_the_environment_sets_it_for_a_process(value: str, on: bool) -> None:
    code = "import wubu; print(wubu.are_deterministic_algorithms_enabled())"
    environment = {**os.environ, "WUBU_DETERMINISTIC": value}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(on), done.stderr


def test_what_is_no_mode_is_refused() -> None:
    with pytest.raises(ArgumentError, match="True or False"):
        wubu.use_deterministic_algorithms("yes")  # type: ignore[arg-type]
