"""Ctrl-C: real signals, in processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from training.small import data, line

PROGRAM = """
import os, signal, sys, threading, time
import numpy as np
import wubu
from wubu import layers
from wubu.training.callbacks import LambdaCallback

x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
model = wubu.Sequential([layers.Input((4,)), layers.Dense(3), layers.Dense(1)])
model.compile("adam", "mse")
before = model.get_weights()
ctrl_c = lambda: os.kill(os.getpid(), signal.SIGINT)
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    source = PROGRAM + textwrap.dedent(program)
    return subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=60
    )


posix = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")


@posix
@pytest.mark.parametrize("size", [1, 64])
def test_training_stops_after_the_step_and_returns_its_history(size: int) -> None:
    """In the middle of many steps, or epochs, that run in one call."""
    found = run(
        """
        threading.Timer(0.5, ctrl_c).start()
        started = time.perf_counter()
        history = model.fit(x, x[:, :1], SIZE, epochs=10**6, verbose=0)
        assert time.perf_counter() - started < 30
        epochs = len(history.epoch)
        assert epochs == len(history.history.get("loss", [])) < 10**6
        assert all(np.isfinite(w).all() for w in model.get_weights())
        assert any((a != b).any() for a, b in zip(before, model.get_weights()))
        model.fit(x, x[:, :1], epochs=1, verbose=0)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        print("kept", flush=True)
        """.replace("SIZE", str(size))
    )
    assert found.stdout == "kept\n", found.stderr
    assert "stopped by Ctrl-C in epoch" in found.stderr
    assert "keeps what it has learned" in found.stderr
    assert found.returncode == 0


@posix
def test_an_interrupted_epoch_does_not_count() -> None:
    found = run(
        """
        done = []
        interrupt = LambdaCallback(
            on_train_batch_end=lambda b, logs: ctrl_c() if b == 1 and done else None,
            on_epoch_end=lambda epoch, logs: done.append(epoch),
            on_train_end=lambda logs: print("end", flush=True),
        )
        history = model.fit(x, x[:, :1], 16, epochs=9, callbacks=[interrupt], verbose=0)
        print(history.epoch, done, model.optimizer.iterations.item(), flush=True)
        """
    )
    assert found.stdout == "end\n[0] [0] 6\n", found.stderr
    assert "in epoch 2 of 9" in found.stderr


@posix
def test_the_second_ctrl_c_raises() -> None:
    found = run(
        """
        def twice(batch, logs):
            ctrl_c()
            ctrl_c()
            time.sleep(1)

        try:
            callback = LambdaCallback(on_train_batch_end=twice)
            model.fit(x, x[:, :1], epochs=9, callbacks=[callback], verbose=0)
        except KeyboardInterrupt:
            print("raised", flush=True)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        """
    )
    assert found.stdout == "raised\n", found.stderr


@posix
def test_evaluation_and_prediction_raise_after_the_step() -> None:
    found = run(
        """
        interrupt = LambdaCallback(
            on_test_batch_end=lambda b, logs: ctrl_c(),
            on_predict_batch_end=lambda b, logs: ctrl_c(),
        )
        for call in (
            lambda: model.evaluate(x, x[:, :1], callbacks=[interrupt], verbose=0),
            lambda: model.predict(x, callbacks=[interrupt]),
        ):
            try:
                call()
            except KeyboardInterrupt:
                print("raised", flush=True)
        """
    )
    assert found.stdout == "raised\nraised\n", found.stderr


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    found: list[float] = []

    def train() -> None:
        history = line().fit(*data(10), epochs=2, verbose=0)
        found.extend(history.history["loss"])

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert len(found) == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_a_handler_of_somebody_else_stays() -> None:
    before = signal.getsignal(signal.SIGINT)
    mine = lambda number, frame: None  # noqa: E731
    signal.signal(signal.SIGINT, mine)
    try:
        line().fit(*data(10), verbose=0)
        assert signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, before)
