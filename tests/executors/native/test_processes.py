"""Training beside other processes, threads and signals: fork and spawn, workers that
make batches, two models at once, handlers that raise."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from training.small import bits
from wubu import layers, optimizers

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
posix = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")

# A model with so much to do that it is trained on several threads.
TRAIN = """
import hashlib, multiprocessing, os, signal, sys, threading, time
import numpy as np
import wubu
from wubu import layers

X = np.random.default_rng(0).normal(size=(512, 128)).astype("float32")

def make(seed=0):
    wubu.set_random_seed(seed)
    model = wubu.Sequential([
        layers.Input((128,)),
        layers.Dense(256, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(1),
    ])
    model.compile("adam", "mse")
    return model

def train(seed=0, epochs=2):
    model = make(seed)
    model.fit(X, X[:, :1], 256, epochs=epochs, verbose=0)
    (compiled,) = next(iter(model.steps("train")._on_samples._programs._table.values()))
    assert compiled.program.threads == 2
    return mark(model)

def mark(model):
    weights = b"".join(w.tobytes() for w in model.get_weights())
    return hashlib.sha256(weights).hexdigest()
"""


def run(program: str, folder: Path) -> str:
    """What a script prints that may start processes of its own."""
    script = folder / "script.py"
    script.write_text(TRAIN + textwrap.dedent(program))
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "WUBU_THREADS": "2", "WUBU_CACHE_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# -- processes ------------------------------------------------------------------------


@pytest.mark.parametrize("method", [pytest.param("fork", marks=forks), "spawn"])
def test_children_train_as_the_parent_did(method: str, tmp_path: Path) -> None:
    """On threads of their own: those of the parent do not survive a fork."""
    program = f"""
    if __name__ == "__main__":
        wanted = [train(seed) for seed in range(2)]
        with multiprocessing.get_context("{method}").Pool(2) as pool:
            print(pool.map(train, range(2)) == wanted == [train(0), train(1)])
    """
    assert run(program, tmp_path) == "True"


@forks
def test_a_child_may_be_born_while_another_thread_trains(tmp_path: Path) -> None:
    program = """
    if __name__ == "__main__":
        wanted = train()
        ended = threading.Event()
        def on():
            while not ended.is_set():
                train(1)
        thread = threading.Thread(target=on)
        thread.start()
        children = []
        for _ in range(4):
            time.sleep(0.05)
            child = os.fork()
            if child == 0:
                os._exit(train() != wanted)
            children.append(child)
        print([os.waitpid(child, 0)[1] for child in children])
        ended.set()
        thread.join()
        print(train() == wanted)
    """
    assert run(program, tmp_path) == "[0, 0, 0, 0]\nTrue"


@forks
def test_workers_make_batches_while_training_goes_on(tmp_path: Path) -> None:
    program = """
    scale = wubu.jit(lambda x: x * 2.0)
    def batch(i):
        x = scale(X[i % 256 : i % 256 + 256]).numpy()
        return x, x[:, :1]

    class Batches:
        def __init__(self, get):
            self.get = get
        def __iter__(self):
            return iter(self.get(batch, range(8)))

    if __name__ == "__main__":
        train()
        found = []
        with multiprocessing.get_context("fork").Pool(2) as pool:
            for get in (pool.imap, map):
                model = make()
                model.fit(Batches(get), epochs=3, verbose=0)
                found.append(mark(model))
        print(found[0] == found[1])
    """
    assert run(program, tmp_path) == "True"


# -- threads --------------------------------------------------------------------------


def trained(seed: int) -> list[bytes]:
    random = np.random.default_rng(seed)
    x = random.normal(size=(64, 5)).astype("float32")
    model = wubu.Sequential([layers.Input((5,)), layers.Dense(7), layers.Dense(1)])
    model.set_weights([random.normal(size=w.shape) for w in model.weights])
    model.compile(optimizers.Adam(0.01), "mse")
    for _ in range(10):
        model.fit(x, x[:, :1], 8, epochs=2, shuffle=False, verbose=0)
        model.evaluate(x, x[:, :1], verbose=0)
    return bits(model)


def test_models_trained_at_once_learn_as_they_do_alone() -> None:
    alone = [trained(seed) for seed in range(3)]
    found: dict[int, Any] = {}

    def train(seed: int) -> None:
        found[seed] = trained(seed)

    threads = [threading.Thread(target=train, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[seed] for seed in range(3)] == alone


# -- signals --------------------------------------------------------------------------


@posix
def test_ctrl_c_in_a_long_fit_ends_it_after_the_step(tmp_path: Path) -> None:
    """Steps that run many in a go, on two threads; training goes on afterwards."""
    program = """
    model = make()
    model.fit(X, X[:, :1], 256, verbose=0)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    model.fit(X, X[:, :1], 256, epochs=10**7, verbose=0)
    done = model.optimizer.iterations.item()
    model.fit(X, X[:, :1], 256, verbose=0)
    assert model.optimizer.iterations.item() == done + 2
    print(all(np.isfinite(w).all() for w in model.get_weights()), done < 10**7)
    """
    assert run(program, tmp_path) == "True True"


@posix
def test_a_handler_that_raises_leaves_whole_steps_behind(tmp_path: Path) -> None:
    """Weights are those of the steps that are counted."""
    program = """
    class Late(Exception):
        pass

    def late(number, frame):
        raise Late

    signal.signal(signal.SIGALRM, late)
    found = []
    for seconds in (0.1, 0.17):
        model = make()
        model.fit(X, X[:, :1], 256, verbose=0)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            model.fit(X, X[:, :1], 256, epochs=10**7, verbose=0, shuffle=False)
        except Late:
            found.append("late")
        steps = model.optimizer.iterations.item()
        again = make()
        again.fit(X, X[:, :1], 256, verbose=0)
        again.fit(X, X[:, :1], 256, epochs=steps // 2 - 1, verbose=0, shuffle=False)
        if steps % 2:
            again.fit(X[:256], X[:256, :1], 256, verbose=0, shuffle=False)
        assert again.optimizer.iterations.item() == steps
        found.append(mark(again) == mark(model))
    print(found)
    """
    assert run(program, tmp_path) == str(["late", True] * 2)
