"""Counting which class was taken for which: the matrix that areas of overlap, measures
of agreement and the confusion matrix itself are computed from."""

from __future__ import annotations

from typing import Any

from wubu.core import dtypes
from wubu.core.location import user_location
from wubu.core.modes import no_grad
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.metrics.metric import Metric
from wubu.ops.comparison import where
from wubu.ops.movement import reshape
from wubu.ops.prepare import cast_to, whole
from wubu.ops.reduction import argmax
from wubu.ops.selection import scatter_add
from wubu.ops.targets import check_labels, same_rank, weighted


class ClassCounts(Metric):
    """How much weight samples have that are of class i and taken for class j.

    Counts are kept in float64 whatever the dtype of the result: segmentation soon has
    more pixels than float32 can count, and weights need not be whole.

    Args:
        num_classes: how many classes there are.
        name: in logs.
        dtype: of the result; float32 by default.
    """

    def __init__(
        self, num_classes: int, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(dtype, name)
        if whole(num_classes, "num_classes") < 1:
            raise ArgumentError(
                "num_classes counts classes", expected="1 or more", got=num_classes
            )
        self.num_classes = num_classes
        self.counts = self.add_variable(
            (num_classes, num_classes), dtype=dtypes.FLOAT64, name="counts"
        )

    def add_pairs(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any, ignored: Any = None
    ) -> None:
        """Adds to the counts. Pairs with a number that is no class, or with the ignored
        label, do not count.

        Args:
            y_true, y_pred: class numbers, of one shape.
            sample_weight: for samples, or for single elements.
            ignored: a label.
        """
        y_true, y_pred = same_rank(y_true, y_pred)
        if y_true.shape != y_pred.shape:
            raise ShapeError(
                "there is not one label for each prediction",
                where=user_location(),
                expected=f"labels of shape {y_pred.shape}",
                got=y_true.shape,
            )
        y_true, y_pred = cast_to(y_true, dtypes.INT64), cast_to(y_pred, dtypes.INT64)
        classes = self.num_classes
        counts = (y_true >= 0) & (y_true < classes)
        counts = counts & (y_pred >= 0) & (y_pred < classes)
        if ignored is not None:
            counts = counts & (y_true != ignored)
        weights = cast_to(counts, dtypes.FLOAT64)
        if sample_weight is not None:
            weights = weighted(weights, sample_weight)[0]
        place = where(counts, y_true * classes + y_pred, 0)
        size = classes * classes
        found = scatter_add(place, weights, axis=0, batch_dims=0, size=size)
        self.counts.assign_add(reshape(found, (classes, classes)))

    def shares(self) -> tuple[Tensor, Tensor, Tensor]:
        """The counts; how much is of each class; how much is taken for each class."""
        counts = self.counts.value
        return counts, counts.sum(1), counts.sum(0)

    def _as_result(self, value: Tensor) -> Tensor:
        return cast_to(value, self.dtype)


class Decisions(ClassCounts):
    """Base of metrics that compare labels with decisions, however either is written.

    | y_true | y_pred | means |
    |---|---|---|
    | (batch, ...) | (batch, ..., classes) floats | the class with the largest number |
    | (batch, ..., classes) | the same | the same, and one-hot labels |
    | (batch, ...) or (..., 1) | one float each, for 2 classes | 1 above the threshold |
    | (batch, ...) | integers, or floats for more classes | class numbers |

    Args:
        num_classes: how many classes there are.
        threshold: where two classes part, if there is one prediction for both: 0.5, or
            0 for logits.
        name: in logs.
        dtype: of the result; float32 by default. Counts are exact up to 2**53.
    """

    def __init__(
        self,
        num_classes: int,
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_classes, name, dtype)
        self.threshold = threshold

    @no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        y_true, y_pred = as_tensor(y_true), as_tensor(y_pred)
        if y_pred.ndim > 1 and y_pred.shape[-1] == self.num_classes > 1:
            if dtypes.is_float(y_pred.dtype):
                if y_true.shape == y_pred.shape:
                    y_true = argmax(y_true, -1)
                y_pred = argmax(y_pred, -1)
        elif self.num_classes == 2 and dtypes.is_float(y_pred.dtype):
            y_pred = y_pred > self.threshold
        y_true, y_pred = same_rank(y_true, y_pred)
        check_labels(y_true, self.num_classes)
        self.add_pairs(y_true, y_pred, sample_weight)
