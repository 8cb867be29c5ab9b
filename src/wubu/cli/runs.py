"""`wubu runs`: what has been trained here, as a table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from wubu.cli import screen
from wubu.cli.failures import describe, reports_errors
from wubu.cli.settings import AsJson, Debug, Runs
from wubu.errors import WubuError
from wubu.runs import Run, all_runs
from wubu.runs.folders import RUNS
from wubu.training.callbacks.progress import format_seconds

_GAP = 2  # characters between columns
_FACTS = ("recipe", "started", "ended", "planned", "metrics", "seconds")


@reports_errors
def runs(root: Runs = RUNS, as_json: AsJson = False, debug: Debug = False) -> None:
    """List the runs in this folder, the oldest first.

    The object of --json has runs: name, folder, recipe, started, ended (null while it
    runs, or after it was cut off), epochs (that were trained), planned, stopped,
    metrics (on the test data; null before the evaluation), seconds, and damaged: null,
    or what is wrong with its files, where most of the others are null.
    """
    found = [_as_data(run) for run in all_runs(root)]
    if as_json:
        screen.print_json({"runs": found})
    elif found:
        _print(found)
        for entry in found:
            if entry["damaged"]:
                said = f"{entry['name']} is damaged: {entry['damaged']}"
                screen.err().print(said, style="yellow", markup=False)
    else:
        screen.out().print(f"There are no runs in {root}/.", markup=False)


def _as_data(run: Run) -> dict[str, Any]:
    known = {"name": run.name, "folder": str(run.folder)}
    try:
        return known | _facts(run) | {"damaged": None}
    except (WubuError, OSError) as error:
        nothing = dict.fromkeys(_FACTS) | {"epochs": 0, "stopped": False}
        return known | nothing | {"damaged": _in_a_line(error)}


def _in_a_line(error: WubuError | OSError) -> str:
    fields = describe(error)
    return ": ".join(filter(None, (fields["where"], fields["got"] or fields["what"])))


def _facts(run: Run) -> dict[str, Any]:
    info, evaluation = run.info, run.evaluation
    _ = run.started  # that it is a date
    return {
        "recipe": info.get("recipe"),
        "started": info.get("started"),
        "ended": info.get("ended"),
        "epochs": len(run.history),
        "planned": info.get("epochs"),
        "stopped": info.get("stopped", False),
        "metrics": None if evaluation is None else evaluation.get("metrics"),
        "seconds": info.get("seconds"),
    }


def _print(found: list[dict[str, Any]]) -> None:
    """A table within the width of the terminal: as many metrics as fit."""
    names = dict.fromkeys(n for entry in found for n in entry["metrics"] or ())
    first = [name for name in ("loss", "accuracy") if name in names]
    metrics = {
        name: [_number((entry["metrics"] or {}).get(name)) for entry in found]
        for name in [*first, *(name for name in names if name not in first)]
    }
    around = {
        "run": [entry["name"] for entry in found],
        "started": [_date(entry["started"]) for entry in found],
        "epochs": [_epochs(entry) for entry in found],
        "time": [_time(entry["seconds"]) for entry in found],
    }
    console = screen.out()
    room = console.width - sum(map(_width, around.items()))
    columns = dict(list(around.items())[:3])
    for column in metrics.items():
        room -= _width(column)
        if room >= -_GAP:  # the last column has no gap behind it
            columns[column[0]] = column[1]
    columns["time"] = around["time"]
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")
    for name in columns:
        side = "left" if name in ("run", "started") else "right"
        table.add_column(Text(name), justify=side, no_wrap=True)  # type: ignore[arg-type]
    for row in zip(*columns.values(), strict=True):
        table.add_row(*map(Text, row))
    console.print(table, soft_wrap=False)


def _width(column: tuple[str, list[str]]) -> int:
    """Of a column with the gap behind it."""
    name, cells = column
    return max(map(len, [name, *cells])) + _GAP


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else format_seconds(seconds)


def _date(text: str | None) -> str:
    if text is None:
        return "–"
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")


def _epochs(entry: dict[str, Any]) -> str:
    if entry["damaged"]:
        return "damaged"
    done, planned = entry["epochs"], entry["planned"]
    return str(done) if done == planned or planned is None else f"{done}/{planned}"


def _number(value: Any) -> str:
    if not isinstance(value, int | float):
        return "–"
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:.4g}"
