"""A worker: a process that does a framework's steps when it is asked to.

Only one works at a time. Where the system can, the others are stopped, threads and all:
some thread pools spin while they have nothing to do, and would take the CPU from the
one that is measured.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import IO, Any, NamedTuple

START, PREPARE, RUN = 120.0, 300.0, 120.0  # seconds to wait for an answer

_CAN_STOP = hasattr(signal, "SIGSTOP")
# Libraries read one or the other of these when they are loaded.
_THREADS = (
    "WUBU_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)


class WorkerError(Exception):
    """A worker that failed, and why, in one line. Never leaves this room."""


class Round(NamedTuple):
    """How long a step took, and how many CPUs other processes kept busy meanwhile."""

    seconds: float
    others: float


class Worker:
    """A process that speaks the protocol of `peers/protocol.py`.

    Args:
        python: the interpreter that has the framework.
        script: of `peers/`.
        threads: how many it may use.

    Raises:
        WorkerError: it does not start.
    """

    def __init__(self, python: Path, script: Path, threads: int) -> None:
        settings = dict.fromkeys(_THREADS, str(threads))
        # A group of its own: what it starts is stopped and ended with it, and where
        # this process dies, the system ends stopped groups that nobody can wake.
        own: dict[str, Any] = {"process_group": 0} if _CAN_STOP else {}
        self._log = _log()
        self._process = subprocess.Popen(
            [str(python), str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
            env={**os.environ, **settings},
            **own,
        )
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            hello = self._answer(START)
        except BaseException:
            self.close()
            raise
        self.framework: str = hello["framework"]
        self.versions: dict[str, str] = hello["versions"]
        self._pause()

    def prepare(self, job: dict[str, Any]) -> dict[str, Any]:
        """Makes a job ready; the answer says how many parameters it has.

        Raises:
            WorkerError: it cannot.
        """
        return self._ask({"prepare": job}, PREPARE)["prepared"]

    def run(self, seconds: float) -> Round:
        """Does steps for about so many seconds.

        Raises:
            WorkerError: it cannot.
        """
        answer = self._ask({"run": seconds}, RUN + 10 * seconds)
        return Round(answer["seconds"] / answer["steps"], answer["others"])

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """Ends the process and whatever it has started."""
        with contextlib.suppress(OSError):
            if _CAN_STOP:
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]

    def _ask(self, request: dict[str, Any], patience: float) -> dict[str, Any]:
        self._signal("SIGCONT")
        try:
            assert self._process.stdin is not None
            with contextlib.suppress(OSError):  # gone; the answer will say so
                self._process.stdin.write(json.dumps(request) + "\n")
                self._process.stdin.flush()
            answer = self._answer(patience)
        finally:
            self._pause()
        if "failed" in answer:
            raise WorkerError(answer["failed"])
        return answer

    def _answer(self, patience: float) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=patience)
        except queue.Empty:
            self.close()
            raise WorkerError(f"no answer for {patience:.0f} seconds") from None
        if not line:
            raise WorkerError(self._last_words())
        return json.loads(line)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError):  # closed
            for line in self._process.stdout:
                self._answers.put(line)
        self._answers.put("")

    def _last_words(self) -> str:
        """Why the process ended, as far as it said."""
        code = self._process.wait()
        self._log.seek(0)
        lines = [line.strip() for line in self._log if line.strip()]
        said = f": {lines[-1][:160]}" if lines else ""
        return f"ended with code {code}{said}"

    def _pause(self) -> None:
        self._signal("SIGSTOP")

    def _signal(self, name: str) -> None:
        if _CAN_STOP and self._process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, getattr(signal, name))


def _log() -> IO[str]:
    """A file for what a worker says beside its answers; it vanishes when closed."""
    return tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
