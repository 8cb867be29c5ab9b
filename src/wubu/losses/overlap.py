"""Dice and Tversky: how little two areas overlap; for masks of images."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.overlap import dice, tversky
from wubu.ops.reduction import Axis


class Dice(Loss):
    """1 - 2 sum(t p) / (sum(t) + sum(p) + 1e-7): 0 for equal masks, 1 for ones apart.

    Args:
        reduction: see `Loss`.
        name: in messages and logs.
        axis: what is summed; everything, samples included, by default.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ShapeError: the shapes differ.

    Source: Sudre et al. 2017, without weights.

    Example:
        >>> Dice()([[1.0, 1.0]], [[1.0, 0.0]])
        Tensor(0.3333333, shape=(), dtype=float32)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: Axis = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.axis = axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return dice(y_true, y_pred, self.axis)


class Tversky(Loss):
    """1 - both / (both + alpha missed + beta extra + 1e-7), where both = sum(t p),
    missed = sum(t (1 - p)) and extra = sum((1 - t) p). With both weights 1/2 it is
    `Dice`.

    Args:
        alpha: what a pixel counts that was missed.
        beta: what a pixel counts that was found where there is none.
        reduction: see `Loss`.
        name: in messages and logs.
        axis: what is summed; everything, samples included, by default.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ShapeError: the shapes differ.

    Source: Salehi et al. 2017, equation 3.

    Example:
        >>> Tversky(alpha=1.0)([[1.0, 1.0]], [[1.0, 0.0]])
        Tensor(0.5, shape=(), dtype=float32)
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: Axis = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.alpha = alpha
        self.beta = beta
        self.axis = axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return tversky(y_true, y_pred, self.alpha, self.beta, self.axis)
