"""What is named on the command line: a recipe, a run, a saved model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from wubu import recipes, saving
from wubu.errors import ArgumentError, UnknownNameError
from wubu.layers import Rescaling
from wubu.runs import Run, all_runs, find_run
from wubu.runs.folders import RUNS


def open_model(name: str) -> Any:
    """The model that a name on the command line stands for.

    Args:
        name: a recipe of Wubu's own or a `.toml` file (its network, with new weights);
            a run, or a `.wubu` file (the trained model).

    Raises:
        UnknownNameError: none of these; suggests the nearest.
        ArgumentError: a file that does not exist.
        FileFormatError: a file that holds no model.
    """
    if name in recipes.names() or Path(name).suffix == ".toml":
        return recipes.load(name).model()
    if not _exists(name):
        known = [*recipes.names(), *(run.name for run in all_runs())]
        raise UnknownNameError("recipe, run or model file", name, known)
    return open_trained(name)[0]


def open_trained(name: str | Path) -> tuple[Any, Run | None]:
    """A trained model, and the run that it is of, if it is named by that.

    Args:
        name: a run, by its folder or by its name in `runs/`; or a `.wubu` file.

    Raises:
        UnknownNameError: neither; suggests the nearest run.
    """
    path = Path(name)
    if path.suffix == ".wubu" or path.is_file():
        return open_file(path), None
    if not _exists(name):
        known = [run.name for run in all_runs()]
        error = UnknownNameError("run or model file", str(name), known)
        if str(name) in recipes.names():
            error.fix = f"`wubu train {name}` makes a run of this recipe"
        raise error
    run = find_run(path)
    recipes.recall(run).begin()  # classes of one's own are registered
    return run.model(), run


def _exists(name: str | Path) -> bool:
    """Whether there is such a run or model file; one that says it is a model file
    counts, so that its own error is shown."""
    path = Path(name)
    return path.suffix == ".wubu" or path.exists() or (RUNS / path).is_dir()


def open_file(path: Path) -> Any:
    """The model in a file.

    Raises:
        ArgumentError: there is no such file.
        FileFormatError: it holds no model.
    """
    if not path.is_file():
        raise ArgumentError(
            "there is no such model file",
            where=path,
            fix="`wubu train NAME` makes a run, with a model in it",
        )
    return saving.load_model(path)


def white_of(model: Any) -> float:
    """The pixel that the first layer turns into 1, which is the largest in the data: 16
    for the digits, 255 for MNIST and wherever nothing says so."""
    first = model.layers[0] if model.layers else None
    if not isinstance(first, Rescaling) or np.size(first.scale) != 1:
        return 255.0
    return float((1.0 - np.max(first.offset)) / np.ravel(first.scale)[0])
