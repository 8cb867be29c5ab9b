"""What all peers share: data, trying settings, counting steps."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from wubu.bench.peers import protocol
from wubu.bench.peers.protocol import Job, each, fastest, measure, run


def job(batch: int, *layers: str) -> Job:
    return Job([[name] for name in layers], (28, 28, 1), batch, "train", "", 2)


@pytest.mark.parametrize("batch", [1, 64, 128, 256])
def test_batches_are_all_samples_in_order(batch: int) -> None:
    x, y = job(batch).samples()
    xs, ys = job(batch).batches()
    assert xs.shape == (protocol.SAMPLES // batch, batch, 28, 28, 1)
    np.testing.assert_array_equal(xs.reshape(x.shape), x)
    np.testing.assert_array_equal(ys.reshape(-1), y)


def test_data_are_the_same_for_everybody_and_like_images() -> None:
    x, y = job(64).samples()
    again, labels = job(128).samples()
    np.testing.assert_array_equal(x, again)
    np.testing.assert_array_equal(y, labels)
    assert x.dtype == np.float32
    assert x.min() >= 0 and x.max() < 1
    assert set(np.unique(y)) == set(range(10))


def test_a_job_knows_its_layers() -> None:
    assert job(1, "flatten", "dense").has("dense")
    assert not job(1, "flatten").has("conv")


def test_steps_go_on_counting() -> None:
    seen: list[int] = []
    steps = each(seen.append)
    assert steps(2) == 2
    assert steps(3) == 3
    assert seen == [0, 1, 2, 3, 4]


class Clock:
    """A time that steps take."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        clock = SimpleNamespace(perf_counter=lambda: self.now)
        monkeypatch.setattr(protocol, "time", clock)
        monkeypatch.setattr(protocol, "used_by_others", lambda: 0.0)

    def steps(self, seconds: float, together: int = 1) -> protocol.Steps:
        def run(count: int) -> int:
            rounds = -(-count // together)
            self.now += rounds * together * seconds
            return rounds * together

        return run


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_measuring_takes_about_the_time_given(clock: Clock) -> None:
    done, each_takes = measure(clock.steps(0.01), 0.5)
    assert each_takes == pytest.approx(0.01)
    assert clock.now == pytest.approx(0.5, abs=0.02)
    assert done * each_takes == pytest.approx(clock.now)


def test_a_long_step_is_done_once(clock: Clock) -> None:
    assert measure(clock.steps(3.0), 0.5) == (1, 3.0)


def test_a_run_warms_up_and_then_counts(clock: Clock) -> None:
    answer = run(clock.steps(0.001), 0.5)
    assert answer["steps"] == pytest.approx(500, rel=0.01)
    assert answer["seconds"] == pytest.approx(0.5, rel=0.01)
    assert clock.now == pytest.approx(0.55, rel=0.02)
    assert answer["others"] == 0


def test_a_run_counts_what_was_done_not_what_was_asked(clock: Clock) -> None:
    answer = run(clock.steps(0.01, together=64), 0.5)
    assert answer["steps"] == 64
    assert answer["seconds"] == pytest.approx(0.64)


def test_what_others_use_is_what_the_system_did_without_us(tmp_path: Path) -> None:
    """The numbers are user, nice, system, idle, waiting, two interrupts, steal."""
    statistics = tmp_path / "stat"
    statistics.write_text("cpu  100 20 30 9999 999 4 5 6 0 0\ncpu0 1 2 3\n")
    ours = time.process_time()
    found = protocol.used_by_others(statistics)
    ticks = os.sysconf("SC_CLK_TCK")
    assert found == pytest.approx(165 / ticks - ours, abs=0.05)
    assert protocol.used_by_others(tmp_path / "missing") == 0


def test_the_fastest_setting_is_kept(clock: Clock) -> None:
    settings = {
        "slow": lambda: clock.steps(0.2),
        "quick": lambda: clock.steps(0.1),
        "middling": lambda: clock.steps(0.15),
    }
    steps, name = fastest(settings)
    assert name == "quick"
    before = clock.now
    steps(1)
    assert clock.now - before == pytest.approx(0.1)


def test_a_setting_that_fails_is_left_out(clock: Clock) -> None:
    def broken() -> protocol.Steps:
        raise RuntimeError("not on this machine")

    assert fastest({"broken": broken, "works": lambda: clock.steps(1)})[1] == "works"
    with pytest.raises(RuntimeError, match="not on this machine"):
        fastest({"broken": broken})


def test_reasons_fit_on_a_line() -> None:
    assert protocol.one_line(ValueError("a\n  b")) == "ValueError: a b"
    assert protocol.one_line(protocol.ImpossibleError("no such layer")) == (
        "no such layer"
    )
    assert len(protocol.one_line(ValueError("x" * 1000))) == 200
