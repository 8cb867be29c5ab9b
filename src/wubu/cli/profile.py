"""`wubu profile NAME`: where the time of a training step goes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.markup import escape

from wubu import recipes
from wubu.cli import screen
from wubu.cli.failures import reports_errors
from wubu.cli.named import white_of
from wubu.cli.settings import AsJson, Debug
from wubu.core.executors import get_executor, set_executor
from wubu.core.settings import settings
from wubu.core.threads import set_num_threads
from wubu.errors import ArgumentError, ShapeError
from wubu.recipes import Recipe

Name = Annotated[
    str,
    typer.Argument(
        metavar="RECIPE", help=f"A .toml file, or one of {', '.join(recipes.names())}."
    ),
]
BatchSize = Annotated[
    int | None,
    typer.Option(min=1, help="Samples per step; the recipe's own by default."),
]
Threads = Annotated[
    int | None,
    typer.Option(min=1, help="How many threads work; by default WUBU_THREADS or all."),
]
Steps = Annotated[
    int | None,
    typer.Option(min=1, help="Steps of a round; by default as many as take some time."),
]
ByTime = Annotated[
    bool, typer.Option("--by-time", help="In each phase the longest kernels first.")
]
Everything = Annotated[
    bool, typer.Option("--all", help="Also kernels that take hardly any time.")
]
Picture = Annotated[
    Path | None,
    typer.Option(
        help="Draw the roofline to this file: .png, .svg or .pdf; none draws nothing. "
        "By default RECIPE-roofline.png in this folder, with --json nothing."
    ),
]
Text = Annotated[
    bool, typer.Option("--text", help="Print the program as pseudo-code instead.")
]
Llvm = Annotated[bool, typer.Option("--llvm", help="Print its LLVM code instead.")]
Assembly = Annotated[
    bool, typer.Option("--assembly", help="Print its machine code instead.")
]

_FORMATS = (".png", ".svg", ".pdf")


@reports_errors
def profile(
    name: Name,
    batch_size: BatchSize = None,
    threads: Threads = None,
    steps: Steps = None,
    by_time: ByTime = False,
    everything: Everything = False,
    picture: Picture = None,
    as_json: AsJson = False,
    text: Text = False,
    llvm: Llvm = False,
    assembly: Assembly = False,
    debug: Debug = False,
) -> None:
    """Show where the time of a training step goes, kernel by kernel; draw its roofline.

    The network of a recipe is compiled with a clock around each kernel and trained for
    a while on made-up samples. Time is the mean of all threads; the fastest of some
    rounds counts. Speed counts the operations that the step must do.

    The object of --json has name, batch_size, threads, steps (of a round), seconds and
    flops (of a step), wall (seconds of a step with the call), overhead (seconds of a
    step for measuring), machine (peak in FLOP/s, bandwidth in bytes/s), picture (the
    file) and records: phase, layer, where (the user's line), operation, form, tile,
    computes (other operations computed in it), flops, bytes, seconds, calls,
    share_of_peak.
    """
    shown = [kind for kind, on in _kinds(text, llvm, assembly).items() if on]
    if len(shown) + as_json > 1:
        raise ArgumentError("only one of --json, --text, --llvm, --assembly is printed")
    recipe = recipes.load(name)
    if picture is None and not as_json:
        picture = Path(f"{recipe.name}-roofline.png")
    picture = None if picture == Path("none") else picture
    if picture is not None:
        _check_picture(picture)
    batch_size = batch_size or recipe.settings.train.batch_size
    with _native(threads):
        model = recipe.model()
        x, y = _samples(model, batch_size)
        if shown:
            program = model.program(x, y, batch_size)
            screen.out().print(getattr(program, shown[0])(), markup=False)
            return
        found = model.profile(x, y, batch_size, steps)._replace(name=recipe.name)
    if picture is not None:
        found.picture(picture)
    if as_json:
        data = found.as_data() | {"batch_size": batch_size}
        screen.print_json(data | {"picture": None if picture is None else str(picture)})
        return
    _tell(found.by_time() if by_time else found, recipe, batch_size, everything)
    if picture is not None:
        screen.out().print(f"\nroofline drawn to {picture}", markup=False)


@contextlib.contextmanager
def _native(threads: int | None) -> Iterator[None]:
    """Steps are compiled for this CPU, for so many threads."""
    executor, before = get_executor(), settings().threads
    set_executor("native")
    set_num_threads(threads or before)
    try:
        yield
    finally:
        set_executor(executor)
        set_num_threads(before)


def _kinds(text: bool, llvm: bool, assembly: bool) -> dict[str, bool]:
    return {"text": text, "llvm": llvm, "assembly": assembly}


def _check_picture(path: Path) -> None:
    if path.suffix not in _FORMATS:
        raise ArgumentError(
            "a picture cannot be drawn in this format",
            expected=f"a file name that ends in {', '.join(_FORMATS)}",
            got=str(path),
        )


def _samples(model: Any, batch_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise in the form of the network's data; the work is the same with any."""
    random = np.random.default_rng(0)
    shape, outputs = model.input_shape, model.output_shape
    if not isinstance(shape, tuple) or len(outputs) != 2 or None in shape[1:]:
        raise ShapeError(
            "a network of this form cannot be profiled",
            expected="one input, and outputs of shape (batch, classes)",
            got=f"inputs {shape}, outputs {outputs}",
        )
    samples = max(1024, batch_size)
    white = int(white_of(model))
    x = random.integers(0, white + 1, (samples, *shape[1:]), np.uint8)
    return x, random.integers(0, max(outputs[1], 2), samples, np.uint8)


def _tell(found: Any, recipe: Recipe, batch_size: int, everything: bool) -> None:
    console: Console = screen.out()
    console.print(f"[bold]{escape(recipe.name)}[/]: {escape(recipe.title)}")
    samples = f"{batch_size} sample{'s' * (batch_size != 1)}"
    threads = f"{found.threads} thread{'s' * (found.threads != 1)}"
    console.print(f"a training step of {samples} on {threads}\n")
    for part in found.parts(console.width, everything):
        console.print(part, soft_wrap=False)
