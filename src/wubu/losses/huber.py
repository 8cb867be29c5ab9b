"""Huber loss: squares of small errors, absolute values of large ones."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.objectives import huber
from wubu.ops.targets import columns


class Huber(Loss):
    """e**2 / 2 where |e| <= delta, delta (|e| - delta / 2) beyond, for the errors
    e = y_pred - y_true; averaged over the last axis and the batch.

    So a few samples far off do not outweigh all others.

    Args:
        delta: where the parabola becomes a line.
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ShapeError: the shapes differ.

    Source: Huber 1964, section 4.

    Example:
        >>> Huber()([[0.0], [0.0]], [[1.0], [3.0]])
        Tensor(1.5, shape=(), dtype=float32)
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.delta = delta

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y_true, y_pred = columns(y_true, y_pred)
        return huber(y_true, y_pred, self.delta)
