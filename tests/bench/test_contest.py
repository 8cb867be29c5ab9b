"""Everybody in turn; who is missing, fails or crashes is left out with a reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from wubu.bench import contest
from wubu.bench.environments import Mode, Peer
from wubu.bench.report import Case, LeftOut, Report
from wubu.bench.workers import Round, Worker

Fake = Callable[..., Peer]
Measure = Callable[..., Report]


def reasons(report: Report) -> dict[str, str]:
    return {left.mode: left.reason for left in report.left_out}


def test_wubu_and_a_peer_are_measured(measure: Measure, fake: Fake) -> None:
    report = measure(fake("quick"), rounds=2)
    assert report.left_out == []
    assert {r.label for r in report.results} == {"Wubu", "Fake quick"}
    ours, theirs = (
        next(r for r in report.results if r.framework == name)
        for name in ("Wubu", "Fake")
    )
    assert theirs.seconds >= 0.001, "it sleeps for a millisecond"
    assert theirs.detail == "train on 2"
    assert report.ratio(ours.case) == theirs.seconds / ours.seconds
    assert report.versions["fake"] == "1.2.3"
    assert report.versions["wubu"]


def test_predicting_has_a_case_for_latency_and_one_for_throughput(
    measure: Measure, fake: Fake
) -> None:
    report = measure(fake("quick"), task="predict")
    assert [case.name for case in report.cases()] == ["tiny@1", "tiny@256"]
    assert [case.batch for case in report.cases()] == [1, 256]
    assert {r.framework for r in report.of(report.cases()[0])} == {"Wubu", "Fake"}


def test_a_missing_peer_is_said_with_how_to_install_it(measure: Measure) -> None:
    nowhere = Peer("gone", "Gone", Path("gone.py"), ("no_such_package",), {})
    missing = nowhere._replace(modes={"train": (Mode("a", "a"), Mode("b", "b"))})
    report = measure(missing)
    assert report.left_out == [
        LeftOut("", "Gone", "", "not installed: make peers PEERS=gone")
    ]
    assert [r.framework for r in report.results] == ["Wubu"]
    assert report.ratio(report.cases()[0]) is None


def test_a_peer_that_cannot_do_the_task_is_not_in_it(measure: Measure) -> None:
    none = Peer("gone", "Gone", Path("gone.py"), ("no_such_package",), {"predict": ()})
    assert measure(none).left_out == []


def test_failures_are_told_in_one_line(measure: Measure, fake: Fake) -> None:
    peer = fake("impossible", "crash-preparing", "crash-later", "fails-later", "quick")
    report = measure(peer, rounds=3)
    assert reasons(report) == {
        "impossible": "it cannot do this",
        "crash-preparing": "ended with code 3: Fatal: out of luck",
        "crash-later": "ended with code 4: what frameworks print does not disturb "
        "answers",
        "fails-later": "ValueError: no more",
    }
    assert {r.mode for r in report.results} == {"", "quick"}


def test_a_crashed_peer_gets_a_new_process_for_the_next_case(
    measure: Measure, fake: Fake
) -> None:
    report = measure(fake("crash-preparing"), task="predict")
    assert [left.workload for left in report.left_out] == ["tiny@1", "tiny@256"]


def test_a_script_that_does_not_start(
    measure: Measure, fake: Fake, tmp_path: Path
) -> None:
    script = tmp_path / "broken.py"
    script.write_text("import no_such_package\n")
    report = measure(fake("quick")._replace(script=script))
    (reason,) = reasons(report).values()
    assert reason.startswith("ended with code 1: ModuleNotFoundError")


def test_modes_that_mean_nothing_here_are_not_tried(
    measure: Measure, fake: Fake
) -> None:
    report = measure(fake("quick", needs="conv"))
    assert [r.framework for r in report.results] == ["Wubu"]
    assert report.left_out == []


def test_one_thread_where_a_mode_asks_for_it(measure: Measure, fake: Fake) -> None:
    report = measure(fake("quick", alone=True))
    (found,) = (r for r in report.results if r.framework == "Fake")
    assert found.detail == "train on 1"


def test_everybody_has_a_turn_in_every_round(
    measure: Measure, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def run(self: contest.Contestant, seconds: float) -> None:
        order.append(self.name)
        self.best, self.quiet = 1.0, True

    monkeypatch.setattr(contest.Contestant, "run", run)
    measure(fake("quick", "slow"), rounds=3)
    assert order == ["Wubu", "Fake quick", "Fake slow"] * 3


@pytest.mark.parametrize(("seconds", "turns"), [(2.9, 4), (3.1, 2), (8.1, 1)])
def test_who_is_far_behind_is_spared_rounds(
    measure: Measure,
    fake: Fake,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    turns: int,
) -> None:
    order: list[str] = []

    def run(self: contest.Contestant, _: float) -> None:
        order.append(self.name)
        self.best, self.quiet = (seconds if self.mode.name == "slow" else 1.0), True

    monkeypatch.setattr(contest.Contestant, "run", run)
    measure(fake("quick", "slow"), rounds=4)
    assert order.count("Fake slow") == turns
    assert order.count("Fake quick") == 4


def test_the_fastest_round_counts(
    measure: Measure, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([3.0, 6.0, 2.0, 9.0, 8.0, 7.0])  # Wubu and the peer by turns
    monkeypatch.setattr(Worker, "run", lambda self, seconds: Round(next(times), 0.0))
    report = measure(fake("quick"), rounds=3)
    assert {r.framework: r.seconds for r in report.results} == {"Wubu": 2, "Fake": 6}
    assert report.disturbed() == []


def test_a_disturbed_turn_is_taken_again(
    measure: Measure, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet, busy = [Round(2.0, 0.0)], [Round(9.0, 1.0), Round(5.0, 0.1), Round(1.0, 0.0)]
    turns = iter([*quiet, *busy])
    monkeypatch.setattr(Worker, "run", lambda self, seconds: next(turns))
    report = measure(fake("quick"))
    assert {r.framework: r.seconds for r in report.results} == {"Wubu": 2, "Fake": 5}
    assert report.disturbed() == []


def test_who_never_had_a_quiet_turn_is_named(
    measure: Measure, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[float] = []

    def run(self: Worker, seconds: float) -> Round:
        turns.append(seconds)
        return Round(4.0, 1.0 if self.framework == "Fake" else 0.0)

    monkeypatch.setattr(Worker, "run", run)
    report = measure(fake("quick"))
    assert len(turns) == 1 + contest.TURNS
    assert [r.label for r in report.disturbed()] == ["Fake quick"]


def test_progress_is_told(measure: Measure, fake: Fake) -> None:
    class Told(contest.Progress):
        def __init__(self) -> None:
            self.texts: list[str] = []
            self.left: list[str] = []
            self.done: list[str] = []

        def now(self, text: str) -> None:
            self.texts.append(text)

        def left_out(self, left: LeftOut) -> None:
            self.left.append(left.mode)

        def finished(self, report: Report, case: Case) -> None:
            self.done.append(case.name)

    told = Told()
    measure(fake("quick", "impossible"), progress=told)
    assert "tiny: preparing Fake quick" in told.texts
    assert "tiny: round 1 of 1, Fake quick" in told.texts
    assert told.left == ["impossible"]
    assert told.done == ["tiny"]


def test_no_process_stays(
    measure: Measure, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers: list[Worker] = []
    start = Worker.__init__

    def remember(self: Worker, *args: object) -> None:
        workers.append(self)
        start(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Worker, "__init__", remember)
    measure(fake("quick", "impossible"))
    assert len(workers) == 3
    assert not any(worker.alive for worker in workers)


def test_the_peak_is_measured_until_nothing_disturbs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Executor:
        found = iter([3.0, 5.0, 4.0, 9.0])

        def peak(self, threads: int) -> float:
            return next(self.found)

    used = iter([0, 1e3, 1e3, 2e3, 2e3, 2e3])  # two disturbed tries, a quiet one
    monkeypatch.setattr(contest, "used_by_others", lambda: next(used))
    assert contest._peak(Executor(), 2) == 5
