"""`wubu demo`, and `make demo`: a first network, trained in seconds, step by step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from wubu.cli import pictures, screen, session
from wubu.cli.failures import STOPPED, reports_errors
from wubu.cli.settings import Debug, Executor, Seed
from wubu.training.callbacks.progress import format_logs, format_seconds

_NETWORK = "digits-lenet"
_SHOWN = 7  # pictures in a row: as many as 80 columns take

Output = Annotated[
    Path | None,
    typer.Option(help=f"Where the model is saved; runs/{_NETWORK}.wubu by default."),
]


@reports_errors
def demo(
    seed: Seed = 0,
    executor: Executor = None,
    output: Output = None,
    debug: Debug = False,
) -> None:
    """Train a first network on handwritten digits, and look at each of the five steps.

    The digits are inside the package: nothing is downloaded. The model is saved under
    runs/ in the current folder, and so is one picture to try it on.
    """
    console = screen.out()
    plan = session.make_plan(_NETWORK, seed=seed, executor=executor, output=output)
    console.print("[bold]Wubu 五步[/]: a network learns to read digits, in five steps.")

    _step(console, "备", "prepare")
    samples = session.load_samples(plan.network)
    _show_samples(console, plan, samples)

    _step(console, "搭", "build")
    model = session.build(plan)
    model.summary(print_fn=lambda text: console.print(text, markup=False))

    _step(console, "译", "compile")
    _show_objective(console, plan, model)

    _step(console, "训", "train")
    steps = -(-len(samples.x_train) // plan.batch_size)
    _row(console, "batches", f"{plan.batch_size} samples each, shuffled every epoch")
    _row(console, "scale", f"{plan.epochs} epochs of {steps} steps\n")
    outcome = session.train(plan, model, samples, sys.stdout)
    model.save(plan.output)

    _step(console, "评", "evaluate")
    _show_evaluation(console, plan, model, samples)

    _show_next(console, plan, samples, outcome)
    if outcome.stopped:
        raise typer.Exit(STOPPED)


def _step(console: Console, sign: str, name: str) -> None:
    line = "─" * (66 - len(name))
    console.print(f"\n[bold cyan]{sign} {name}[/] [dim]{line}[/]\n")


def _row(console: Console, label: str, text: str) -> None:
    console.print(f"{label:<14} {text}", markup=False)


def _show_samples(
    console: Console, plan: session.Plan, samples: session.Samples
) -> None:
    height, width, _ = plan.network.input_shape
    white = plan.network.pixel_range
    classes = len(np.unique(samples.y_train))
    _row(
        console,
        "samples",
        f"{len(samples.x_train):,} digits to train on, {len(samples.x_test):,} kept "
        "apart for the test",
    )
    _row(console, "", f"{height} × {width} pixels, from 0 (paper) to {white} (ink)")
    _row(console, "labels", f"{classes} classes: the digits 0 to {classes - 1}")
    _row(console, "preprocessing", f"pixels / {white}, inside the network\n")
    chosen = [int(np.argmax(samples.y_train == digit)) for digit in range(_SHOWN)]
    pictures.print_row(
        console,
        [samples.x_train[i] / white for i in chosen],
        [str(samples.y_train[i]) for i in chosen],
    )


def _show_objective(console: Console, plan: session.Plan, model: Any) -> None:
    optimizer = model.optimizer
    rate = float(np.asarray(optimizer.learning_rate))
    _row(console, "loss", str(model.loss))
    _row(console, "", "small when it is sure of the right class")
    _row(console, "optimizer", f"{type(optimizer).__name__}, learning rate {rate:g}")
    _row(console, "metrics", "accuracy: the fraction it gets right")
    _row(console, "executor", f"{plan.executor}, runs the compiled step")


def _show_evaluation(
    console: Console, plan: session.Plan, model: Any, samples: session.Samples
) -> None:
    evaluation = session.evaluate(plan, model, samples)
    probabilities = model.predict(samples.x_test, batch_size=plan.batch_size)
    guesses = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(guesses != samples.y_test)
    total = len(samples.y_test)
    _row(console, "test", f"{format_logs(evaluation)}")
    _row(console, "right", f"{total - len(wrong)} of {total} digits it had never seen")
    _row(console, "wrong", f"{len(wrong)}")
    if not len(wrong):
        return
    shown = wrong[:_SHOWN]
    _row(console, "", "some of them, as label → guess, and how sure it was\n")
    captions = [
        f"{samples.y_test[i]}→{guesses[i]} {probabilities[i].max():.0%}" for i in shown
    ]
    images = [samples.x_test[i] / plan.network.pixel_range for i in shown]
    pictures.print_row(console, images, captions)


def _show_next(
    console: Console,
    plan: session.Plan,
    samples: session.Samples,
    outcome: session.Outcome,
) -> None:
    picture = _save_picture(plan, samples)
    console.print(f"\nTrained in {format_seconds(outcome.seconds)}", end="")
    console.print(f"; saved as {plan.output}. What you can do next:\n", markup=False)
    commands = [
        f"wubu predict {plan.output} {picture} --show",
        f"wubu summary {plan.output}",
        "wubu train mnist-lenet --epochs 2",
        "wubu --help",
    ]
    for command in commands:
        console.print(f"  {command}", style="cyan", markup=False)


def _save_picture(plan: session.Plan, samples: session.Samples) -> Path:
    """One digit of the test data as a picture file beside the model."""
    from PIL import Image

    path = plan.output.with_name("digit.png")
    pixels = samples.x_test[-1, :, :, 0] / plan.network.pixel_range
    Image.fromarray(np.round(pixels * 255).astype(np.uint8)).save(path)
    return path
