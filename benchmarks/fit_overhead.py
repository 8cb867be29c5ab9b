"""What `fit` costs beyond its steps.

    python benchmarks/fit_overhead.py [--workloads mlp,lenet] [--rounds 10]

The bare loop is one call that runs the steps of an epoch: loss only, batches as the
data lie, nothing shown. Against it stand the same steps with accuracy and samples
picked in another order, and `fit` with accuracy, shuffling and its display, on a
terminal and into a file: the first epoch of a call, which bears what the call does
once, and later ones. All take turns, with a bare loop before and after each; a ratio
is the median of those to the mean of the two.

Where others use the machine, that is known to a per cent or two at best. So the time
`fit` spends outside of its program is also given, which is known much better: together
with what accuracy and another order cost, it is the same sum.

Data are 60,000 random images, or as many as take about so many seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import statistics
import subprocess
import tempfile
import time
import unittest.mock
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from wubu.bench.workloads import WORKLOADS, Workload, build, find
from wubu.callbacks import LambdaCallback
from wubu.core.jit import Jit
from wubu.models import Sequential
from wubu.ops.random import set_random_seed
from wubu.training.feeds import make_feed
from wubu.training.readiness import make_ready

Run = Callable[[], dict[str, float]]  # to seconds, by name

SAMPLES = 60_000
LEAST = 4  # steps of an epoch
EPOCHS = 3  # of a call of `fit`
KINDS = [
    f"{kind}, {when}" for kind in ("terminal", "file") for when in ("1st", "later")
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workloads", default=",".join(WORKLOADS))
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=1.0, help="of an epoch")
    given = parser.parse_args()
    titles = ["workload", "steps", "bare loop", "accuracy, shuffled", *KINDS]
    print(f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}")
    for name in given.workloads.split(","):
        steps, rounds = measured(find(name), given.rounds, given.seconds)
        bare = statistics.median(times["bare"] for times in rounds)
        cells = [name, f"{steps:,}", f"{1e3 * bare:.1f} ms", over(rounds, "picked")]
        for kind in KINDS:
            outside = statistics.median(times[f"{kind}, outside"] for times in rounds)
            share = f"{1e3 * outside:.1f} ms, {100 * outside / bare:.1f} %"
            cells.append(f"{over(rounds, kind)} (outside {share})")
        print(f"| {' | '.join(cells)} |", flush=True)


def over(rounds: list[dict[str, float]], key: str) -> str:
    """By how much it takes longer than the bare loop."""
    ratio = statistics.median(times[key] / times[f"beside {key}"] for times in rounds)
    return f"{100 * (ratio - 1):+.1f} %"


def measured(
    workload: Workload, rounds: int, seconds: float
) -> tuple[int, list[dict[str, float]]]:
    """How many steps an epoch has, and the seconds of each round, by what is timed."""
    silent, counting = model(workload), model(workload, metrics=["accuracy"])
    x, y = samples(workload, SAMPLES)
    steps = min(len(x) // workload.batch, fitting(workload, silent, x, y, seconds))
    count = steps * workload.batch
    x, y = x[:count], y[:count]
    in_order, shuffled = np.arange(count), np.random.default_rng(0).permutation(count)
    bare = loop(workload, silent, x, y, in_order)
    picked = loop(workload, counting, x, y, shuffled)
    runs: list[Run] = [
        lambda: {"picked": seconds_of(picked)},
        lambda: epochs("terminal", counting, workload.batch, x, y),
        lambda: epochs("file", counting, workload.batch, x, y),
    ]
    return steps, [one_round(bare, runs) for _ in range(rounds + 1)][1:]


def one_round(bare: Callable[[], Any], runs: list[Run]) -> dict[str, float]:
    """The seconds of all, and of the bare loops beside each."""
    times: dict[str, float] = {}
    bares = [seconds_of(bare)]
    for run in runs:
        found = run()
        bares.append(seconds_of(bare))
        times |= found
        times |= {f"beside {key}": statistics.mean(bares[-2:]) for key in found}
    return times | {"bare": min(bares)}


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


def seconds_of(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def epochs(
    kind: str, made: Sequential, batch: int, x: np.ndarray, y: np.ndarray
) -> dict[str, float]:
    """Seconds of the epochs of a call of `fit`, and those outside of its program."""
    begun: list[float] = []
    note = LambdaCallback(on_epoch_begin=lambda *_: begun.append(time.perf_counter()))
    where = terminal() if kind == "terminal" else file()
    with where as stream, contextlib.redirect_stdout(stream), watched() as inside:
        start = time.perf_counter()
        made.fit(x, y, batch, epochs=EPOCHS, callbacks=[note])
        ends = [*begun[1:], time.perf_counter()]
    wholes: list[float] = []
    outsides: list[float] = []
    for begin, end in itertools.pairwise([start, *ends]):
        calls = [seconds for at, seconds in inside if begin <= at < end]
        wholes.append(end - begin)
        outsides.append(end - begin - sum(calls))
    return {
        f"{kind}, 1st": wholes[0],
        f"{kind}, later": statistics.median(wholes[1:]),
        f"{kind}, 1st, outside": outsides[0],
        f"{kind}, later, outside": statistics.median(outsides[1:]),
    }


@contextlib.contextmanager
def watched() -> Iterator[list[tuple[float, float]]]:
    """Notes when each call of a program began, and its seconds."""
    calls: list[tuple[float, float]] = []
    run_steps = Jit.run_steps

    def noted(self: Jit, *args: Any, **options: Any) -> Any:
        start = time.perf_counter()
        found = run_steps(self, *args, **options)
        calls.append((start, time.perf_counter() - start))
        return found

    with unittest.mock.patch.object(Jit, "run_steps", noted):
        yield calls


@contextlib.contextmanager
def terminal() -> Iterator[Any]:
    """A terminal that a process of its own reads."""
    outside, inside = os.openpty()
    reader = subprocess.Popen(
        ["cat"], stdin=outside, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(outside)
    time.sleep(0.05)  # it does not start while somebody measures
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
