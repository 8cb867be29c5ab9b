"""`Facts`: what is known of a run, read from its folder when a section asks for it."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np

from wubu.models.layer_graph import LayerGraph
from wubu.reports.words import count
from wubu.runs import Run
from wubu.runs.run import MODEL, RECIPE
from wubu.utils.plot_model import graph_of


class Missing(Exception):  # noqa: N818 - nothing went wrong
    """A section has nothing to show; the message is a sentence that says why."""


class Facts:
    """What a run folder holds. Properties that end in `needed` raise `Missing` where
    the others are None.

    Args:
        folder: of the run.
    """

    def __init__(self, folder: str | Path) -> None:
        self.run = Run(folder)

    @functools.cached_property
    def info(self) -> dict[str, Any]:
        return self.run.info

    @functools.cached_property
    def settings(self) -> dict[str, Any]:
        """The recipe; empty where there is none."""
        return self.run.settings if self.recipe else {}

    @functools.cached_property
    def recipe(self) -> str:
        """The text of the recipe; empty where there is none."""
        return self.run.recipe if (self.run.folder / RECIPE).is_file() else ""

    @functools.cached_property
    def history(self) -> list[dict[str, Any]]:
        return self.run.history

    @functools.cached_property
    def evaluation(self) -> dict[str, Any] | None:
        return self.run.evaluation

    @functools.cached_property
    def predictions(self) -> dict[str, np.ndarray] | None:
        return self.run.predictions

    @functools.cached_property
    def samples(self) -> dict[str, np.ndarray] | None:
        return self.run.samples

    @functools.cached_property
    def model(self) -> Any:
        """The trained model, or None."""
        return self.run.model() if (self.run.folder / MODEL).is_file() else None

    @functools.cached_property
    def graph(self) -> LayerGraph | None:
        """Calls of the model's layers; None for a model with a `call` of its own."""
        return None if self.model is None else graph_of(self.model)

    # -- what is made of it -----------------------------------------------------------

    @property
    def name(self) -> str:
        return self.info.get("name") or self.run.name

    @property
    def title(self) -> str:
        return self.info.get("title") or self.settings.get("title") or ""

    @property
    def task(self) -> str | None:
        return None if self.evaluation is None else self.evaluation["task"]

    @property
    def metrics(self) -> dict[str, Any]:
        return {} if self.evaluation is None else self.evaluation["metrics"]

    @property
    def total(self) -> int:
        """Samples that were judged."""
        return 0 if self.evaluation is None else self.evaluation["data"]["samples"]

    @property
    def right(self) -> int | None:
        """Answers that are right; None where there is no right and wrong."""
        if self.evaluation is None or not self.evaluation["classes"]:
            return None
        return sum(entry["right"] for entry in self.evaluation["classes"])

    @property
    def judged_on(self) -> str:
        """ "test", "validation" or "train"."""
        return self.settings.get("evaluate", {}).get("data", "test")

    @functools.cached_property
    def classes(self) -> list[str]:
        """Names of the classes."""
        if self.evaluation is not None and self.evaluation["classes"]:
            return [entry["name"] for entry in self.evaluation["classes"]]
        return [str(name) for name in self.info.get("classes") or ()]

    def class_name(self, number: int) -> str:
        return self.classes[number] if 0 <= number < len(self.classes) else str(number)

    @functools.cached_property
    def epochs_done(self) -> int:
        return len(self.history)

    @property
    def evaluation_needed(self) -> dict[str, Any]:
        return _there(self.evaluation, "the run has not been evaluated")

    @property
    def predictions_needed(self) -> dict[str, np.ndarray]:
        return _there(self.predictions, "the run keeps no predictions")

    @property
    def samples_needed(self) -> dict[str, np.ndarray]:
        found = _there(self.samples, "the run keeps no samples")
        if not len(found["index"]):
            raise Missing("the run keeps no samples")
        return found

    @property
    def model_needed(self) -> Any:
        return _there(self.model, "the run has no trained model yet")

    @property
    def classes_needed(self) -> list[dict[str, Any]]:
        """For each class its counts."""
        found = self.evaluation_needed["classes"]
        return _there(found, "the network predicts values, not classes")

    def parts(self) -> str:
        """How many samples there are for what."""
        known = self.info.get("samples") or {}
        words = (("train", "to train on"), ("validation", "to validate"))
        found = [
            (known.get(part), text) for part, text in (*words, ("test", "to test"))
        ]
        return ", ".join(f"{count(n, 'sample')} {text}" for n, text in found if n)


def _there(value: Any, why: str) -> Any:
    if value is None:
        raise Missing(why)
    return value
