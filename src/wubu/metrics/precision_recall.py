"""Precision and recall: how many of those called positive are, how many that are
positive are called so."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.metrics.thresholds import LOWEST, ThresholdCounts, check_thresholds
from wubu.ops.keras import divide_no_nan


class _Share(ThresholdCounts):
    """True positives among them and another count."""

    _direction = "up"

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        default = 0.5 if top_k is None else LOWEST
        self.thresholds = check_thresholds(thresholds, default)
        super().__init__(self.thresholds, top_k, class_id, name, dtype)
        self.add_counts()

    def result(self) -> Tensor:
        """The share so far; 0 of nothing."""
        true, false = (getattr(self, name).value for name in self._counted)
        return self.by_threshold(divide_no_nan(true, true + false))


class Precision(_Share):
    """true positives / (true positives + false positives): how many of the predictions
    above a threshold are right.

    Args:
        thresholds: above it a prediction is positive: 0.5 by default, 0 for logits.
            With several the result has one number for each.
        top_k: the k largest predictions along the last axis are positive, if they lie
            above a threshold that is given.
        class_id: only this column of targets and predictions counts.
        name: in logs.
        dtype: see `ThresholdCounts`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ArgumentError: thresholds outside of 0 to 1.

    Example:
        >>> Precision()([0, 1, 1, 1], [0.9, 0.2, 0.8, 0.7])
        Tensor(0.6666667, shape=(), dtype=float32)
        >>> y_true, y_pred = [[0, 1, 1], [0, 0, 1]], [[0.1, 0.2, 0.7], [0.5, 0.4, 0.1]]
        >>> Precision(top_k=2)(y_true, y_pred)
        Tensor(0.5, shape=(), dtype=float32)
    """

    _counted = ("true_positives", "false_positives")


class Recall(_Share):
    """true positives / (true positives + false negatives): how many of the positive
    labels have predictions above a threshold.

    Args:
        thresholds: above it a prediction is positive: 0.5 by default, 0 for logits.
            With several the result has one number for each.
        top_k: the k largest predictions along the last axis are positive, if they lie
            above a threshold that is given.
        class_id: only this column of targets and predictions counts.
        name: in logs.
        dtype: see `ThresholdCounts`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ArgumentError: thresholds outside of 0 to 1.

    Example:
        >>> Recall(thresholds=[0.25, 0.75])([0, 1, 1, 1], [0.9, 0.2, 0.8, 0.7])
        Tensor([0.6666667  0.33333334], shape=(2,), dtype=float32)
    """

    _counted = ("true_positives", "false_negatives")
