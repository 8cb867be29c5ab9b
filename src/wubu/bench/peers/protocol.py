"""What the benchmark and its workers say to each other: JSON, one object per line.

    asked                                answered
    (nothing, at the start)              {"framework": "PyTorch", "versions": {...}}
    {"prepare": job}                     {"prepared": {"parameters": n, "detail": ""}}
    {"run": seconds}                     {"steps": n, "seconds": t, "others": share}

Instead of an answer there may be {"failed": "why, in one line"}; after it the worker
can be asked again. A job is the dictionary `Job` is made of. Standard output is for
answers only: whatever a framework prints goes to standard error.

Needs nothing but NumPy, so that every framework's Python can run it.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

SAMPLES = 12_800  # whole batches of 64, 128 and 256; 40 MB, more than caches hold


class Job(NamedTuple):
    """What is to be made ready.

    Attributes:
        layers: lists of a kind and what belongs to it, as `workloads.py` describes.
        input_shape: of a sample: (height, width, channels), or (time, features).
        batch: samples in a step.
        task: "train" or "predict".
        mode: which of the framework's ways to do it.
        threads: how many may work.
    """

    layers: list[list[Any]]
    input_shape: tuple[int, ...]
    batch: int
    task: str
    mode: str
    threads: int

    def samples(self) -> tuple[np.ndarray, np.ndarray]:
        """Random samples (samples, *input_shape) in [0, 1) and labels (samples,)."""
        rng = np.random.default_rng(0)
        x = rng.random((SAMPLES, *self.input_shape), np.float32)
        return x, rng.integers(0, 10, SAMPLES).astype(np.int32)

    def batches(self) -> tuple[np.ndarray, np.ndarray]:
        """The same, as (steps, batch, *input_shape) and (steps, batch)."""
        x, y = self.samples()
        return x.reshape(-1, self.batch, *self.input_shape), y.reshape(-1, self.batch)

    def has(self, kind: str) -> bool:
        """Whether a layer is of this kind."""
        return any(layer[0] == kind for layer in self.layers)


Steps = Callable[[int], int]  # does at least so many steps; returns how many


class Prepared(NamedTuple):
    """A job made ready.

    Attributes:
        steps: does at least so many steps, and returns how many when all are done.
        parameters: how many numbers are trained.
        detail: which setting turned out fastest, where there was a choice.
    """

    steps: Steps
    parameters: int
    detail: str = ""


class ImpossibleError(Exception):
    """This framework cannot do this job; the text says why."""


Prepare = Callable[[Job], Prepared]


def each(step: Callable[[int], Any]) -> Steps:
    """Steps from a function of one step; it gets 0, 1, 2, ... and goes on counting."""
    numbers = itertools.count()

    def steps(count: int) -> int:
        for number in itertools.islice(numbers, count):
            step(number)
        return count

    return steps


def fastest(settings: Mapping[str, Callable[[], Steps]]) -> tuple[Steps, str]:
    """Makes every setting ready, tries each for a moment, and keeps the fastest.

    A setting that fails is left out, unless all do.
    """
    made: dict[str, Steps] = {}
    times: dict[str, float] = {}
    failure: Exception | None = None
    for name, make in settings.items():
        try:
            steps = make()
            steps(1)
            made[name], times[name] = steps, measure(steps, 0.0)[1]
        except Exception as error:
            failure = error
    if not made:
        assert failure is not None
        raise failure
    near = [name for name in made if times[name] < 3 * min(times.values())]
    if len(near) > 1:
        times = {n: min(measure(made[n], 0.1)[1] for _ in range(3)) for n in near}
    best = min(near, key=times.__getitem__)
    return made[best], best


def measure(steps: Steps, seconds: float) -> tuple[int, float]:
    """About so many seconds of steps: how many, and seconds for one of them."""
    count, done, start = 1, 0, time.perf_counter()
    while True:
        done += steps(count)
        passed = time.perf_counter() - start
        left = seconds - passed
        if left <= 0:
            return done, passed / done
        # Few calls, so that what happens between them counts little.
        count = max(1, int(left * done / passed))


def run(steps: Steps, seconds: float) -> dict[str, Any]:
    """The answer to {"run": seconds}: caches are warmed before the clock starts."""
    _, each_takes = measure(steps, seconds / 10)
    others, start = used_by_others(), time.perf_counter()
    done = steps(max(1, round(seconds / each_takes)))
    passed = time.perf_counter() - start
    share = (used_by_others() - others) / passed
    return {"steps": done, "seconds": passed, "others": max(0.0, share)}


def used_by_others(statistics: Path = Path("/proc/stat")) -> float:
    """CPU seconds that the system has spent on anything but this process.

    Only differences mean something, to some hundredths of a second; 0 where the system
    does not tell.
    """
    try:
        first = statistics.read_text("ascii").splitlines()[0]
        ticks = os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError):
        return 0.0
    user, nice, system, _idle, _waiting, *rest = map(int, first.split()[1:9])
    return (user + nice + system + sum(rest)) / ticks - time.process_time()


def serve(framework: str, versions: Mapping[str, str], prepare: Prepare) -> None:
    """Answers until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # Line by line, so that last words outlive a crash.
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", closefd=False)

    def answer(data: Mapping[str, Any]) -> None:
        print(json.dumps(data), file=answers, flush=True)

    answer({"framework": framework, "versions": dict(versions)})
    ready: Prepared | None = None
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            if "prepare" in asked:
                ready = None  # frees the memory of what was there
                ready = prepare(Job(**asked["prepare"]))
                measure(ready.steps, 0.3)
                facts = {"parameters": ready.parameters, "detail": ready.detail}
                answer({"prepared": facts})
            elif ready is None:
                answer({"failed": "nothing has been prepared"})
            else:
                answer(run(ready.steps, asked["run"]))
        except Exception as error:
            answer({"failed": one_line(error)})


def one_line(error: BaseException) -> str:
    """What went wrong, in at most 200 characters."""
    text = " ".join(str(error).split())
    name = type(error).__name__
    return text[:200] if isinstance(error, ImpossibleError) else f"{name}: {text}"[:200]
