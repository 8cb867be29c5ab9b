"""The threads that machine code runs on.

They are started when first needed, wait without using the CPU, and end with the
process. What takes long runs on them alone, also if one thread is enough: the caller
only waits, so that Python can handle signals meanwhile. A handler may raise, as that of
Ctrl-C does; then the calls are asked to stop, and never is one of them left waiting for
another.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable

Call = Callable[[int], int]  # number of the thread -> the answer
_LOOK = 0.1  # seconds; where locks ignore signals, Python handles them this often


class _Job:
    """One call on one thread."""

    def __init__(self, call: Call, number: int) -> None:
        self._call = call
        self._number = number
        self._ticket = [number]  # whoever takes it decides: run, or never run
        self._finished = False
        self._done = threading.Lock()
        self._done.acquire()
        self.answer = 0
        self._error: BaseException | None = None

    def work(self) -> None:
        if not self._take():
            return
        try:
            self.answer = self._call(self._number)
        except BaseException as error:
            self._error = error
        self._finished = True
        self._done.release()

    def wait(self) -> int:
        """Waits for the answer; handlers of signals run meanwhile."""
        while not self._done.acquire(timeout=_LOOK):
            pass
        if self._error is not None:
            raise self._error
        return self.answer

    def end(self) -> None:
        """Sees to it that it is not running: recalls it, or waits."""
        if self._take():
            return
        while not self._finished:
            with contextlib.suppress(BaseException):
                self._done.acquire()

    def _take(self) -> bool:
        try:
            self._ticket.pop()
        except IndexError:
            return False
        return True


class _Crew:
    """As many threads as anybody has asked for; the first leads the others."""

    def __init__(self) -> None:
        self._queues: list[queue.SimpleQueue[_Job]] = []

    def run(self, threads: int, call: Call, stop: Callable[[], None]) -> int:
        while len(self._queues) < threads:
            self._queues.append(self._start())
        leader, *others = self._queues[:threads]

        # Signals never reach this function: it does not run in the main thread.
        def lead(number: int) -> int:
            jobs = [_Job(call, i) for i in range(1, threads)]
            for waiting, job in zip(others, jobs, strict=True):
                waiting.put(job)
            answer = call(number)
            for job in jobs:
                job.wait()
            return answer

        job = _Job(lead, 0)
        try:
            leader.put(job)
            return job.wait()
        except BaseException:
            stop()
            job.end()
            raise

    def _start(self) -> queue.SimpleQueue[_Job]:
        jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        name = f"wubu-native-{len(self._queues)}"
        threading.Thread(target=_work, args=(jobs,), name=name, daemon=True).start()
        return jobs


def _work(jobs: queue.SimpleQueue[_Job]) -> None:
    while True:
        jobs.get().work()


def run(threads: int, call: Call, stop: Callable[[], None] | None = None) -> int:
    """Runs `call(0)`, `call(1)` ... on so many threads at once, and returns the answer
    of the first. Callers take turns: see `turn`.

    Args:
        stop: has calls that take long end soon, when a handler of a signal raises.
    """
    if threads == 1 and (stop is None or not _handles_signals()):
        return call(0)
    return _crew.run(threads, call, stop or _nothing)


def _nothing() -> None:
    """Calls that do not take long are waited for."""


def _handles_signals() -> bool:
    """Whether this is the thread in which Python runs handlers of signals."""
    return threading.current_thread() is threading.main_thread()


def _start_anew() -> None:
    """In the child of a fork there are no threads, and nobody will return the lock."""
    global turn, _crew
    turn, _crew = threading.Lock(), _Crew()


turn = threading.Lock()  # held by whoever runs a program; programs share the threads
_crew = _Crew()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
