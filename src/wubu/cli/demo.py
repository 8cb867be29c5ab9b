"""`wubu demo`, and `make demo`: a first network, trained in seconds, step by step."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from wubu import recipes
from wubu.cli import pictures, screen
from wubu.cli.failures import STOPPED, reports_errors
from wubu.cli.named import white_of
from wubu.cli.settings import Debug, Executor, Seed, check_output, choose_executor
from wubu.recipes import Session
from wubu.training.callbacks.progress import (
    format_logs,
    format_seconds,
    progress_for,
)

_RECIPE = "digits-lenet"
_SHOWN = 7  # pictures in a row: as many as 80 columns take

Output = Annotated[Path | None, typer.Option(help="Save the model in this file, too.")]


@reports_errors
def demo(
    seed: Seed = 0,
    executor: Executor = None,
    output: Output = None,
    debug: Debug = False,
) -> None:
    """Train a first network on handwritten digits, and look at each of the five steps.

    The digits are inside the package: nothing is downloaded. What comes of it is in a
    folder, runs/digits-lenet-1, with one picture to try the model on.
    """
    console = screen.out()
    choose_executor(executor)
    if output is not None:
        check_output(output)
    changes = [f"train.seed={seed}"] if seed else []
    session = Session.begin(recipes.load(_RECIPE, changes))
    console.print("[bold]Wubu 五步[/]: a network learns to read digits, in five steps.")

    _step(console, "备", "prepare")
    session.prepare()
    model = session.build()  # which knows what a white pixel is
    _show_samples(console, session)

    _step(console, "搭", "build")
    model.summary(print_fn=lambda text: console.print(text, markup=False))

    _step(console, "译", "compile")
    _show_objective(console, session)

    _step(console, "训", "train")
    said = session.recipe.settings.train
    steps = -(-session.run.info["samples"]["train"] // said.batch_size)
    _row(console, "batches", f"{said.batch_size} samples each, shuffled every epoch")
    _row(console, "scale", f"{said.epochs} epochs of {steps} steps\n")
    session.train(callbacks=[progress_for(1, sys.stdout)], verbose=0)
    if output is not None:
        shutil.copyfile(session.run.model_path, output)

    _step(console, "评", "evaluate")
    _show_evaluation(console, session)

    _show_next(console, session)
    if session.interrupted:
        raise typer.Exit(STOPPED)


def _step(console: Console, sign: str, name: str) -> None:
    line = "─" * (66 - len(name))
    console.print(f"\n[bold cyan]{sign} {name}[/] [dim]{line}[/]\n")


def _row(console: Console, label: str, text: str) -> None:
    console.print(f"{label:<14} {text}", markup=False)


def _show_samples(console: Console, session: Session) -> None:
    assert session.data is not None and session.data.classes is not None
    x, y = session.data.train
    counts, classes = session.data.counts(), len(session.data.classes)
    height, width = x.shape[1:3]
    white = white_of(session.model)
    _row(
        console,
        "samples",
        f"{counts['train']:,} digits to train on, {counts['test']:,} kept apart for "
        "the test",
    )
    _row(console, "", f"{height} × {width} pixels, from 0 (paper) to {white:g} (ink)")
    _row(console, "labels", f"{classes} classes: the digits 0 to {classes - 1}")
    _row(console, "preprocessing", f"pixels / {white:g}, inside the network\n")
    chosen = [int(np.argmax(y == digit)) for digit in range(_SHOWN)]
    pictures.print_row(
        console, [x[i] / white for i in chosen], [str(y[i]) for i in chosen]
    )


def _show_objective(console: Console, session: Session) -> None:
    optimizer = session.model.optimizer
    rate = float(np.asarray(optimizer.learning_rate))
    _row(console, "loss", str(session.model.loss))
    _row(console, "", "small when it is sure of the right class")
    _row(console, "optimizer", f"{type(optimizer).__name__}, learning rate {rate:g}")
    _row(console, "metrics", "accuracy: the fraction it gets right")
    _row(console, "executor", f"{session.run.info['executor']}, runs the compiled step")


def _show_evaluation(console: Console, session: Session) -> None:
    evaluation = session.evaluate()
    said: Any = session.run.predictions
    shown: Any = session.run.samples
    y_true, y_pred, sure = said["y_true"], said["y_pred"], said["probabilities"]
    wrong = int(np.sum(y_true != y_pred))
    total = len(y_true)
    _row(console, "test", f"{format_logs(evaluation)}")
    _row(console, "right", f"{total - wrong} of {total} digits it had never seen")
    _row(console, "wrong", f"{wrong}")
    if not wrong:
        return
    _row(console, "", "the worst of them, as label → guess, and how sure it was\n")
    index = shown["index"][: min(wrong, _SHOWN)]
    captions = [f"{y_true[i]}→{y_pred[i]} {sure[i].max():.0%}" for i in index]
    images = list(shown["x"][: len(index)] / white_of(session.model))
    pictures.print_row(console, images, captions)


def _show_next(console: Console, session: Session) -> None:
    folder = session.run.folder
    picture = _save_picture(session)
    console.print(f"\nTrained in {format_seconds(session.seconds)}", end="")
    console.print(f"; all of it is in {folder}. What you can do next:\n", markup=False)
    if session.report is not None:
        console.print(f"  open {session.report} in a browser", markup=False)
    for command in (
        f"wubu predict {folder} {picture} --show",
        "wubu new first",
        "wubu train first.toml",
        "wubu --help",
    ):
        console.print(f"  {command}", style="cyan", markup=False)


def _save_picture(session: Session) -> Path:
    """One digit of the test data as a picture file in the run folder."""
    from PIL import Image

    assert session.data is not None and session.data.test is not None
    path = session.run.folder / "digit.png"
    pixels = session.data.test[0][-1, :, :, 0] / white_of(session.model)
    Image.fromarray(np.round(pixels * 255).astype(np.uint8)).save(path)
    return path
