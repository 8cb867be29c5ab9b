"""Poisson loss: for counts."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.objectives import poisson
from wubu.ops.targets import columns


class Poisson(Loss):
    """mean(p - t log(p + 1e-7)), over the last axis and the batch: how unlikely the
    counts t are where p are expected, but for a constant.

    Predictions are 0 or above, as of softplus or exponential; below, the loss is NaN.

    Args:
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> Poisson()([[1.0], [0.0]], [[1.0], [3.0]])
        Tensor(2., shape=(), dtype=float32)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "poisson",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return poisson(*columns(y_true, y_pred))
