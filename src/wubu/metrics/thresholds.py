"""Counting what lies above thresholds: the base of precision, recall, AUC and others.

A prediction above a threshold is called positive, one at or below it negative. It is
true or false by its label, where anything but 0 means positive. Every prediction is
compared with every threshold: where Keras sorts those from 0 to 1 into buckets, a
prediction that is a threshold to the last digit may be rounded across it.

Read next: `counts.py`, whose metrics are these counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core.config import epsilon
from wubu.core.modes import no_grad
from wubu.core.tensor import Tensor, as_tensor
from wubu.core.variable import Variable
from wubu.errors import ArgumentError, ShapeError
from wubu.metrics.metric import Metric
from wubu.ops.comparison import where
from wubu.ops.functions import clip
from wubu.ops.movement import reshape
from wubu.ops.prepare import cast_to
from wubu.ops.ranking import largest
from wubu.ops.reduction import sum
from wubu.ops.targets import matched, weighted

# Below every prediction, and what predictions outside of the top k are set to.
LOWEST = -1e10


class ThresholdCounts(Metric):
    """Weighted counts of true and false positives and negatives, at thresholds.

    A subclass names in `_counted` those it needs; they are variables of these names,
    with one number for each threshold.

    Args:
        thresholds: in rising order if several.
        top_k: only the k largest predictions along the last axis may be positive.
        class_id: only this column of targets and predictions counts.
        name: in logs.
        dtype: of the counts; float32 by default, where they are exact up to 2**24.
    """

    _counted: tuple[str, ...] = ()
    true_positives: Variable
    true_negatives: Variable
    false_positives: Variable
    false_negatives: Variable

    def __init__(
        self,
        thresholds: Sequence[float],
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        self._at = np.asarray(thresholds, self.dtype)
        self._clipped = is_even(thresholds)
        self.top_k = top_k
        self.class_id = class_id

    def add_counts(self, *labels: int) -> None:
        """Makes the variables: (thresholds,), or (thresholds, labels)."""
        for name in self._counted:
            setattr(self, name, self.add_variable((len(self._at), *labels), name=name))

    def add_batch(
        self,
        y_true: Any,
        y_pred: Any,
        sample_weight: Any = None,
        label_weights: Any = None,
        by_label: bool = False,
    ) -> None:
        """Adds to the counts.

        Args:
            y_true, y_pred: of one shape, but for a last axis of length 1.
            sample_weight: for samples, or for single elements.
            label_weights: for the elements of the last axis.
            by_label: whether elements of the last axis are counted each for itself.
        """
        y_true, y_pred = self._chosen(*matched(y_true, y_pred))
        y_pred = cast_to(y_pred, self.dtype)
        if self._clipped:
            y_pred = clip(y_pred, 0.0, 1.0)
        weights = as_tensor(1.0, self.dtype).broadcast_to(y_pred.shape)
        if label_weights is not None:
            weights = weights * as_tensor(label_weights, self.dtype)
        if sample_weight is not None:
            weights = weighted(weights, sample_weight)[0]
        # One form for all: (batch, elements that count together, 1, labels).
        labels = y_pred.shape[-1] if by_label else 1
        batch = y_pred.shape[0] if y_pred.ndim else 1
        form = (batch, math.prod(y_pred.shape[1:]) // labels, 1, labels)
        weights, y_pred = reshape(weights, form), reshape(y_pred, form)
        labelled = reshape(y_true != 0, form)
        above = y_pred > self._at[:, None]
        fits = {
            "true_positives": labelled & above,
            "true_negatives": ~labelled & ~above,
            "false_positives": ~labelled & above,
            "false_negatives": labelled & ~above,
        }
        for name in self._counted:
            variable: Variable = getattr(self, name)
            found = sum(where(fits[name], weights, 0), (0, 1))
            variable.assign_add(reshape(found, variable.shape))

    def _chosen(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """What counts: the largest predictions, or those of one class."""
        if self.top_k is not None:
            y_pred = where(largest(y_pred, self.top_k)[1], y_pred, LOWEST)
        if self.class_id is None:
            return y_true, y_pred
        classes = y_pred.shape[-1] if y_pred.ndim > 1 else 0
        if not 0 <= self.class_id < classes:
            raise ShapeError(
                f"there is no class {self.class_id} among the predictions",
                expected=f"(batch, classes) with more than {self.class_id} classes",
                got=y_pred.shape,
            )
        column = slice(self.class_id, self.class_id + 1)
        return y_true[..., column], y_pred[..., column]

    @no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        self.add_batch(y_true, y_pred, sample_weight)

    def by_threshold(self, values: Tensor) -> Tensor:
        """A result: a single number where there is a single threshold."""
        return values[0] if len(self._at) == 1 else values


def check_thresholds(thresholds: Any, default: float) -> list[float]:
    """Thresholds as a list.

    Args:
        thresholds: a number from 0 to 1, or several, or None for the default.
        default: may be anything.

    Raises:
        ArgumentError: a number outside of 0 to 1.
    """
    if thresholds is None:
        return [default]
    several = isinstance(thresholds, list | tuple | np.ndarray)
    found = [float(t) for t in thresholds] if several else [float(thresholds)]
    if not found or not all(0 <= t <= 1 for t in found):
        raise ArgumentError(
            "thresholds part probabilities",
            expected="numbers from 0 to 1",
            got=thresholds,
            fix="for predictions that are logits, use 0: sigmoid(0) is 1/2",
        )
    return found


def spread_thresholds(number: int) -> list[float]:
    """So many thresholds from 0 to 1, evenly spread; 0.5 if it is one.

    Raises:
        ArgumentError: there are none.
    """
    if number < 1:
        raise ArgumentError(
            "num_thresholds counts thresholds", expected="1 or more", got=number
        )
    return [0.5] if number == 1 else [i / (number - 1) for i in range(number)]


def is_even(thresholds: Sequence[float]) -> bool:
    """Whether these are three or more thresholds, evenly spread from 0 to 1.
    Predictions are clipped to that range then, as in Keras."""
    if len(thresholds) < 3:
        return False
    return np.allclose(thresholds, spread_thresholds(len(thresholds)), atol=epsilon())
