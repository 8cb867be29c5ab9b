"""Training allocates nothing that stays: thousands of steps in a go, and epochs."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wubu
from training.small import data, deep, labels

STEPS = 3000


def resident() -> int:
    """Bytes of this process in memory."""
    with open("/proc/self/statm") as file:  # noqa: PTH123 - a file of the system
        return int(file.read().split()[1]) * 4096


def grown(run: Callable[[], Any], measure: Callable[[], int]) -> int:
    """What more runs of something add, once it is warm."""
    for _ in range(3):
        run()
    gc.collect()
    before = measure()
    for _ in range(10):
        run()
    gc.collect()
    return measure() - before


def in_one_call(model: Any) -> Callable[[], Any]:
    """Thousands of steps, Python not involved."""
    x, y = data(64)[0], labels(64)
    model.fit(x, y, 16, verbose=0)
    samples = np.tile(np.arange(16), (STEPS, 1))
    flag = np.zeros(1, np.int32)
    return lambda: model.steps("train").samples((x, y, None), samples, flag)


def in_epochs(model: Any) -> Callable[[], Any]:
    x, y = data(64)[0], labels(64)
    return lambda: model.fit(x, y, 4, epochs=20, verbose=0)


def batch_by_batch(model: Any) -> Callable[[], Any]:
    x, y = data(64)[0], labels(64)
    return lambda: [model.train_on_batch(x[:8], y[:8]) for _ in range(50)]


WAYS = [in_one_call, in_epochs, batch_by_batch]


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_left_of_many_steps(way: Any) -> None:
    """No object that may hold others: no arrays, tensors, nodes, logs."""
    assert grown(way(deep()), lambda: len(gc.get_objects())) < 20


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("way", WAYS)
def test_the_process_is_no_larger_after_many_steps(way: Any) -> None:
    """Machine code has memory of its own, which Python does not see."""
    assert grown(way(deep()), resident) < 4 * 2**20


def test_steps_in_one_call_allocate_nothing_at_all() -> None:
    """As much for thousands of steps as for one."""
    total = wubu.Variable(np.zeros((64, 64), np.float32))

    @wubu.jit
    def step(x: Any) -> Any:
        total.assign(total.value * 0.5 + x)
        return total.value.sum()

    def peak(steps: int) -> int:
        numbers = wubu.each(np.ones(steps, np.float32))
        step.run_steps(numbers)
        tracemalloc.start()
        try:
            step.run_steps(numbers)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(STEPS) < peak(1) + 2000
