"""Options that commands share, and their checks, made before anything is computed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from wubu.core.executors import get_executor, set_executor
from wubu.errors import ArgumentError

AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON object and nothing else.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Seed = Annotated[
    int,
    typer.Option(
        min=0,
        help="Decides first weights, order of samples and dropout: "
        "the same seed gives the same numbers.",
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a setting of the recipe, as in train.epochs=3 or "
        "build.layers.1.filters=8. May be given several times.",
    ),
]
RunName = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A run: its folder, or its name in runs/."),
]
Runs = Annotated[
    Path, typer.Option("--runs", metavar="FOLDER", help="Where the runs lie.")
]
Executor = Annotated[
    str | None,
    typer.Option(
        help="What runs the compiled steps: native (machine code) or numpy; "
        "by default $WUBU_EXECUTOR, or else native.",
    ),
]


def choose_executor(name: str | None) -> str:
    """Makes this executor the one that steps run on, and returns its name.

    Raises:
        UnknownNameError: there is none of this name.
        ExecutorError: this machine cannot run it.
    """
    if name is not None:
        set_executor(name)
    return get_executor()


def check_output(path: Path) -> Path:
    """A place where a model can be saved; its folder is made where it is missing.

    Better now than after an hour of training.

    Raises:
        ArgumentError: the name of no model file.
        OSError: a folder that cannot be made or written to.
    """
    if path.suffix != ".wubu" or path.is_dir():
        raise ArgumentError(
            "this cannot be the file of a model",
            expected="a file name that ends in .wubu",
            got=str(path),
            fix=f"--output {path.with_name((path.name or 'model') + '.wubu')}",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(13, "cannot write in this folder", str(path.parent))
    return path
