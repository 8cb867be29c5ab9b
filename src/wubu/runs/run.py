"""`Run`: what a run folder holds, read when it is asked for."""

from __future__ import annotations

import json
import math
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from wubu import saving
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
        """
        return self._file(RECIPE).read_text("utf-8")

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
        return None if text is None else datetime.fromisoformat(text)

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
        for line in path.read_text("utf-8").splitlines(keepends=True):
            if not line.endswith("\n"):
                break
            try:
                entry = json.loads(line)
            except ValueError as error:
                raise self._damaged(HISTORY, error) from error
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
        try:
            return json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise self._damaged(name, error) from error

    def _arrays(self, name: str) -> dict[str, np.ndarray] | None:
        path = self.folder / name
        if not path.is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as file:
                return {key: file[key] for key in file.files}
        except (ValueError, OSError, EOFError) as error:
            raise self._damaged(name, error) from error

    def _damaged(self, name: str, error: Exception) -> FileFormatError:
        return FileFormatError(
            f"{name} of this run is damaged",
            where=self.folder / name,
            got=str(error)[:200],
        )
