"""`wubu runs`: what has been trained here, as a table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.table import Table

from wubu.cli import screen
from wubu.cli.failures import reports_errors
from wubu.cli.settings import AsJson, Debug, Runs
from wubu.runs import Run, all_runs
from wubu.runs.folders import RUNS
from wubu.training.callbacks.progress import format_seconds


@reports_errors
def runs(root: Runs = RUNS, as_json: AsJson = False, debug: Debug = False) -> None:
    """List the runs in this folder, the oldest first.

    The object of --json has runs: name, folder, recipe, started, ended (null while it
    runs, or after it was cut off), epochs (that were trained), planned, stopped,
    metrics (on the test data; null before the evaluation) and seconds.
    """
    found = [_as_data(run) for run in all_runs(root)]
    if as_json:
        screen.print_json({"runs": found})
    elif found:
        _print(found)
    else:
        screen.out().print(f"There are no runs in {root}/.", markup=False)


def _as_data(run: Run) -> dict[str, Any]:
    info, evaluation = run.info, run.evaluation
    return {
        "name": run.name,
        "folder": str(run.folder),
        "recipe": info.get("recipe"),
        "started": info.get("started"),
        "ended": info.get("ended"),
        "epochs": len(run.history),
        "planned": info.get("epochs"),
        "stopped": info.get("stopped", False),
        "metrics": None if evaluation is None else evaluation["metrics"],
        "seconds": info.get("seconds"),
    }


def _print(found: list[dict[str, Any]]) -> None:
    """A table within the width of the terminal: as many metrics as fit."""
    names = dict.fromkeys(n for entry in found for n in entry["metrics"] or ())
    names = dict.fromkeys([n for n in ("loss", "accuracy") if n in names] + [*names])
    console = screen.out()
    room = console.width - 2 - _width(found)
    shown = []
    for name in names:
        room -= max(len(name), 7) + 2
        if room >= 0:
            shown.append(name)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("run", no_wrap=True, overflow="ellipsis")
    table.add_column("started", no_wrap=True)
    table.add_column("epochs", justify="right", no_wrap=True)
    for name in shown:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    for entry in found:
        metrics = entry["metrics"] or {}
        table.add_row(
            entry["name"],
            _date(entry["started"]),
            _epochs(entry),
            *(_number(metrics.get(name)) for name in shown),
            "–" if entry["seconds"] is None else format_seconds(entry["seconds"]),
        )
    console.print(table, soft_wrap=False)


def _width(found: list[dict[str, Any]]) -> int:
    """Of the columns that are always there."""
    name = max(len(entry["name"]) for entry in found)
    return (
        max(name, 3) + len("2026-11-20 14:02") + len("100/100") + len("59 m 59 s") + 8
    )


def _date(text: str | None) -> str:
    if text is None:
        return "–"
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")


def _epochs(entry: dict[str, Any]) -> str:
    done, planned = entry["epochs"], entry["planned"]
    return str(done) if done == planned or planned is None else f"{done}/{planned}"


def _number(value: Any) -> str:
    if not isinstance(value, int | float):
        return "–"
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:.4g}"
