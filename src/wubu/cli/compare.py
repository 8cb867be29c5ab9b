"""`wubu compare RUN RUN`: two runs side by side, and whether they really differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from wubu.cli import screen
from wubu.cli.failures import reports_errors
from wubu.cli.settings import AsJson, Debug, RunName, Runs
from wubu.runs import find_run
from wubu.runs.comparison import Comparison
from wubu.runs.comparison import compare as compare_runs
from wubu.runs.folders import RUNS
from wubu.training.callbacks.progress import format_seconds

Html = Annotated[
    Path | None, typer.Option("--html", help="Also write a page about it to this file.")
]

_FACTS = ("parameters", "executor", "threads", "seconds")


@reports_errors
def compare(
    first: RunName,
    second: RunName,
    html: Html = None,
    runs: Runs = RUNS,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Compare two runs: settings that differ, metrics, and McNemar's test.

    The test asks whether one is better by more than chance. It counts the test samples
    that only one of the two got right: if both were equally good, each of these would
    be a toss of a coin. p is how probable a difference at least as large is then.

    The object of --json has first and second (name, folder, parameters, executor,
    threads, seconds), settings (key, first, second), metrics (name, first, second),
    mcnemar (only_first, only_second, statistic, p_value, method; null where the runs
    cannot be compared) and why_no_test.
    """
    found = compare_runs(find_run(first, runs), find_run(second, runs))
    if html is not None:
        _write_page(found, html)
    if as_json:
        screen.print_json(_as_data(found))
        return
    _print(found)
    if html is not None:
        screen.out().print(f"\npage written to {html}", markup=False)


def _write_page(found: Comparison, target: Path) -> None:
    from wubu import reports

    reports.write_comparison(found.first.folder, found.second.folder, target)


def _as_data(found: Comparison) -> dict[str, Any]:
    test = found.test
    facts = [
        {"name": run.name, "folder": str(run.folder)}
        | {key: run.info.get(key) for key in _FACTS}
        for run in (found.first, found.second)
    ]
    return {
        "first": facts[0],
        "second": facts[1],
        "settings": [difference._asdict() for difference in found.settings],
        "metrics": [
            {"name": name, "first": one, "second": other}
            for name, one, other in found.metrics
        ],
        "mcnemar": None if test is None else test._asdict() | {"method": test.method},
        "why_no_test": found.why_no_test,
    }


def _print(found: Comparison) -> None:
    console = screen.out()
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("", style="dim", overflow="fold")
    table.add_column(Text(found.first.name), overflow="fold")
    table.add_column(Text(found.second.name), overflow="fold")
    for difference in found.settings:
        cells = (difference.key, difference.first or "–", difference.second or "–")
        table.add_row(*map(Text, cells))
    if not found.settings:
        table.add_row("settings", "the same", "the same")
    for key, first, second in _facts(found):
        table.add_row(*map(Text, (key, first, second)))
    table.add_row("", "", "")
    for name, one, other in found.metrics:
        table.add_row(Text(name), _number(one), _number(other))
    console.print(table, soft_wrap=False)
    console.print()
    console.print(_verdict(found), markup=False, soft_wrap=False)


def _facts(found: Comparison) -> list[tuple[str, str, str]]:
    """What is worth knowing of how they ran: what differs, and how long it took."""
    first, second = found.first.info, found.second.info
    rows = [
        (key, f"{first.get(key):,}", f"{second.get(key):,}")
        if key == "parameters"
        else (key, str(first.get(key)), str(second.get(key)))
        for key in _FACTS[:-1]
        if first.get(key) != second.get(key)
    ]
    times = [
        "–" if info.get("seconds") is None else format_seconds(info["seconds"])
        for info in (first, second)
    ]
    return [*rows, ("trained in", times[0], times[1])]


def _verdict(found: Comparison) -> str:
    test = found.test
    if test is None:
        return f"McNemar's test is not possible: {found.why_no_test}."
    first, second = found.first.name, found.second.name
    chi = "" if test.statistic is None else f"χ² = {test.statistic:.2f}, "
    p = f"p = {test.p_value:.3g}" if test.p_value >= 0.001 else "p < 0.001"
    if test.p_value < 0.05:
        better = first if test.only_first > test.only_second else second
        verdict = f"{better} is better by more than chance"
    else:
        verdict = "no more than chance may account for the difference"
    return (
        f"McNemar's test ({test.method}): {test.only_first} samples only {first} got "
        f"right, {test.only_second} only {second}; {chi}{p}: {verdict}."
    )


def _number(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, int | float) else "–"
