"""Mean absolute percentage error."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.objectives import mean_absolute_percentage_error
from wubu.ops.targets import columns


class MeanAbsolutePercentageError(Loss):
    """100 mean(|y_true - y_pred| / max(|y_true|, 1e-7)), over the last axis and the
    batch: how many percent the predictions are off.

    Its derivative is 0 where both are equal.

    Args:
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> MeanAbsolutePercentageError()([[4.0], [2.0]], [[5.0], [1.0]])
        Tensor(37.5, shape=(), dtype=float32)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean_absolute_percentage_error(*columns(y_true, y_pred))
