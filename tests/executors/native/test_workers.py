"""The threads of programs: how many, what they answer, what ends them."""

from __future__ import annotations

import threading

import pytest

import wubu
from wubu.executors.native import executor
from wubu.executors.native.planning.work import ENOUGH, operations
from wubu.executors.native.running import workers
from wubu.executors.native.running.workers import _Job


def test_every_thread_is_called_once_at_the_same_time() -> None:
    meeting = threading.Barrier(4, timeout=20)
    called = []

    def call(number: int) -> int:
        meeting.wait()
        called.append(number)
        return 10 + number

    for _ in range(3):
        called.clear()
        assert workers.run(4, call) == 10
        assert sorted(called) == [0, 1, 2, 3]


def test_the_caller_computes_alone() -> None:
    assert workers.run(1, lambda number: threading.get_ident()) == threading.get_ident()
    assert workers.run(2, lambda number: threading.get_ident()) != threading.get_ident()


def test_errors_reach_the_caller_and_threads_live_on() -> None:
    def fail(number: int) -> int:
        if number == 1:
            raise ValueError("one")
        return number

    with pytest.raises(ValueError, match="one"):
        workers.run(2, fail)
    assert workers.run(2, lambda number: 7) == 7


def test_an_interrupted_job_is_recalled_or_waited_for() -> None:
    done: list[int] = []
    recalled = _Job(lambda number: done.append(number) or 0, 1)
    recalled.end()
    recalled.work()
    assert not done

    started, go_on = threading.Event(), threading.Event()

    def call(number: int) -> int:
        started.set()
        go_on.wait(20)
        done.append(number)
        return 0

    job = _Job(call, 2)
    thread = threading.Thread(target=job.work)
    thread.start()
    started.wait(20)
    threading.Timer(0.05, go_on.set).start()
    job.end()
    assert done == [2]
    thread.join()


def test_little_work_is_done_by_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUBU_THREADS", "2")
    small = wubu.trace(lambda x: (x * x).sum(), wubu.zeros((64, 3)))
    weights = wubu.ones((256, 512))
    large = wubu.trace(lambda x: x @ weights, wubu.zeros((64, 256)))
    assert operations(small) == 2 * 192
    assert operations(large) == 2 * 64 * 256 * 512 > ENOUGH
    assert executor.compile(small).threads == 1
    assert executor.compile(large).threads == 2


def test_work_of_a_convolution_and_its_gradients() -> None:
    kernel = wubu.Variable(wubu.ones((3, 3, 4, 8)))

    def step(x: wubu.Tensor) -> wubu.Tensor:
        loss = wubu.ops.conv(x, kernel, padding="valid").sum()
        loss.backward()
        return loss

    one = (
        2 * 2 * 6 * 6 * 8 * 3 * 3 * 4
    )  # two samples of 6 x 6 x 8, windows of 3 x 3 x 4
    found = operations(wubu.trace(step, wubu.zeros((2, 8, 8, 4))))
    assert 2 * one <= found < 2.1 * one
