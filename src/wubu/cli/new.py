"""`wubu new NAME`: a recipe of one's own to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wubu import recipes
from wubu.cli import screen
from wubu.cli.failures import reports_errors
from wubu.cli.settings import AsJson, Debug
from wubu.errors import ArgumentError
from wubu.recipes.edit import quoted, set_value
from wubu.runs.record import write_text

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Of the recipe; the file is NAME.toml.")
]
Like = Annotated[
    str,
    typer.Option(
        "--like",
        metavar="RECIPE",
        help=f"What it begins as: {', '.join(recipes.names())}, or a .toml file.",
    ),
]


@reports_errors
def new(
    name: Name,
    like: Like = "digits-lenet",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write a recipe into this folder, for you to change and train.

    The object of --json has name and file.
    """
    path = Path(name if name.endswith(".toml") else f"{name}.toml")
    if path.exists():
        raise ArgumentError(
            "there is a recipe of this name",
            where=path,
            fix=f"another name, or `wubu train {path}`",
        )
    write_text(path, set_value(recipes.load(like).text, ["name"], quoted(path.stem))[0])
    if as_json:
        screen.print_json({"name": path.stem, "file": str(path)})
        return
    console = screen.out()
    console.print(f"recipe written to {path}\n\nNext:", markup=False)
    for command in (f"wubu summary {path}", f"wubu train {path}"):
        console.print(f"  {command}", style="cyan", markup=False)
