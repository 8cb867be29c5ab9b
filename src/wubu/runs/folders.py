"""Where runs lie: a new folder, one by its name, all of them."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from wubu.errors import ArgumentError, FileFormatError, UnknownNameError
from wubu.runs.run import INFO, RECIPE, Run

RUNS = Path("runs")  # in the current folder, unless told otherwise


def new_run(recipe: str, root: Path = RUNS) -> Run:
    """A new, empty run folder: the recipe's name and the next number.

    Two processes never get the same one: making a folder succeeds once.

    Args:
        recipe: the name of the recipe.
        root: the folder of all runs; it is made where it is missing.

    Raises:
        OSError: no folder can be made there.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as root:
        ...     [new_run("lenet", Path(root)).name for _ in range(2)]
        ['lenet-1', 'lenet-2']
    """
    stem = re.sub(r"[^\w.-]+", "-", recipe).strip("-.") or "run"
    root.mkdir(parents=True, exist_ok=True)
    taken = [_number(path.name, stem) for path in root.iterdir()]
    for number in itertools.count(max(taken, default=0) + 1):
        folder = root / f"{stem}-{number}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return Run(folder)
    raise AssertionError("there is always a next number")


def all_runs(root: Path = RUNS) -> list[Run]:
    """All runs in a folder, the oldest first; also damaged ones, in front."""
    if not root.is_dir():
        return []
    found = [Run(path) for path in root.iterdir() if _is_run(path)]
    return sorted(found, key=lambda run: (_started(run), run.name))


def find_run(name: str | Path, root: Path = RUNS) -> Run:
    """A run by its folder, or by its name among those in `root`.

    Raises:
        ArgumentError: a folder that is no run.
        UnknownNameError: no folder, and no run of this name; suggests the nearest.
    """
    path = Path(name)
    if not path.is_dir():
        path = root / path
    if not path.is_dir():
        known = [run.name for run in all_runs(root)]
        raise UnknownNameError(f"run in {root}/", str(name), known)
    if not _is_run(path):
        raise ArgumentError(
            "this folder is no run",
            where=path,
            expected=f"a folder with {RECIPE} and {INFO}, as `wubu train` makes them",
        )
    return Run(path)


def _is_run(path: Path) -> bool:
    return (path / RECIPE).is_file() or (path / INFO).is_file()


def _started(run: Run) -> str:
    try:
        return run.info.get("started") or ""
    except (FileFormatError, OSError):
        return ""


def _number(name: str, stem: str) -> int:
    found = re.fullmatch(re.escape(stem) + r"-(\d+)", name)
    return int(found[1]) if found else 0
