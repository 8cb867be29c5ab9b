"""A built-in network is trained, saved and evaluated: what `demo` and `train` share."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from wubu import datasets
from wubu.cli.settings import RUNS, check_output, choose_executor
from wubu.models import Sequential, zoo
from wubu.ops.random import set_random_seed
from wubu.training.callbacks import Callback
from wubu.training.callbacks.callback import Logs
from wubu.training.callbacks.progress import progress_for


class Plan(NamedTuple):
    """What is to be done, with every default filled in."""

    network: zoo.Network
    seed: int
    executor: str
    epochs: int
    batch_size: int
    output: Path


class Samples(NamedTuple):
    """Data to train on, and data to test on.

    Shapes:
        x (samples, height, width, channels); y (samples,).
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


class Outcome(NamedTuple):
    """What training left."""

    history: dict[str, list[float]]
    seconds: float
    stopped: bool  # by Ctrl-C


def make_plan(
    name: str,
    *,
    seed: int,
    executor: str | None,
    epochs: int | None = None,
    batch_size: int | None = None,
    output: Path | None = None,
) -> Plan:
    """Fills in the defaults of a network and checks what was asked for.

    Raises:
        UnknownNameError: an unknown network or executor.
        ArgumentError, OSError: no model can be saved at `output`.
    """
    network = zoo.find(name)
    return Plan(
        network,
        seed,
        choose_executor(executor),
        network.epochs if epochs is None else epochs,
        network.batch_size if batch_size is None else batch_size,
        check_output(RUNS / f"{name}.wubu" if output is None else output),
    )


def load_samples(network: zoo.Network) -> Samples:
    """The data of a network, fetched if it is not on this machine."""
    (x_train, y_train), (x_test, y_test) = getattr(
        datasets, network.dataset
    ).load_data()
    shape = (-1, *network.input_shape)
    return Samples(x_train.reshape(shape), y_train, x_test.reshape(shape), y_test)


def build(plan: Plan) -> Sequential:
    """The compiled network with first weights drawn by the seed."""
    set_random_seed(plan.seed)
    return plan.network.build(plan.network)


def train(plan: Plan, model: Any, samples: Samples, stream: Any) -> Outcome:
    """Trains, showing progress on `stream`. Ctrl-C stops it after the running step."""
    watch = _Watch()
    shown = progress_for(1, stream)
    started = time.perf_counter()
    history = model.fit(
        samples.x_train,
        samples.y_train,
        batch_size=plan.batch_size,
        epochs=plan.epochs,
        callbacks=[watch, shown],
        verbose=0,
    )
    seconds = time.perf_counter() - started
    return Outcome(history.history, seconds, not watch.complete)


def evaluate(plan: Plan, model: Any, samples: Samples) -> dict[str, float]:
    """Loss and metrics on the test data, by name."""
    return model.evaluate(
        samples.x_test,
        samples.y_test,
        batch_size=plan.batch_size,
        return_dict=True,
        verbose=0,
    )


class _Watch(Callback):
    """Tells whether training reached its end."""

    def __init__(self) -> None:
        super().__init__()
        self._ended = 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._ended = epoch + 1

    @property
    def complete(self) -> bool:
        return self._ended == self.params["epochs"]
