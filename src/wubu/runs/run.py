"""`Run`: what a run folder holds, read when it is asked for."""

from __future__ import annotations

import json
import math
import tomllib
from datetime import datetime
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from wubu import saving
from wubu.data.folders import DAMAGED
from wubu.errors import ArgumentError, FileFormatError

RECIPE = "recipe.toml"
INFO = "run.json"
HISTORY = "history.jsonl"
CHECKPOINTS = "checkpoints"
MODEL = "model.wubu"
EVALUATION = "evaluation.json"
PREDICTIONS = "predictions.npz"
SAMPLES = "samples.npz"
REPORT = "report.html"

# What the fields of the JSON files are, of those that are counted or shown.
_NUMBER: Any = (int, float, NoneType)
_KINDS: dict[str, dict[str, Any]] = {
    INFO: {
        **dict.fromkeys(("name", "folder", "recipe", "title"), (str, NoneType)),
        **dict.fromkeys(("started", "ended"), (str, NoneType)),
        **dict.fromkeys(("epochs", "seconds", "parameters"), _NUMBER),
        **dict.fromkeys(("samples",), (dict, NoneType)),
        **dict.fromkeys(("classes",), (list, NoneType)),
    },
    HISTORY: dict.fromkeys(("epoch", "seconds"), _NUMBER),
    EVALUATION: {"metrics": (dict, NoneType), "classes": (list, NoneType)},
}


class Run:
    """A run folder. The files and their fields are described in `wubu.runs`.

    Args:
        folder: the folder; nothing is read yet.

    Example:
        >>> Run("runs/digits-lenet-1").name
        'digits-lenet-1'
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r})"

    @property
    def name(self) -> str:
        return self.folder.resolve().name

    @property
    def recipe(self) -> str:
        """The text of the recipe, as it was trained.

        Raises:
            ArgumentError: there is none.
            FileFormatError: it is damaged, as of all that is read here.
        """
        try:
            return self._file(RECIPE).read_text("utf-8")
        except UnicodeDecodeError as error:
            raise self._damaged(RECIPE, error) from error

    @property
    def settings(self) -> dict[str, Any]:
        """The recipe as nested dictionaries: `settings["train"]["epochs"]`."""
        try:
            return tomllib.loads(self.recipe)
        except tomllib.TOMLDecodeError as error:
            raise self._damaged(RECIPE, error) from error

    @property
    def info(self) -> dict[str, Any]:
        """What `run.json` says; empty where there is none."""
        return self._json(INFO) or {}

    @property
    def started(self) -> datetime | None:
        text = self.info.get("started")
        try:
            return None if text is None else datetime.fromisoformat(text)
        except ValueError as error:
            raise self._damaged(INFO, error) from error

    @property
    def classes(self) -> list[str] | None:
        """The names of the classes, if there are classes."""
        return self.info.get("classes")

    @property
    def history(self) -> list[dict[str, float]]:
        """The lines of `history.jsonl`, one for each epoch that came to its end.

        A last line that was cut off is left out: the epoch is trained again on resume.
        """
        path = self.folder / HISTORY
        if not path.is_file():
            return []
        found = []
        for line in path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            entry = self._parsed(HISTORY, line)
            found.append({k: math.nan if v is None else v for k, v in entry.items()})
        return found

    def column(self, name: str) -> list[float]:
        """One number of the history, an entry for each epoch; NaN where it is missing.

        Args:
            name: "loss", "val_accuracy", "seconds", ...
        """
        return [entry.get(name, math.nan) for entry in self.history]

    @property
    def evaluation(self) -> dict[str, Any] | None:
        """What `evaluation.json` says, or None before there is one."""
        return self._json(EVALUATION)

    @property
    def predictions(self) -> dict[str, np.ndarray] | None:
        """The arrays of `predictions.npz`, or None before there are any."""
        return self._arrays(PREDICTIONS)

    @property
    def samples(self) -> dict[str, np.ndarray] | None:
        """The arrays of `samples.npz`, or None before there are any."""
        return self._arrays(SAMPLES)

    @property
    def is_complete(self) -> bool:
        """Whether training came to an end, and evaluation after it."""
        return self.info.get("ended") is not None and self.evaluation is not None

    def model(self) -> Any:
        """The trained model.

        Raises:
            ArgumentError: there is none yet.
        """
        return saving.load_model(self._file(MODEL))

    @property
    def model_path(self) -> Path:
        return self.folder / MODEL

    @property
    def checkpoints(self) -> Path:
        return self.folder / CHECKPOINTS

    def _file(self, name: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise ArgumentError(
                f"this run has no {name}",
                where=self.folder,
                fix=f"`wubu train --resume {self.folder}` brings it to its end"
                if name == MODEL and (self.folder / RECIPE).is_file()
                else None,
            )
        return path

    def _json(self, name: str) -> Any:
        path = self.folder / name
        if not path.is_file():
            return None
        return self._parsed(name, path.read_bytes())

    def _parsed(self, name: str, text: bytes) -> dict[str, Any]:
        """An object of JSON, whose fields are what they must be."""
        try:
            found = json.loads(text.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise self._damaged(name, error) from error
        if not isinstance(found, dict):
            raise self._damaged(name, f"{found!r:.60} instead of an object")
        for field, kinds in _KINDS[name].items():
            if not isinstance(found.get(field), kinds):
                raise self._damaged(name, f'"{field}": {found[field]!r:.60}')
        return found

    def _arrays(self, name: str) -> dict[str, np.ndarray] | None:
        path = self.folder / name
        if not path.is_file():
            return None
        try:
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                return {key: file[key] for key in file.files}
        except (*DAMAGED, AttributeError, TypeError) as error:
            raise self._damaged(name, error) from error

    def _damaged(self, name: str, error: object) -> FileFormatError:
        return FileFormatError(
            f"{name} of this run is damaged",
            where=self.folder / name,
            got=str(error)[:200],
        )
