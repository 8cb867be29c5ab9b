"""What a run of the benchmark found, as numbers and as a table in Markdown."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

OURS = "Wubu"


class Case(NamedTuple):
    """What everybody does in turn.

    Attributes:
        name: the workload's; with the batch behind it where there are several.
        workload: its name.
        title: for people.
        task: "train" or "predict".
        batch: samples in a step.
        operations: of one step; see `workloads.step_operations`.
    """

    name: str
    workload: str
    title: str
    task: str
    batch: int
    operations: int


class Result(NamedTuple):
    """How fast one framework is at one case, in one of its modes."""

    case: Case
    framework: str
    mode: str
    detail: str
    seconds: float  # of a step
    quiet: bool = True  # whether nothing else kept the CPU busy, at least once

    @property
    def samples_per_second(self) -> float:
        return self.case.batch / self.seconds

    @property
    def label(self) -> str:
        return f"{self.framework} {self.mode}".strip()


class LeftOut(NamedTuple):
    """Who was not measured, and why; `workload` is empty where it is for all."""

    workload: str
    framework: str
    mode: str
    reason: str


class Facts(NamedTuple):
    """On what, and how, it was measured."""

    date: str
    cpu: str
    threads: int
    peak: float  # FLOP/s of all threads together
    seconds: float  # of a round
    rounds: int
    task: str


class Report(NamedTuple):
    """Everything a run found."""

    facts: Facts
    versions: dict[str, str]
    results: list[Result]
    left_out: list[LeftOut]

    def cases(self) -> list[Case]:
        """Those that somebody was measured at."""
        return list({r.case.name: r.case for r in self.results}.values())

    def of(self, case: Case) -> list[Result]:
        """The results of a case, the fastest first."""
        return sorted(
            (r for r in self.results if r.case == case), key=lambda r: r.seconds
        )

    def ratio(self, case: Case) -> float | None:
        """The fastest peer's time over Wubu's; None where one of them is missing."""
        ours = [r.seconds for r in self.of(case) if r.framework == OURS]
        peers = [r.seconds for r in self.of(case) if r.framework != OURS]
        return min(peers) / min(ours) if ours and peers else None

    def disturbed(self) -> list[Result]:
        """Results that say less, because something else was always running."""
        return [result for result in self.results if not result.quiet]

    def share(self, result: Result) -> float:
        """Of the peak, by the operations that the step needs."""
        return result.case.operations / result.seconds / self.facts.peak


def as_data(report: Report) -> dict[str, Any]:
    """One object for programs."""
    return {
        **report.facts._asdict(),
        "versions": report.versions,
        "results": [_result_data(report, result) for result in report.results],
        "ratios": {case.name: report.ratio(case) for case in report.cases()},
        "left_out": [left._asdict() for left in report.left_out],
    }


def _result_data(report: Report, result: Result) -> dict[str, Any]:
    return {
        "case": result.case.name,
        "workload": result.case.workload,
        "batch": result.case.batch,
        "framework": result.framework,
        "mode": result.mode,
        "detail": result.detail,
        "ms_per_step": result.seconds * 1e3,
        "samples_per_second": result.samples_per_second,
        "peak_share": report.share(result),
        "quiet": result.quiet,
    }


def as_markdown(report: Report) -> str:
    """A table with a line for each case and a column for each framework: its best mode.

    The fastest of a line is bold.
    """
    frameworks = list(dict.fromkeys(r.framework for r in report.results))
    frameworks.sort(key=lambda name: name != OURS)
    facts = report.facts
    versions = ", ".join(f"{n} {v}" for n, v in report.versions.items())
    lines = [
        f"Measured on {facts.date}: {facts.cpu}, {facts.threads} threads, FMA peak "
        f"{facts.peak / 1e9:.0f} GFLOP/s float32. {versions}.",
        "",
        "| ms per step | " + " | ".join(frameworks) + " | fastest peer / Wubu |",
        "|---" * (len(frameworks) + 2) + "|",
    ]
    for case in report.cases():
        found = report.of(case)
        cells = [f"{case.title}, batch {case.batch}"]
        for name in frameworks:
            mine = [r for r in found if r.framework == name]
            cells.append(_cell(mine[0], mine[0] is found[0]) if mine else "–")
        ratio = report.ratio(case)
        cells.append("–" if ratio is None else f"{ratio:.2f}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(result: Result, fastest: bool) -> str:
    number = milliseconds(result.seconds)
    number = f"**{number}**" if fastest else number
    return f"{number} {result.mode}".strip()


def milliseconds(seconds: float) -> str:
    """Three significant digits.

    Example:
        >>> [milliseconds(s) for s in (0.0000123, 0.00123, 0.123, 1.234)]
        ['0.0123', '1.23', '123', '1234']
    """
    value = seconds * 1e3
    places = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:.{places if value >= 0.1 else 4}f}"


def today() -> str:
    return date.today().isoformat()


def cpu_name() -> str:
    """What the system calls this CPU."""
    if sys.platform == "linux":
        names = _model_names(Path("/proc/cpuinfo"))
        for name in names:
            return name
    return platform.processor() or platform.machine()


def _model_names(path: Path) -> Iterable[str]:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    pairs = (line.partition(":") for line in lines)
    return (value.strip() for key, _, value in pairs if key.strip() == "model name")
