"""`wubu evaluate RUN`: how good a trained network is, also on other data."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from wubu import recipes
from wubu.cli import screen
from wubu.cli.failures import reports_errors
from wubu.cli.settings import (
    AsJson,
    Debug,
    Executor,
    RunName,
    Runs,
    Set,
    choose_executor,
)
from wubu.recipes.judging import judge
from wubu.recipes.samples import Known
from wubu.recipes.session import report
from wubu.runs import Run, find_run
from wubu.runs.folders import RUNS
from wubu.training.callbacks.progress import format_logs

Part = Annotated[
    str | None,
    typer.Option("--on", help="The samples: test, validation or train."),
]

_MOST_CLASSES = 20  # that are listed


@reports_errors
def evaluate(
    run: RunName,
    on: Part = None,
    changes: Set = None,
    executor: Executor = None,
    runs: Runs = RUNS,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Evaluate the model of a run again.

    On the data of its recipe this renews evaluation.json, predictions.npz and the
    report. With --on or --set (as in --set prepare.path=other) it evaluates on other
    data, and leaves the run as it is.

    The object of --json is that of evaluation.json: task, data, metrics, classes and
    confusion.
    """
    choose_executor(executor)
    found = find_run(run, runs)
    other = list(changes or ())
    if on is not None:
        other.append(f'evaluate.data="{on}"')
    recipe = recipes.recall(found, other)
    data = recipe.prepare(
        Known(found.classes, recipes.recall(found).settings.prepare) if other else None
    )
    model = found.model()
    if model.optimizer is None:
        recipe.compile(model)
    part = data.part(recipe.settings.evaluate.data, recipe.origin)
    judged = judge(recipe, model, part, data)
    described = judged.described
    if not other:
        judged.keep(found)
        report(found)
    if as_json:
        screen.print_json(described)
    else:
        _tell(found, described)


def _tell(run: Run, found: dict[str, Any]) -> None:
    console = screen.out()
    samples = found["data"]["samples"]
    console.print(
        f"[bold]{escape(run.name)}[/] on {samples:,} samples of "
        + escape(found["data"]["name"])
    )
    console.print(f"{format_logs(found['metrics'])}", markup=False)
    if not found["classes"] or len(found["classes"]) > _MOST_CLASSES:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("class", overflow="ellipsis", max_width=24, no_wrap=True)
    for name in ("samples", "right", "predicted", "recall", "precision"):
        table.add_column(name, justify="right")
    for entry in found["classes"]:
        right = entry["right"]
        table.add_row(
            Text(entry["name"]),
            f"{entry['samples']:,}",
            f"{right:,}",
            f"{entry['predicted']:,}",
            _share(right, entry["samples"]),
            _share(right, entry["predicted"]),
        )
    console.print()
    console.print(table)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"
