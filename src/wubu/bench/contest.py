"""The rounds: at every workload everybody works in turn, over and over.

Whatever disturbs this machine for a while disturbs everybody; and of each the fastest
round counts.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from wubu.bench.environments import WUBU, Mode, Peer, find_python
from wubu.bench.peers.protocol import used_by_others
from wubu.bench.report import (
    Case,
    Facts,
    LeftOut,
    Report,
    Result,
    cpu_name,
    today,
)
from wubu.bench.workers import Worker, WorkerError
from wubu.bench.workloads import Workload, step_operations
from wubu.core.executors import load_executor

PREDICT_BATCHES = (1, 256)  # latency, throughput
FAR_BEHIND = 3.0  # so many times slower than the first: two rounds will do
HOPELESS = 8.0  # and here one
DISTURBED = 0.15  # CPUs that other processes keep busy: the turn is taken again
TURNS = 3  # at most, in a round
PEAKS = 10  # at most, tries to measure the peak undisturbed


class Progress:
    """Is told what is going on; shows nothing. The command line has one that does."""

    def now(self, text: str) -> None:
        """What is being done."""

    def left_out(self, left: LeftOut) -> None:
        """Somebody cannot be measured."""

    def finished(self, report: Report, case: Case) -> None:
        """All rounds of a case are done."""


class Plan(NamedTuple):
    """What is to be measured.

    Attributes:
        workloads: in this order.
        peers: beside Wubu.
        task: "train" or "predict".
        seconds: of a round.
        rounds: how many.
    """

    workloads: Sequence[Workload]
    peers: Sequence[Peer]
    task: str
    seconds: float
    rounds: int


class Contestant:
    """A framework in one of its modes, with the process that runs it."""

    def __init__(self, peer: Peer, mode: Mode, threads: int) -> None:
        self.peer = peer
        self.mode = mode
        self.threads = 1 if mode.alone else threads
        self.worker: Worker | None = None
        self.detail = ""
        self.best = float("inf")
        self.quiet = False

    @property
    def name(self) -> str:
        return f"{self.peer.title} {self.mode.title}".strip()

    def prepare(self, workload: Workload, case: Case) -> None:
        """Makes the case ready, in a new process if the last one is gone.

        Raises:
            WorkerError: it cannot.
        """
        self.best, self.quiet, self.detail = float("inf"), False, ""
        if self.worker is None or not self.worker.alive:
            python, reason = find_python(self.peer)
            if python is None:
                raise WorkerError(reason)
            self.close()
            self.worker = Worker(python, self.peer.script, self.threads)
        job = {
            "layers": workload.layers,
            "input_shape": workload.input_shape,
            "batch": case.batch,
            "task": case.task,
            "mode": self.mode.name,
            "threads": self.threads,
        }
        self.detail = self.worker.prepare(job)["detail"]

    def run(self, seconds: float) -> None:
        """One round; a turn that others have disturbed is taken again.

        Raises:
            WorkerError: it cannot.
        """
        assert self.worker is not None
        for _ in range(TURNS):
            found = self.worker.run(seconds)
            self.best = min(self.best, found.seconds)
            if found.others < DISTURBED:
                self.quiet = True
                break

    def close(self) -> None:
        if self.worker is not None:
            self.worker.close()
            self.worker = None


def run(plan: Plan, progress: Progress | None = None) -> Report:
    """Measures everything in a plan.

    Peers that are missing or fail are left out, and the report says why.
    """
    progress = progress or Progress()
    executor: Any = load_executor("native")
    threads = executor.threads()
    progress.now("measuring the peak of this CPU")
    peak = _peak(executor, threads)
    facts = Facts(
        today(), cpu_name(), threads, peak, plan.seconds, plan.rounds, plan.task
    )
    report = Report(facts, {}, [], [])
    with contextlib.ExitStack() as stack:
        contestants = []
        for contestant in _contestants(plan, threads, report, progress):
            stack.callback(contestant.close)
            contestants.append(contestant)
        for workload in plan.workloads:
            for case in _cases(workload, plan.task):
                _measure(plan, workload, case, contestants, report, progress)
                progress.finished(report, case)
    return report


def _peak(executor: Any, threads: int) -> float:
    """The most that was found until nothing else was running."""
    found = 0.0
    for _ in range(PEAKS):
        others, start = used_by_others(), time.perf_counter()
        found = max(found, executor.peak(threads))
        passed = time.perf_counter() - start
        if used_by_others() - others < DISTURBED * passed:
            break
    return found


def _contestants(
    plan: Plan, threads: int, report: Report, progress: Progress
) -> Iterator[Contestant]:
    for peer in (WUBU, *plan.peers):
        modes = peer.modes.get(plan.task, ())
        python, reason = find_python(peer)
        if python is None and modes:
            left = LeftOut("", peer.title, "", reason)
            report.left_out.append(left)
            progress.left_out(left)
            continue
        for mode in modes:
            if not mode.alone or threads > 1:
                yield Contestant(peer, mode, threads)


def _cases(workload: Workload, task: str) -> Iterator[Case]:
    batches = (workload.batch,) if task == "train" else PREDICT_BATCHES
    for batch in batches:
        name = workload.name if task == "train" else f"{workload.name}@{batch}"
        work = step_operations(workload, task, batch)
        yield Case(name, workload.name, workload.title, task, batch, work)


def _measure(
    plan: Plan,
    workload: Workload,
    case: Case,
    contestants: Sequence[Contestant],
    report: Report,
    progress: Progress,
) -> None:
    """Adds to the report what everybody needs for a step of a case."""
    ready: list[Contestant] = []

    def succeeds(contestant: Contestant, action: Callable[..., None], *of: Any) -> bool:
        try:
            action(*of)
        except WorkerError as error:
            names = (contestant.peer.title, contestant.mode.title)
            left = LeftOut(case.name, *names, str(error))
            report.left_out.append(left)
            progress.left_out(left)
            return False
        return True

    kinds = {"", *(layer[0] for layer in workload.layers)}
    for contestant in contestants:
        if contestant.mode.needs not in kinds:
            continue
        progress.now(f"{case.name}: preparing {contestant.name}")
        if succeeds(contestant, contestant.prepare, workload, case):
            ready.append(contestant)
            assert contestant.worker is not None
            report.versions.update(contestant.worker.versions)
    for i in range(plan.rounds):
        first = min((c.best for c in ready), default=0.0)
        limit = HOPELESS if i == 1 else FAR_BEHIND
        for contestant in list(ready):
            if i and contestant.quiet and contestant.best > limit * first:
                continue
            text = f"{case.name}: round {i + 1} of {plan.rounds}, {contestant.name}"
            progress.now(text)
            if not succeeds(contestant, contestant.run, plan.seconds):
                ready.remove(contestant)
    for c in ready:
        report.results.append(
            Result(case, c.peer.title, c.mode.title, c.detail, c.best, c.quiet)
        )
