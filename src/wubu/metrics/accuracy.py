"""Accuracies: the share of predictions that are right.

`metrics=["accuracy"]` chooses one of them by shape; see `resolve.py`.
"""

from __future__ import annotations

from typing import Any

from wubu.core.configurable import register
from wubu.core.dtypes import FLOAT32, INT64
from wubu.core.tensor import Tensor, as_tensor
from wubu.metrics.mean import MeanMetricWrapper
from wubu.ops.comparison import equal
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import argmax, mean
from wubu.ops.targets import as_float, class_numbers, matched


@register("metrics")
def accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """The share of equal elements along the last axis."""
    right = cast_to(equal(*matched(y_true, y_pred)), FLOAT32)
    return mean(right, -1) if right.ndim else right


@register("metrics")
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """1 where y_pred lies on y_true's side of the threshold, 0 elsewhere, elementwise.

    A prediction at the threshold counts as class 0.
    """
    y_true, y_pred = matched(y_true, y_pred)
    return cast_to(equal(y_true, cast_to(y_pred > threshold, y_true.dtype)), FLOAT32)


@register("metrics")
def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where the largest element along the last axis stands at the same place, 0
    elsewhere. Of tied elements the first counts."""
    y_true, y_pred = matched(y_true, y_pred)
    return cast_to(equal(argmax(y_true, -1), argmax(y_pred, -1)), FLOAT32)


@register("metrics")
def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where y_true is the place of y_pred's largest element along the last axis, 0
    elsewhere. Of tied elements the first counts.

    Raises:
        ShapeError: not one class number for each prediction.
    """
    y_true, y_pred = as_tensor(y_true), as_float(y_pred)
    y_true = class_numbers(y_true, y_pred, y_pred.ndim - 1)
    labels = cast_to(y_true, INT64)
    return cast_to(equal(labels, argmax(y_pred, -1)), FLOAT32)


class Accuracy(MeanMetricWrapper):
    """How often predictions equal labels.

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> Accuracy()([[1], [2], [3], [4]], [[0], [2], [3], [4]])
        Tensor(0.75, shape=(), dtype=float32)
    """

    _direction = "up"

    def __init__(self, name: str | None = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """How often predictions lie on the right side of a threshold.

    Args:
        name: in logs.
        dtype: see `Mean`.
        threshold: above it a prediction means 1, else 0. For logits this is 0.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> BinaryAccuracy()([[1], [1], [0], [0]], [[0.98], [0.3], [0.1], [0.6]])
        Tensor(0.5, shape=(), dtype=float32)
    """

    _direction = "up"

    def __init__(
        self,
        name: str | None = "binary_accuracy",
        dtype: Any = None,
        threshold: float = 0.5,
    ) -> None:
        super().__init__(self._right, name, dtype)
        self.threshold = threshold

    def _right(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return binary_accuracy(y_true, y_pred, self.threshold)


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the most likely class is the one-hot label's.

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ..., classes).

    Example:
        >>> CategoricalAccuracy()([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]])
        Tensor(0.5, shape=(), dtype=float32)
    """

    _direction = "up"

    def __init__(
        self, name: str | None = "categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the most likely class is the label.

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true: (batch, ...), or (batch, ..., 1).
        y_pred: (batch, ..., classes).

    Example:
        >>> SparseCategoricalAccuracy()([1, 0], [[0.2, 0.8], [0.4, 0.6]])
        Tensor(0.5, shape=(), dtype=float32)
    """

    _direction = "up"

    def __init__(
        self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)
