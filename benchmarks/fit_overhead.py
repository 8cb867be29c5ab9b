"""What `fit` costs beyond its steps.

    python benchmarks/fit_overhead.py [--workloads mlp,lenet] [--rounds 5] [--seconds 1]

The bare loop is one call that runs the steps of an epoch: loss only, batches as the
data lie, nothing shown. Against it stand: the same with samples picked in another
order; that with accuracy besides; and `fit` with accuracy, shuffling and its display,
on a terminal and into a file. The first epoch has all that `fit` does before, the
second all that it does after. They take turns; what counts is the fastest of all
rounds.

Data are 60,000 random images, or as many as take about so many seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from wubu.bench.workloads import WORKLOADS, Workload, build, find
from wubu.callbacks import LambdaCallback
from wubu.models import Sequential
from wubu.ops.random import set_random_seed
from wubu.training.feeds import make_feed
from wubu.training.readiness import make_ready

Run = Callable[[], dict[str, float]]  # to seconds, by name

SAMPLES = 60_000
LEAST = 4  # steps of an epoch
COLUMNS = [
    ("picked", "shuffled"),
    ("accuracy", "with accuracy"),
    ("terminal, 1st", "fit, terminal: 1st epoch"),
    ("terminal, 2nd", "2nd"),
    ("file, 1st", "fit, file: 1st"),
    ("file, 2nd", "2nd"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workloads", default=",".join(WORKLOADS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of an epoch")
    given = parser.parse_args()
    titles = ["workload", "steps", "bare loop, ms", *(title for _, title in COLUMNS)]
    print(f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}")
    for name in given.workloads.split(","):
        steps, times = measured(find(name), given.rounds, given.seconds)
        bare = times["bare"]
        cells = [name, f"{steps:,}", f"{1e3 * bare:.1f}"]
        cells += [f"{100 * (times[key] / bare - 1):+.1f} %" for key, _ in COLUMNS]
        print(f"| {' | '.join(cells)} |", flush=True)


def measured(
    workload: Workload, rounds: int, seconds: float
) -> tuple[int, dict[str, float]]:
    """How many steps an epoch has, and its seconds, by column."""
    silent, counting = model(workload), model(workload, metrics=["accuracy"])
    x, y = samples(workload, SAMPLES)
    steps = min(len(x) // workload.batch, fitting(workload, silent, x, y, seconds))
    count = steps * workload.batch
    x, y = x[:count], y[:count]
    in_order, shuffled = np.arange(count), np.random.default_rng(0).permutation(count)
    runs: list[Run] = [
        timed("bare", loop(workload, silent, x, y, in_order)),
        timed("picked", loop(workload, silent, x, y, shuffled)),
        timed("accuracy", loop(workload, counting, x, y, shuffled)),
        lambda: epochs("terminal", counting, workload.batch, x, y),
        lambda: epochs("file", counting, workload.batch, x, y),
    ]
    times: dict[str, list[float]] = {}
    for number in range(rounds + 1):
        for run in runs:
            for key, value in run().items():
                times.setdefault(key, []).extend([value] if number else [])
    return steps, {key: min(values) for key, values in times.items()}


def model(workload: Workload, metrics: Any = None) -> Sequential:
    """The network of the benchmark; with metrics if there are any."""
    set_random_seed(0)
    made = build(workload.layers, workload.input_shape)
    if metrics:
        made.compile("adam", made.loss, metrics=metrics)
    return made


def samples(workload: Workload, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Random images in [0, 1) and labels."""
    rng = np.random.default_rng(0)
    x = rng.random((count, *workload.input_shape), np.float32)
    return x, rng.integers(0, 10, count).astype(np.int32)


def fitting(
    workload: Workload, made: Sequential, x: np.ndarray, y: np.ndarray, seconds: float
) -> int:
    """How many steps take so many seconds."""
    run = loop(workload, made, x, y, np.arange(LEAST * workload.batch))
    run()
    start = time.perf_counter()
    run()
    return max(LEAST, round(seconds * LEAST / (time.perf_counter() - start)))


def loop(
    workload: Workload,
    made: Sequential,
    x: np.ndarray,
    y: np.ndarray,
    order: np.ndarray,
) -> Callable[[], Any]:
    """The steps of an epoch, in one call."""
    feed = make_feed(x, y, batch_size=workload.batch)
    make_ready(made, feed, "train")
    steps, never = made.steps("train"), np.zeros(1, np.int32)
    rows = order.reshape(-1, workload.batch)
    return lambda: steps.samples((x, y, None), rows, never)


def timed(key: str, run: Callable[[], Any]) -> Run:
    """Its seconds, by this name."""

    def call() -> dict[str, float]:
        start = time.perf_counter()
        run()
        return {key: time.perf_counter() - start}

    return call


def epochs(
    kind: str, made: Sequential, batch: int, x: np.ndarray, y: np.ndarray
) -> dict[str, float]:
    """Seconds of both epochs of a call of `fit`."""
    begun: list[float] = []
    note = LambdaCallback(on_epoch_begin=lambda *_: begun.append(time.perf_counter()))
    where = terminal() if kind == "terminal" else file()
    with where as stream, contextlib.redirect_stdout(stream):
        start = time.perf_counter()
        made.fit(x, y, batch, epochs=2, callbacks=[note])
        end = time.perf_counter()
    return {f"{kind}, 1st": begun[1] - start, f"{kind}, 2nd": end - begun[1]}


@contextlib.contextmanager
def terminal() -> Iterator[Any]:
    """A terminal that a process of its own reads."""
    outside, inside = os.openpty()
    reader = subprocess.Popen(
        ["cat"], stdin=outside, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(outside)
    with os.fdopen(inside, "w") as stream:
        yield stream
    reader.wait()


@contextlib.contextmanager
def file() -> Iterator[Any]:
    """A file that nobody reads."""
    with tempfile.TemporaryFile("w") as stream:
        yield stream


if __name__ == "__main__":
    main()
