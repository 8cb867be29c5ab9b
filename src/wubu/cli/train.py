"""`wubu train RECIPE`: runs a recipe; all that comes of it is in a run folder."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.text import Text

from wubu import recipes
from wubu.cli import screen
from wubu.cli.failures import STOPPED, reports_errors
from wubu.cli.settings import (
    AsJson,
    Debug,
    Executor,
    Runs,
    Set,
    check_output,
    choose_executor,
)
from wubu.recipes.session import Session
from wubu.runs import find_run
from wubu.runs.folders import RUNS
from wubu.training.callbacks.progress import format_logs, format_seconds, progress_for

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="RECIPE",
        help=f"A .toml file, or one of {', '.join(recipes.names())}.",
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option(min=1, help="Passes over the data; the recipe's own by default."),
]
BatchSize = Annotated[
    int | None,
    typer.Option(min=1, help="Samples per step; the recipe's own by default."),
]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Decides first weights, order of samples and dropout: the same seed gives "
        "the same numbers.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(help="Save the model in this file, too."),
]
Resume = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        help="Go on with a run that was cut off, instead of a new one: with the same "
        "numbers as if it had not been.",
    ),
]


@reports_errors
def train(
    recipe: Name = None,
    changes: Set = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    seed: Seed = None,
    executor: Executor = None,
    output: Output = None,
    resume: Resume = None,
    runs: Runs = RUNS,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Run a recipe: train a network, save it, evaluate it on test data.

    All that comes of it is in a folder, runs/RECIPE-NUMBER: the recipe, the history, a
    checkpoint while it runs, the model, its evaluation, a report.

    Ctrl-C stops after the running step; what was learned is saved and evaluated then,
    and the exit code is 130. A second Ctrl-C quits at once.

    The object of --json has name (of the recipe), run (the folder), seed, executor,
    epochs, batch_size, parameters, history (a list for each number, one entry a full
    epoch), seconds (that training took), stopped (whether by Ctrl-C), model (path of
    the saved file), evaluation (loss and metrics on the test data) and report (path).
    Progress goes to standard error then.
    """
    if executor is not None:
        choose_executor(executor)
    if output is not None:
        check_output(output)
    options = {"epochs": epochs, "batch_size": batch_size, "seed": seed}
    given = [f"train.{k}={v}" for k, v in options.items() if v is not None]
    if executor is not None:
        given.append(f'train.executor="{executor}"')
    session = _session(recipe, resume, [*(changes or ()), *given], runs)
    finish(session, output, as_json)


def _session(
    recipe: str | None, resume: str | None, changes: list[str], runs: Path
) -> Session:
    if (recipe is None) == (resume is None):
        given = "neither" if recipe is None else "both"
        raise typer.BadParameter(f"give a recipe, or --resume RUN; here is {given}.")
    if resume is not None:
        return Session.resume(find_run(resume, runs), changes)
    return Session.begin(recipes.load(str(recipe), changes), runs)


def finish(session: Session, output: Path | None, as_json: bool) -> None:
    """All steps of a session, shown; then what came of it."""
    data = session.prepare()
    session.build()
    if not as_json:
        _announce(session)
    shown = progress_for(1, sys.stderr if as_json else sys.stdout)
    session.train(callbacks=[shown], verbose=0)
    path = session.run.model_path
    if output is not None:
        shutil.copyfile(path, output)
        path = output
    evaluation = session.evaluate()
    if as_json:
        screen.print_json(_as_data(session, path, evaluation))
    else:
        samples = data.counts()[session.recipe.settings.evaluate.data]
        _tell(session, path, evaluation, samples)
    if session.interrupted:
        raise typer.Exit(STOPPED)


def _announce(session: Session) -> None:
    recipe, info = session.recipe, session.run.info
    console = screen.out()
    title = f": {recipe.title}" if recipe.title else ""
    console.print(Text.assemble((recipe.name, "bold"), title))
    samples = [f"{info['samples']['train']:,} samples to train"]
    samples += [
        f"{count:,} {words}"
        for part, words in (("validation", "to validate"), ("test", "to test"))
        if (count := info["samples"][part])
    ]
    console.print(f"{', '.join(samples)}; {info['parameters']:,} parameters")
    console.print(
        f"batches of {info['batch_size']}, seed {info['seed']}, "
        f"executor {info['executor']}"
    )
    if session.epochs_done:
        console.print(f"going on after epoch {session.epochs_done}")
    console.print()


def _tell(
    session: Session, path: Path, evaluation: dict[str, Any], samples: int
) -> None:
    console = screen.out()
    console.print()
    if session.interrupted:
        console.print(
            "Stopped early: the model is saved as far as it got.", style="yellow"
        )
    name = session.recipe.settings.evaluate.data
    unseen = "" if name == "train" else " not trained on"
    console.print(
        f"{name:<8} [bold]{escape(format_logs(evaluation))}[/]  "
        f"on {samples:,} samples{unseen}"
    )
    console.print(f"trained  in {format_seconds(session.seconds)}")
    console.print(f"saved    {path}", markup=False)
    report = session.report
    if report is not None:
        console.print(f"report   {report}", markup=False)
    folder = session.run.folder
    console.print("\nNext:")
    again = f"wubu train --resume {folder}"
    for command in (
        *([again] if session.interrupted else []),
        f"wubu predict {folder} PICTURE.png --show",
        f"wubu summary {folder}",
        "wubu runs",
    ):
        console.print(f"  {command}", style="cyan", markup=False)


def _as_data(
    session: Session, path: Path, evaluation: dict[str, Any]
) -> dict[str, Any]:
    info, report = session.run.info, session.report
    names = [name for name in _names(session) if name not in ("epoch", "seconds")]
    return {
        "name": session.recipe.name,
        "run": str(session.run.folder),
        **{key: info[key] for key in ("seed", "executor", "epochs", "batch_size")},
        "parameters": info["parameters"],
        "history": {name: session.run.column(name) for name in names},
        "seconds": session.seconds,
        "stopped": session.interrupted,
        "model": str(path),
        "evaluation": evaluation,
        "report": None if report is None else str(report),
    }


def _names(session: Session) -> list[str]:
    return list(dict.fromkeys(name for entry in session.run.history for name in entry))
