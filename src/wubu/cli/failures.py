"""What a mistake looks like on the command line, and the exit codes.

    0    done
    1    what was asked for cannot be done, and the error says why
    2    the command itself is wrong: an unknown option, a missing argument
    130  stopped by Ctrl-C

Anything else that goes wrong is a fault of Wubu's own, and ends with a traceback; with
`--json` standard output holds an object about it nevertheless.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from wubu.cli import screen
from wubu.errors import WubuError

FAILED, STOPPED = 1, 130

_FIELDS = {"where": "cyan", "expected": "green", "got": "red", "fix": "bold"}

Command = TypeVar("Command", bound=Callable[..., Any])


def reports_errors(command: Command) -> Command:
    """Decorates a command: its errors are shown, as JSON if `--json` was given, and
    `--debug` lets the traceback through."""

    @functools.wraps(command)
    def wrapped(**options: Any) -> Any:
        try:
            return command(**options)
        except (WubuError, OSError) as error:
            if isinstance(error, BrokenPipeError) or options.get("debug"):
                raise
            fields = describe(error)
            if options.get("as_json"):
                screen.print_json({"error": fields})
            else:
                show(fields, screen.err())
            raise typer.Exit(FAILED) from None
        except KeyboardInterrupt:
            screen.err().print("stopped by Ctrl-C", style="yellow")
            raise typer.Exit(STOPPED) from None
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except Exception as error:
            if options.get("as_json"):
                screen.print_json({"error": describe(error)})
            raise

    return wrapped  # type: ignore[return-value]


def describe(error: Exception) -> dict[str, str | None]:
    """The fields of an error, by name.

    Example:
        >>> describe(WubuError("no such layer", got=3))["got"]
        '3'
    """
    kind = type(error).__name__
    if isinstance(error, WubuError):
        fields = {name: getattr(error, name) for name in _FIELDS}
        return {"kind": kind, "what": error.what, **fields}
    what, where = str(error), None
    if isinstance(error, OSError):
        what = error.strerror or what
        what = what[:1].lower() + what[1:]
        where = None if error.filename is None else str(error.filename)
    none = dict.fromkeys(("expected", "got", "fix"))
    return {"kind": kind, "what": what, "where": where, **none}


def show(fields: dict[str, str | None], console: Console) -> None:
    """Prints an error for people: what, then the other fields, aligned."""
    what = Text.assemble(("error", "bold red"), "  ", fields["what"] or "")
    console.print(what, soft_wrap=False)
    if not console.is_terminal:
        for name in _FIELDS:
            if fields[name] is not None:
                console.print(f"  {name:<8}  {fields[name]}", markup=False)
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, style in _FIELDS.items():
        if fields[name] is not None:
            label = Text(f"  {name}", style="dim")
            grid.add_row(label, Text(fields[name] or "", style=style))
    console.print(grid, soft_wrap=False)
