"""The best of one rate that leaves another at a given level: sensitivity at
specificity, precision at recall, and the other way round.

All four look at evenly spread thresholds, and take the best of those that qualify.
"""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.metrics.thresholds import ThresholdCounts, spread_thresholds
from wubu.ops.comparison import where
from wubu.ops.keras import divide_no_nan
from wubu.ops.reduction import max

# Each rate is the share of the first count among both.
_RATES = {
    "precision": ("true_positives", "false_positives"),
    "recall": ("true_positives", "false_negatives"),  # also called sensitivity
    "specificity": ("true_negatives", "false_positives"),
}


class _OperatingPoint(ThresholdCounts):
    """The largest of one rate, `_sought`, where another, `_given`, is high enough."""

    _direction = "up"
    _given: str
    _sought: str

    def __init__(
        self,
        lowest: float,
        num_thresholds: int,
        class_id: int | None,
        name: str | None,
        dtype: Any,
    ) -> None:
        if not 0 <= lowest <= 1:
            raise ArgumentError(
                f"{self._given} is a share", expected="0 to 1", got=lowest
            )
        self.thresholds = spread_thresholds(num_thresholds)
        super().__init__(self.thresholds, None, class_id, name, dtype)
        self.num_thresholds = num_thresholds
        self._lowest = lowest
        needed = (*_RATES[self._given], *_RATES[self._sought])
        self._counted = tuple(dict.fromkeys(needed))
        self.add_counts()

    def result(self) -> Tensor:
        """The best so far; 0 where no threshold is good enough."""
        good = self._rate(self._given) >= self._lowest
        return max(where(good, self._rate(self._sought), 0))

    def _rate(self, name: str) -> Tensor:
        counted, other = (getattr(self, count).value for count in _RATES[name])
        return divide_no_nan(counted, counted + other)


class SensitivityAtSpecificity(_OperatingPoint):
    """The largest sensitivity (recall) at a threshold where the specificity, true
    negatives / (true negatives + false positives), is high enough.

    Args:
        specificity: at least this, from 0 to 1.
        num_thresholds: how many are tried, evenly spread from 0 to 1.
        class_id: only this column of targets and predictions counts.
        name: in logs.
        dtype: see `ThresholdCounts`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ArgumentError: specificity outside of 0 to 1, or no thresholds.

    Example:
        >>> metric = SensitivityAtSpecificity(0.5)
        >>> metric([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
        Tensor(0.5, shape=(), dtype=float32)
    """

    _given, _sought = "specificity", "recall"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity


class SpecificityAtSensitivity(_OperatingPoint):
    """The largest specificity at a threshold where the sensitivity (recall), true
    positives / (true positives + false negatives), is high enough.

    Args:
        sensitivity: at least this, from 0 to 1.
        num_thresholds: how many are tried, evenly spread from 0 to 1.
        class_id: only this column of targets and predictions counts.
        name: in logs.
        dtype: see `ThresholdCounts`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ArgumentError: sensitivity outside of 0 to 1, or no thresholds.

    Example:
        >>> metric = SpecificityAtSensitivity(0.5)
        >>> metric([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
        Tensor(0.6666667, shape=(), dtype=float32)
    """

    _given, _sought = "recall", "specificity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = sensitivity


class PrecisionAtRecall(_OperatingPoint):
    """The largest precision, true positives / (true positives + false positives), at a
    threshold where the recall is high enough.

    Args:
        recall: at least this, from 0 to 1.
        num_thresholds: how many are tried, evenly spread from 0 to 1.
        class_id: only this column of targets and predictions counts.
        name: in logs.
        dtype: see `ThresholdCounts`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ArgumentError: recall outside of 0 to 1, or no thresholds.

    Example:
        >>> metric = PrecisionAtRecall(0.5)
        >>> metric([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
        Tensor(0.5, shape=(), dtype=float32)
    """

    _given, _sought = "recall", "precision"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)
        self.recall = recall


class RecallAtPrecision(_OperatingPoint):
    """The largest recall, true positives / (true positives + false negatives), at a
    threshold where the precision is high enough.

    Args:
        precision: at least this, from 0 to 1.
        num_thresholds: how many are tried, evenly spread from 0 to 1.
        class_id: only this column of targets and predictions counts.
        name: in logs.
        dtype: see `ThresholdCounts`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ArgumentError: precision outside of 0 to 1, or no thresholds.

    Example:
        >>> metric = RecallAtPrecision(0.5)
        >>> metric([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
        Tensor(1., shape=(), dtype=float32)
    """

    _given, _sought = "precision", "recall"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)
        self.precision = precision
