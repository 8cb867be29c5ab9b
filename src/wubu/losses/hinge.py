"""Hinges: nothing is lost where the answer is right by a margin of 1."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.margins import categorical_hinge, hinge, squared_hinge
from wubu.ops.targets import columns


class Hinge(Loss):
    """mean(max(1 - y_true * y_pred, 0)), over the last axis and the batch.

    Labels are -1 or 1; where all of a batch are 0 or 1, they are taken for -1 and 1.

    Args:
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> Hinge()([[1.0], [-1.0]], [[0.25], [-3.0]])
        Tensor(0.375, shape=(), dtype=float32)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return hinge(*columns(y_true, y_pred))


class SquaredHinge(Loss):
    """mean(max(1 - y_true * y_pred, 0)**2), over the last axis and the batch.

    Labels are -1 or 1; where all of a batch are 0 or 1, they are taken for -1 and 1.

    Args:
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> SquaredHinge()([[1.0], [-1.0]], [[0.0], [1.0]])
        Tensor(2.5, shape=(), dtype=float32)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "squared_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return squared_hinge(*columns(y_true, y_pred))


class CategoricalHinge(Loss):
    """max(1 + neg - pos, 0): pos is the prediction for the class, neg the largest for
    another class, or 0 if that is more.

    Args:
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ..., classes), y_true one-hot.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.5, 2.0, 1.5]])
        Tensor(0.5, shape=(), dtype=float32)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return categorical_hinge(y_true, y_pred)
