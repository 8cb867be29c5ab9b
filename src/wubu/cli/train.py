"""`wubu train NAME`: trains a built-in network, saves and evaluates it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wubu.cli import screen, session
from wubu.cli.failures import STOPPED, reports_errors
from wubu.cli.settings import AsJson, Debug, Executor, Seed
from wubu.models import zoo
from wubu.training.callbacks.progress import format_logs, format_seconds

Name = Annotated[
    str, typer.Argument(metavar="NAME", help=f"One of {', '.join(zoo.NETWORKS)}.")
]
Epochs = Annotated[
    int | None,
    typer.Option(min=1, help="Passes over the data; the network's own by default."),
]
BatchSize = Annotated[
    int | None,
    typer.Option(min=1, help="Samples per step; the network's own by default."),
]
Output = Annotated[
    Path | None,
    typer.Option(help="Where the model is saved; runs/NAME.wubu by default."),
]


@reports_errors
def train(
    name: Name,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    seed: Seed = 0,
    executor: Executor = None,
    output: Output = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Train a built-in network, save it, evaluate it on test data.

    Ctrl-C stops after the running step; what was learned is saved and evaluated then,
    and the exit code is 130. A second Ctrl-C quits at once.

    The object of --json has name, seed, executor, epochs, batch_size, parameters,
    history (a list for each number, one entry a full epoch), seconds (that training
    took), stopped (whether by Ctrl-C), model (path of the saved file) and evaluation
    (loss and metrics on the test data). Progress goes to standard error then.
    """
    plan = session.make_plan(
        name,
        seed=seed,
        executor=executor,
        epochs=epochs,
        batch_size=batch_size,
        output=output,
    )
    samples = session.load_samples(plan.network)
    model = session.build(plan)
    if not as_json:
        _announce(plan, samples, model.count_params())
    stream = sys.stderr if as_json else sys.stdout
    outcome = session.train(plan, model, samples, stream)
    # Saved first: evaluation may be stopped, and what was learned must not be lost.
    model.save(plan.output)
    evaluation = session.evaluate(plan, model, samples)
    if as_json:
        _print_json(plan, model.count_params(), outcome, evaluation)
    else:
        _tell(plan, samples, outcome, evaluation)
    if outcome.stopped:
        raise typer.Exit(STOPPED)


def _announce(plan: session.Plan, samples: session.Samples, parameters: int) -> None:
    network = plan.network
    console = screen.out()
    console.print(f"[bold]{network.name}[/]: {network.title}")
    console.print(
        f"{len(samples.x_train):,} samples to train, {len(samples.x_test):,} to test; "
        f"{parameters:,} parameters"
    )
    console.print(
        f"batches of {plan.batch_size}, seed {plan.seed}, executor {plan.executor}\n"
    )


def _tell(
    plan: session.Plan,
    samples: session.Samples,
    outcome: session.Outcome,
    evaluation: dict[str, float],
) -> None:
    console = screen.out()
    console.print()
    if outcome.stopped:
        console.print(
            "Stopped early: the model is saved as far as it got.", style="yellow"
        )
    console.print(
        f"test     [bold]{format_logs(evaluation)}[/]  "
        f"on {len(samples.x_test):,} samples not trained on"
    )
    console.print(f"trained  in {format_seconds(outcome.seconds)}")
    console.print(f"saved    {plan.output}", markup=False)
    console.print("\nNext:")
    console.print(f"  wubu summary {plan.output}", style="cyan", markup=False)
    console.print(
        f"  wubu predict {plan.output} PICTURE.png --show", style="cyan", markup=False
    )


def _print_json(
    plan: session.Plan,
    parameters: int,
    outcome: session.Outcome,
    evaluation: dict[str, float],
) -> None:
    screen.print_json(
        {
            "name": plan.network.name,
            "seed": plan.seed,
            "executor": plan.executor,
            "epochs": plan.epochs,
            "batch_size": plan.batch_size,
            "parameters": parameters,
            "history": outcome.history,
            "seconds": outcome.seconds,
            "stopped": outcome.stopped,
            "model": str(plan.output),
            "evaluation": evaluation,
        }
    )
