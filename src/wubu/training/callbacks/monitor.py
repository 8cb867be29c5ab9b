"""What early stopping and checkpoints share: a number to watch, and what is better."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from wubu.errors import ArgumentError
from wubu.training.callbacks.callback import Logs

_MODES = ("auto", "min", "max")
# Where one of these is a word of a metric's name, more is better.
_MORE = frozenset(
    ("acc", "accuracy", "auc", "f1", "fbeta", "iou", "precision", "r2", "recall")
)


class Monitor:
    """Watches one of the logged numbers.

    Args:
        name: which.
        mode: "min" if less is better, "max" if more is, "auto" to ask the metric of
            this name, or to tell by the name if it does not know.
        min_delta: what counts as better is better by more than this.

    Raises:
        ArgumentError: another mode.
    """

    def __init__(self, name: str, mode: str, min_delta: float = 0.0) -> None:
        if mode not in _MODES:
            raise ArgumentError("unknown mode", expected=", ".join(_MODES), got=mode)
        self.name = name
        self._mode = mode
        self._min_delta = abs(min_delta)
        self._sign = 1.0 if self._more_by_name() else -1.0

    def ask(self, model: Any) -> None:
        """Finds out from the model's metrics whether more is better."""
        if self._mode != "auto":
            return
        own = self.name.removeprefix("val_")
        objectives = getattr(model, "_objectives", None)
        metric = None if objectives is None else objectives.by_name.get(own)
        if metric is None:  # it may be one of a layer: that takes a walk through all
            named: dict[str, Any] = getattr(model, "_named_metrics", dict)()
            metric = named.get(own)
        direction = getattr(metric, "_direction", None)
        if direction is not None:
            self._sign = 1.0 if direction == "up" else -1.0

    def _more_by_name(self) -> bool:
        words = self.name.split("_")
        by_name = not _MORE.isdisjoint(words) and words[-1] != "loss"
        return self._mode == "max" or (self._mode == "auto" and by_name)

    def better(self, value: float, than: float | None) -> bool:
        """Whether a value is better than another one; than none, if it is a number."""
        if than is None or math.isnan(than):
            return not math.isnan(value)
        return self._sign * value - self._min_delta > self._sign * than

    def read(self, logs: Logs | None) -> float | None:
        """Its value, or None, with a warning, where it was not logged, or is an array
        of several."""
        value: Any = (logs or {}).get(self.name)
        if value is not None and not np.ndim(value):
            return value
        if value is not None:
            warnings.warn(
                f'"{self.name}" is watched but has {np.size(value)} numbers, which '
                "cannot be compared",
                stacklevel=2,
            )
            return None
        known = ", ".join(logs or {}) or "nothing"
        hint = (
            " (it needs validation_data or validation_split)"
            if self.name.startswith("val_")
            else ""
        )
        warnings.warn(
            f'"{self.name}" is watched but not logged{hint}; logged: {known}',
            stacklevel=2,
        )
        return None
