"""The program `wubu`: its help, its version, its commands."""

from __future__ import annotations

import inspect
import re
from importlib.metadata import version
from typing import Annotated

import typer

from wubu.cli.bench import bench
from wubu.cli.compare import compare
from wubu.cli.demo import demo
from wubu.cli.evaluate import evaluate
from wubu.cli.new import new
from wubu.cli.predict import predict
from wubu.cli.profile import profile
from wubu.cli.runs import runs
from wubu.cli.summary import summary
from wubu.cli.train import train

_ABOUT = """Wubu 五步: deep learning in five steps.

[cyan]备[/] prepare   samples, labels, preprocessing
[cyan]搭[/] build     layers from input to output
[cyan]译[/] compile   loss, optimizer, metrics
[cyan]训[/] train     batches, epochs
[cyan]评[/] evaluate  how good it is on data it never saw

Begin with [bold]wubu demo[/]: a network learns to read digits, in seconds.
"""

_EXIT_CODES = (
    "Exit codes: 0 done; 1 what was asked for cannot be done, and the error says why; "
    "2 wrong usage; 130 stopped by Ctrl-C."
)

app = typer.Typer(
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True, help=_ABOUT, epilog=_EXIT_CODES)
def wubu(
    context: typer.Context,
    show_version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.")
    ] = False,
) -> None:
    if show_version:
        print(f"wubu {version('wubu')}")
    elif context.invoked_subcommand is None:
        print(context.get_help(), end="")


def _paragraphs(docstring: str | None) -> str:
    """A docstring with its lines joined, so that the terminal breaks them anew."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(docstring or ""))


_COMMANDS = (
    *(demo, new, train, evaluate, predict),
    *(runs, compare, summary, profile, bench),
)
for _command in _COMMANDS:
    app.command(help=_paragraphs(_command.__doc__))(_command)
