"""A peer that is there on every machine, and a short contest with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wubu.bench import contest
from wubu.bench.environments import Mode, Peer
from wubu.bench.report import Report
from wubu.bench.workloads import Workload
from wubu.core.executors import load_executor

SCRIPT = Path(__file__).parent / "fake_peer.py"

Fake = Callable[..., Peer]
Measure = Callable[..., Report]


@pytest.fixture
def fake() -> Fake:
    """Makes a peer with these modes; this very Python runs it."""

    def make(*modes: str, **settings: Any) -> Peer:
        made = tuple(Mode(mode, mode, **settings) for mode in modes)
        tasks = dict.fromkeys(("train", "predict"), made)
        return Peer("fake", "Fake", SCRIPT, ("json",), tasks)

    return make


@pytest.fixture
def tiny() -> Workload:
    """A network that is compiled at once."""
    layers = [["flatten"], ["dense", 10, "linear"]]
    return Workload("tiny", "Tiny", (4, 4, 1), 128, layers)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with two threads and a known peak, where nobody has made `.peers`."""
    monkeypatch.setenv("WUBU_PEERS_HOME", str(tmp_path))
    monkeypatch.setenv("WUBU_THREADS", "2")
    executor = load_executor("native")
    monkeypatch.setattr(type(executor), "peak", lambda self, threads: 1e11)


@pytest.fixture
def measure(alone: None, tiny: Workload) -> Measure:
    """Runs a short contest between Wubu and the peers given."""

    def run(
        *peers: Peer, task: str = "train", rounds: int = 1, progress: Any = None
    ) -> Report:
        plan = contest.Plan([tiny], peers, task, 0.02, rounds)
        return contest.run(plan, progress)

    return run
