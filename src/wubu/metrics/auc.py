"""The area under a curve: ROC, precision and recall, or their gains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core.config import epsilon
from wubu.core.modes import no_grad
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.metrics.thresholds import ThresholdCounts, check_thresholds, spread_thresholds
from wubu.ops.arithmetic import maximum, minimum
from wubu.ops.comparison import where
from wubu.ops.functions import log, sigmoid
from wubu.ops.keras import divide_no_nan
from wubu.ops.reduction import mean, sum
from wubu.ops.targets import as_float

_CURVES = ("ROC", "PR", "PRGAIN")
_METHODS = ("interpolation", "minoring", "majoring")


class AUC(ThresholdCounts):
    """The area under a curve, from counts at thresholds between which it is a sum of
    strips.

    | curve | across | upwards |
    |---|---|---|
    | "ROC" | false positives / negatives | true positives / positives (recall) |
    | "PR" | recall | precision |
    | "PRGAIN" | recall gain | precision gain |

    With tp, fp, fn for counts and r for positives / negatives, the gains are
    1 - r fn / tp and 1 - r fp / tp. The ROC area is the probability that a positive
    sample gets a larger prediction than a negative one, as far as thresholds tell them
    apart: predictions that crowd together need more thresholds, or others.

    Args:
        num_thresholds: how many, evenly spread from 0 to 1, both included; at least 2.
        curve: "ROC", "PR" or "PRGAIN".
        summation_method: how high a strip is: "interpolation" takes the mean of its
            sides (for "PR" the area under the interpolated curve), "minoring" the lower
            side, "majoring" the higher one.
        name: in logs.
        dtype: see `ThresholdCounts`.
        thresholds: these instead, from 0 to 1; 0 and 1 are added.
        multi_label: whether each label, an element of the last axis, has a curve of its
            own; the result is the mean of their areas. Otherwise all elements are taken
            together.
        num_labels: how many there are, with `multi_label`; if not given it is learnt
            from the first batch.
        label_weights: how much each label counts: in the mean with `multi_label`,
            otherwise in the counts.
        from_logits: whether y_pred still lacks a sigmoid.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1; with
            `multi_label` (batch, labels).

    Raises:
        ArgumentError: an unknown curve or method, fewer than 2 thresholds, thresholds
            outside of 0 to 1, or num_labels without multi_label.
        ShapeError: `multi_label` with predictions that are not (batch, labels).

    Source: Davis and Goadrich 2006 (interpolated "PR"), Flach and Kull 2015 (gains).

    Example:
        >>> AUC(num_thresholds=3)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
        Tensor(0.75, shape=(), dtype=float32)
    """

    _direction = "up"
    _counted = (
        "true_positives",
        "false_positives",
        "true_negatives",
        "false_negatives",
    )

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(_edges(num_thresholds, thresholds), name=name, dtype=dtype)
        self.num_thresholds = len(self._at)
        self.curve = _one_of("curve", curve.upper(), _CURVES)
        self.summation_method = _one_of(
            "summation_method", summation_method.lower(), _METHODS
        )
        if num_labels and not multi_label:
            raise ArgumentError(
                "num_labels goes with multi_label=True", got=f"num_labels={num_labels}"
            )
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = label_weights
        self.from_logits = from_logits
        if not multi_label or num_labels:
            self.ensure_built(None, (None, num_labels or 1))

    @property
    def thresholds(self) -> list[float]:
        """All of them; the first lies below 0, the last above 1."""
        return self._at.tolist()

    def build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        if self.multi_label and len(y_pred_shape) != 2:
            raise ShapeError(
                "AUC(multi_label=True) takes a row of labels for each sample",
                expected="y_pred of shape (batch, labels)",
                got=tuple(y_pred_shape),
            )
        self.add_counts(*y_pred_shape[1:] if self.multi_label else ())

    @no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        y_pred = as_float(y_pred)
        self.ensure_built(None, y_pred.shape)
        y_pred = sigmoid(y_pred) if self.from_logits else y_pred
        inside = None if self.multi_label else self.label_weights
        self.add_batch(y_true, y_pred, sample_weight, inside, self.multi_label)

    def result(self) -> Tensor:
        """The area so far."""
        if self.curve == "PR" and self.summation_method == "interpolation":
            strips = self._interpolated()
        else:
            x, y = self._points()
            strips = (x[:-1] - x[1:]) * self._heights(y)
        if not self.multi_label:
            return sum(strips)
        areas = sum(strips, 0)
        if self.label_weights is None:
            return mean(areas)
        weights = np.asarray(self.label_weights, self.dtype)
        return sum(areas * weights) / weights.sum()

    def _points(self) -> tuple[Tensor, Tensor]:
        """The curve, from its right end to its left one."""
        tp, fp, tn, fn = (getattr(self, name).value for name in self._counted)
        recall = divide_no_nan(tp, tp + fn)
        if self.curve == "ROC":
            return divide_no_nan(fp, fp + tn), recall
        if self.curve == "PR":
            return recall, divide_no_nan(tp, tp + fp)
        ratio = divide_no_nan(tp + fn, tn + fp)
        recall_gain = where(tp == 0, 0.0, 1.0 - ratio * divide_no_nan(fn, tp))
        precision_gain = where(tp == 0, 1.0, 1.0 - ratio * divide_no_nan(fp, tp))
        return maximum(recall_gain, 0.0), precision_gain

    def _heights(self, y: Tensor) -> Tensor:
        if self.summation_method == "interpolation":
            return (y[:-1] + y[1:]) / 2.0
        lower = self.summation_method == "minoring"
        return (minimum if lower else maximum)(y[:-1], y[1:])

    def _interpolated(self) -> Tensor:
        """Strips under precision = tp / p, where tp is a line in p = tp + fp:

        tp = a + s p. The integral of tp / p over tp is s (rise of tp + a log(p / p')).
        """
        tp, fp, _, fn = (getattr(self, name).value for name in self._counted)
        p = tp + fp
        rise = tp[:-1] - tp[1:]
        slope = divide_no_nan(rise, maximum(p[:-1] - p[1:], 0.0))
        start = tp[1:] - slope * p[1:]
        both = (p[:-1] > 0) & (p[1:] > 0)
        ratio = where(both, p[:-1], 1.0) / where(both, p[1:], 1.0)
        area = slope * (rise + start * log(ratio))
        return divide_no_nan(area, maximum(tp[1:] + fn[1:], 0.0))


def _edges(number: int, given: Sequence[float] | None) -> list[float]:
    """Thresholds; the first and the last let everything and nothing through."""
    if given is not None:
        inner = sorted(check_thresholds(list(given), 0.5))
    elif number < 2:
        raise ArgumentError(
            "a curve has two ends", expected="num_thresholds of 2 or more", got=number
        )
    else:
        inner = spread_thresholds(number)[1:-1]
    return [-epsilon(), *inner, 1.0 + epsilon()]


def _one_of(what: str, given: str, known: Sequence[str]) -> str:
    if given not in known:
        raise ArgumentError(f"unknown {what}", expected=", ".join(known), got=given)
    return given
