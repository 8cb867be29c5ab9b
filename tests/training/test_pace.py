"""How many steps are done before training looks up."""

from __future__ import annotations

import numpy as np
import pytest

from wubu.data import ArrayDataset, Batches
from wubu.training import pace
from wubu.training.feeds import ArrayFeed
from wubu.training.pace import Pace


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def perf_counter(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pace, "time", made)
    return made


def looks(clock: Clock, seconds_a_step: float, count: int) -> list[int]:
    """How many steps are done between looks, one look after the other."""
    chosen, found = Pace(), []
    for _ in range(count):
        found.append(chosen.next())
        clock.seconds += found[-1] * seconds_a_step
        chosen.done(found[-1])
    return found


@pytest.mark.parametrize("seconds", [1e-5, 0.0006, 0.004, 0.03, 0.1])
def test_soon_there_are_several_looks_a_second(clock: Clock, seconds: float) -> None:
    steps = looks(clock, seconds, 12)
    assert steps[0] == 1 and len(set(steps[-3:])) == 1
    assert 0.1 <= steps[-1] * seconds <= 0.25
    assert all(n * seconds <= 0.25 for n in steps)


def test_slow_steps_are_looked_at_one_by_one(clock: Clock) -> None:
    assert looks(clock, 2.0, 4) == [1] * 4


class Counted:
    """Steps that only count."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.rows: list[int] = []

    def samples(self, arrays: object, samples: np.ndarray, flag: object) -> tuple:
        self.rows.append(len(samples))
        self.clock.seconds += 0.001 * len(samples)
        return {}, len(samples)


def test_epochs_go_on_at_the_pace_of_those_before(clock: Clock) -> None:
    """Steps of a millisecond: 128 of them take about long enough."""
    data = ArrayDataset(np.zeros((200, 1), "float32"))
    feed = ArrayFeed(data, Batches(200, 1, shuffle=False, seed=None))
    steps, epochs = Counted(clock), []
    for epoch in range(2):
        feed.start(epoch)
        while feed.goes_on():
            feed.advance(steps, None, np.zeros(1, np.int32))  # type: ignore[arg-type]
        epochs.append(steps.rows)
        steps.rows = []
    assert epochs == [[1, 8, 64, 127], [128, 72]]
    feed.start(2)
    feed.advance(steps, 3, np.zeros(1, np.int32))  # type: ignore[arg-type]
    assert steps.rows == [3]
