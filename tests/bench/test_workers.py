"""A worker answers, is stopped while it is not asked, and ends when it is told to."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wubu.bench import workers
from wubu.bench.environments import Peer
from wubu.bench.workers import Worker, WorkerError


@pytest.fixture
def worker(fake: Callable[..., Peer]) -> Iterator[Worker]:
    made = Worker(Path(sys.executable), fake().script, 2)
    yield made
    made.close()


def job(mode: str) -> dict[str, Any]:
    return {
        "layers": [],
        "input_shape": (4, 4, 1),
        "batch": 64,
        "task": "train",
        "mode": mode,
        "threads": 2,
    }


def state(worker: Worker) -> str:
    text = Path(f"/proc/{worker._process.pid}/stat").read_text()
    return text.rpartition(")")[2].split()[0]


def test_it_says_what_it_is(worker: Worker) -> None:
    assert worker.framework == "Fake"
    assert worker.versions == {"fake": "1.2.3"}


def test_it_does_steps(worker: Worker) -> None:
    answer = worker.prepare(job("quick"))
    assert answer == {"parameters": 64, "detail": "train on 2"}
    assert worker.run(0.01).seconds >= 0.001


def test_it_can_be_asked_again_after_a_failure(worker: Worker) -> None:
    with pytest.raises(WorkerError, match=r"^nothing has been prepared$"):
        worker.run(0.01)
    with pytest.raises(WorkerError, match=r"^it cannot do this$"):
        worker.prepare(job("impossible"))
    worker.prepare(job("quick"))
    assert worker.run(0.01).seconds >= 0.001


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_it_is_stopped_while_nobody_asks(worker: Worker) -> None:
    worker.prepare(job("quick"))
    assert _soon(lambda: state(worker) == "T")


def test_a_worker_that_hangs_is_ended(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.prepare(job("quick"))
    monkeypatch.setattr(workers, "RUN", 0.0)
    monkeypatch.setattr(worker, "_signal", lambda name: None)  # it stays stopped
    if not hasattr(signal, "SIGSTOP"):
        pytest.skip("nothing stops it here")
    with pytest.raises(WorkerError, match="no answer for"):
        worker.run(0.01)
    assert not worker.alive


def test_closing_ends_a_stopped_process(worker: Worker) -> None:
    worker.close()
    assert not worker.alive


def test_threads_are_named_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "says.py"
    script.write_text(
        "import json, os\n"
        "threads = {n: os.environ[n] for n in ('OMP_NUM_THREADS', 'WUBU_THREADS')}\n"
        "print(json.dumps({'framework': 'Env', 'versions': threads}), flush=True)\n"
    )
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    worker = Worker(Path(sys.executable), script, 3)
    worker.close()
    assert worker.versions == {"OMP_NUM_THREADS": "3", "WUBU_THREADS": "3"}


def _soon(condition: Callable[[], bool]) -> bool:
    for _ in range(100):
        if condition():
            return True
        time.sleep(0.02)
    return False
