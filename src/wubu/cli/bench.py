"""`wubu bench`: how fast Wubu trains or predicts, beside other frameworks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from wubu.bench import contest
from wubu.bench.environments import PEERS, Peer, find_peers
from wubu.bench.report import (
    OURS,
    Case,
    LeftOut,
    Report,
    as_data,
    as_markdown,
    milliseconds,
)
from wubu.bench.workloads import WORKLOADS, find
from wubu.cli import screen
from wubu.cli.failures import reports_errors
from wubu.cli.settings import AsJson, Debug
from wubu.errors import ArgumentError


class Task(StrEnum):
    """What is measured."""

    train = "train"
    predict = "predict"


Mode = Annotated[
    Task,
    typer.Option(
        help="train: steps of training; predict: batches of 1 (latency) and of 256 "
        "(throughput)."
    ),
]
Workloads = Annotated[
    str,
    typer.Option(metavar="A,B,...", help=f"Of {', '.join(WORKLOADS)}."),
]
Peers = Annotated[
    str,
    typer.Option(
        metavar="A,B,...",
        help=f"Of {', '.join(PEERS)}; none for Wubu alone.",
    ),
]
Seconds = Annotated[
    float, typer.Option(min=0.001, help="How long everybody works in a round.")
]
Rounds = Annotated[int, typer.Option(min=1, help="How often everybody has a turn.")]
Markdown = Annotated[
    bool, typer.Option("--markdown", help="Print one table in Markdown.")
]


@reports_errors
def bench(
    workloads: Workloads = "all",
    peers: Peers = "all",
    mode: Mode = Task.train,
    seconds: Seconds = 0.5,
    rounds: Rounds = 5,
    markdown: Markdown = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Measure how fast Wubu is, beside other frameworks on this machine.

    Everybody does the same work in float32 with the same number of threads, in turn,
    in rounds; the fastest round counts. Peers that are not installed are left out;
    `make peers` installs them in environments of their own. benchmarks/README.md says
    how it is measured, and why that is fair.

    The object of --json has date, cpu, threads, peak (FLOP/s), seconds, rounds, task,
    versions; results: case, workload, batch, framework, mode, detail, ms_per_step,
    samples_per_second, peak_share, quiet (false: something else was always running);
    ratios: for each case the fastest peer's time over
    Wubu's; left_out: workload, framework, mode, reason.
    """
    if as_json and markdown:
        raise ArgumentError("--json and --markdown cannot both be printed")
    plan = contest.Plan(
        [find(name) for name in _names(workloads, WORKLOADS)],
        _peers(peers),
        mode.value,
        seconds,
        rounds,
    )
    with _progress(tables=not as_json and not markdown) as progress:
        report = contest.run(plan, progress)
    if as_json:
        screen.print_json(as_data(report))
    elif markdown:
        print(as_markdown(report))
    else:
        _print_end(report, screen.out())


def _peers(text: str) -> list[Peer]:
    if text == "none":
        return []
    if not text.strip():
        raise ArgumentError(
            "--peers names nobody",
            expected=f"some of {', '.join(PEERS)}; or all, or none",
            got=repr(text),
            fix="--peers none measures Wubu alone",
        )
    return find_peers(_names(text, PEERS))


def _names(text: str, known: Iterable[str]) -> list[str]:
    """`"a, b"` as names, each once; `"all"` is all known ones."""
    names = list(known) if text == "all" else text.split(",")
    return list(dict.fromkeys(name.strip() for name in names))


@contextlib.contextmanager
def _progress(tables: bool) -> Iterator[contest.Progress]:
    console = screen.err()
    if not console.is_terminal:
        yield _Shown(console, None, tables)
        return
    with console.status("") as status:
        yield _Shown(console, status, tables)


class _Shown(contest.Progress):
    """What is being done on a line that changes; a table for each finished case."""

    def __init__(self, console: Console, status: Status | None, tables: bool) -> None:
        self._console = console
        self._status = status
        self._tables = tables

    def now(self, text: str) -> None:
        if self._status is not None:
            self._status.update(text)

    def left_out(self, left: LeftOut) -> None:
        who = f"{left.framework} {left.mode}".strip()
        where = f"{left.workload}: " if left.workload else ""
        self._console.print(f"{where}{who} left out: {left.reason}", markup=False)

    def finished(self, report: Report, case: Case) -> None:
        if not self._tables or case not in report.cases():
            return
        if self._status is not None:
            self._status.stop()  # its line is not to be mixed with the table
        console = screen.out()
        if case == report.cases()[0]:
            _print_start(report, console)
        console.print(_table(report, case))
        console.print()
        if self._status is not None:
            self._status.start()


def _print_start(report: Report, console: Console) -> None:
    facts = report.facts
    threads = "1 thread" if facts.threads == 1 else f"{facts.threads} threads"
    console.print(
        f"{facts.cpu}, {threads}, FMA peak {facts.peak / 1e9:.0f} GFLOP/s float32\n",
        markup=False,
    )


def _table(report: Report, case: Case) -> Table:
    work = (
        f"{case.operations / 1e9:.3g} GFLOP"
        if case.operations >= 1e8
        else (f"{case.operations / 1e6:.3g} MFLOP")
    )
    table = Table(
        title=f"{case.title}, batch {case.batch}, {work} a step",
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 3, 0, 0),
    )
    table.add_column("", min_width=26)
    for heading in ("ms/step", "samples/s", "of peak", "times Wubu"):
        table.add_column(heading, justify="right", no_wrap=True)
    found = report.of(case)
    ours = min((r.seconds for r in found if r.framework == OURS), default=None)
    for result in found:
        mine = result.framework == OURS
        times = "" if mine or ours is None else f"{result.seconds / ours:.2f}×"
        table.add_row(
            Text(result.label),
            milliseconds(result.seconds),
            f"{result.samples_per_second:,.0f}",
            f"{100 * report.share(result):.1f} %",
            times,
            style="bold" if mine else "",
        )
    return table


def _print_end(report: Report, console: Console) -> None:
    ratios = {case.name: report.ratio(case) for case in report.cases()}
    if report.disturbed():
        labels = dict.fromkeys(f"{r.case.name} {r.label}" for r in report.disturbed())
        console.print(
            "Something else was running all the while, so these may be faster: "
            + ", ".join(labels),
            style="yellow",
            soft_wrap=False,
        )
    known = [f"{name} {ratio:.2f}" for name, ratio in ratios.items() if ratio]
    if known:
        console.print(
            "The fastest peer's time over Wubu's: " + ", ".join(known), soft_wrap=False
        )
