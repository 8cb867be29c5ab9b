"""What early stopping and checkpoints share: a number to watch, and what is better."""

from __future__ import annotations

import math
import warnings

from wubu.errors import ArgumentError
from wubu.training.callbacks.callback import Logs

_MODES = ("auto", "min", "max")
# Of these, more is better; of everything else, less.
_MORE = ("acc", "auc", "precision", "recall", "f1", "fbeta", "iou", "r2", "top_k")


class Monitor:
    """Watches one of the logged numbers.

    Args:
        name: which.
        mode: "min" if less is better, "max" if more is, "auto" to tell by the name.
        min_delta: what counts as better is better by more than this.
    """

    def __init__(self, name: str, mode: str, min_delta: float = 0.0) -> None:
        if mode not in _MODES:
            raise ArgumentError("unknown mode", expected=", ".join(_MODES), got=mode)
        self.name = name
        more = mode == "max" or (mode == "auto" and any(part in name for part in _MORE))
        self._sign = 1.0 if more else -1.0
        self._min_delta = abs(min_delta)

    @property
    def worst(self) -> float:
        """What everything is better than."""
        return -math.inf * self._sign

    def better(self, value: float, than: float) -> bool:
        return (
            self._sign * (value - than) > self._min_delta
            if math.isfinite(than)
            else not math.isnan(value) and self._sign * value > self._sign * than
        )

    def read(self, logs: Logs | None) -> float | None:
        """Its value, or None, with a warning, where it was not logged."""
        if logs and self.name in logs:
            return logs[self.name]
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
