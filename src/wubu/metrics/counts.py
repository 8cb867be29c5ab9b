"""True and false positives and negatives: how many, or how much they weigh."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.metrics.thresholds import ThresholdCounts, check_thresholds


class _Count(ThresholdCounts):
    """One of the four counts; see `TruePositives` for the arguments."""

    def __init__(
        self, thresholds: Any = None, name: str | None = None, dtype: Any = None
    ) -> None:
        self.thresholds = check_thresholds(thresholds, 0.5)
        super().__init__(self.thresholds, name=name, dtype=dtype)
        self.add_counts()

    def result(self) -> Tensor:
        """The count so far."""
        return self.by_threshold(getattr(self, self._counted[0]).value)


class TruePositives(_Count):
    """How many predictions lie above the threshold, rightly: the label is not 0. With
    sample weights, the sum of theirs.

    Args:
        thresholds: above it a prediction is positive: 0.5 by default, 0 for logits.
            With several the result has one number for each.
        name: in logs.
        dtype: see `ThresholdCounts`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ArgumentError: thresholds outside of 0 to 1.

    Example:
        >>> TruePositives()([0, 1, 1, 1], [0.9, 0.2, 0.8, 0.7])
        Tensor(2., shape=(), dtype=float32)
    """

    _direction = "up"
    _counted = ("true_positives",)


class TrueNegatives(_Count):
    """How many predictions do not lie above the threshold, rightly: the label is 0.

    Args, shapes and errors are those of `TruePositives`.

    Example:
        >>> TrueNegatives()([0, 1, 0, 0], [0.9, 0.2, 0.3, 0.1])
        Tensor(2., shape=(), dtype=float32)
    """

    _direction = "up"
    _counted = ("true_negatives",)


class FalsePositives(_Count):
    """How many predictions lie above the threshold, wrongly: the label is 0.

    Args, shapes and errors are those of `TruePositives`.

    Example:
        >>> FalsePositives(thresholds=[0.2, 0.5])([0, 1, 0, 0], [0.9, 0.2, 0.3, 0.1])
        Tensor([2. 1.], shape=(2,), dtype=float32)
    """

    _direction = "down"
    _counted = ("false_positives",)


class FalseNegatives(_Count):
    """How many predictions do not lie above the threshold, wrongly: the label is not 0.

    Args, shapes and errors are those of `TruePositives`.

    Example:
        >>> FalseNegatives()([0, 1, 1, 1], [0.9, 0.2, 0.8, 0.1])
        Tensor(2., shape=(), dtype=float32)
    """

    _direction = "down"
    _counted = ("false_negatives",)
