"""The measured peak: multiply-adds on registers, and a number one can believe."""

from __future__ import annotations

import pytest

from wubu.core.executors import load_executor
from wubu.executors.native.looking import peak
from wubu.executors.native.machine.target import _optimised, target


def test_loop_is_multiply_adds_in_registers() -> None:
    chosen = target()
    _, module = _optimised(peak._loop(chosen), chosen)
    body = str(module).split("\nround.body.")[1].split("br label")[0]
    lines = body.splitlines()
    adds = [line for line in lines if "llvm.fma" in line or "fadd" in line]
    assert len(adds) == peak._SUMS
    assert not [line for line in lines if " load " in line or "store " in line]


def test_peak_is_a_speed_of_the_executor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peak, "_SECONDS", 1e-4)
    found = load_executor("native").peak(1)
    # At least one operation in ten nanoseconds; at most 16 lanes, 4 pipes, 10 GHz.
    assert 1e8 < found < 16 * 4 * 2 * 1e10


def test_the_best_trial_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peak, "_SECONDS", 1e-5)
    found = peak.Peak(1)
    times = iter([0.4, 0.2, 0.3, 0.5, 0.5, 0.1])
    monkeypatch.setattr(found, "_seconds", lambda: next(times))
    seen = []
    for _ in range(3):
        found.look(2)
        seen.append(found.best)
    assert seen[0] == seen[1] == seen[2] / 2


def test_sums_stay_ordinary_numbers() -> None:
    start = peak._start_values(target())
    assert start.size == (2 + peak._SUMS) * target().lanes
    assert start.ctypes.data % 64 == 0
    x, y, *sums = start.reshape(-1, target().lanes)
    total = sums[0]
    for _ in range(100):
        total = total * x + y
    assert total.tolist() == [1.0] * target().lanes
