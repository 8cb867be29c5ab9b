"""The same seed gives the same bits: in one process, in the next, on any number of
threads that is the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import hashlib
import numpy as np
import wubu
from wubu import layers, recipes

random = np.random.default_rng(0)

def lenet():
    x = random.integers(0, 17, (128, 8, 8, 1)).astype("float32")
    return recipes.load("digits-lenet").model(), x, random.integers(0, 10, 128)

def recurrent():
    model = wubu.Sequential([
        layers.Input((12, 16)),
        layers.LSTM(32),
        layers.Dense(4, activation="softmax"),
    ])
    model.compile("rmsprop", "sparse_categorical_crossentropy")
    x = random.normal(size=(128, 12, 16)).astype("float32")
    return model, x, random.integers(0, 4, 128)

def dropped():
    model = wubu.Sequential([
        layers.Input((64,)),
        layers.Dense(256, activation="relu"),
        layers.BatchNormalization(),
        layers.Dropout(0.4),
        layers.Dense(256, activation="tanh"),
        layers.Dense(3),
    ])
    model.compile("adam", "mse")
    return model, random.normal(size=(128, 64)), random.normal(size=(128, 3))

for make in (lenet, recurrent, dropped):
    for _ in range(2):
        random = np.random.default_rng(0)
        wubu.set_random_seed(3)
        model, x, y = make()
        history = model.fit(x, y, 64, epochs=3, verbose=0).history
        parts = [w.tobytes() for w in model.get_weights()] + [repr(history).encode()]
        parts.append(model.predict(x[:50]).tobytes())
        print(make.__name__, hashlib.sha256(b"".join(parts)).hexdigest(), flush=True)
"""


def run(threads: int, hashes: int, folder: Path) -> list[str]:
    """What is learned in a process of its own, which compiles everything itself, and in
    which sets have another order."""
    environment = {
        **os.environ,
        "WUBU_THREADS": str(threads),
        "WUBU_CACHE": "1",
        "WUBU_CACHE_DIR": str(folder / f"code of {hashes}"),
        "PYTHONHASHSEED": str(hashes),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_seed_gives_the_same_bits(threads: int, tmp_path: Path) -> None:
    first, again = (run(threads, hashes, tmp_path) for hashes in (1, 2))
    assert first == again
    assert first[::2] == first[1::2]
    assert len(set(first)) == 3
