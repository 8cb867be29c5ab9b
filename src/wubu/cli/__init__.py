"""The command line: `wubu demo`, `new`, `train`, `evaluate`, `predict`, `runs`, ...

    app.py        the program: its help, its version, its commands
    demo.py new.py train.py evaluate.py predict.py        one command each
    runs.py compare.py summary.py profile.py bench.py
    failures.py   what a mistake looks like, and the exit codes
    settings.py   options that commands share, checked before anything is computed
    named.py      what is named: a recipe, a run, a model file
    pictures.py   images drawn with characters
    screen.py     where text goes, and JSON

Loaded only when `wubu` is run as a program: `import wubu` knows nothing of it.
"""

from __future__ import annotations

import contextlib
import sys


def main() -> None:
    """Runs the program `wubu` with the arguments of this process, and exits."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal or file that cannot hold 五步 or ▀ gets question marks, no crash.
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    from wubu.cli.app import app

    app(prog_name="wubu")
