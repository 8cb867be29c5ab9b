"""Mean squared logarithmic error."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.objectives import mean_squared_logarithmic_error
from wubu.ops.targets import columns


class MeanSquaredLogarithmicError(Loss):
    """mean((log(1 + y_true) - log(1 + y_pred))**2), over the last axis and the batch:
    for numbers of 0 and above whose ratio counts, not their difference.

    Numbers below 1e-7 are taken for it; there the derivative is 0.

    Args:
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> MeanSquaredLogarithmicError()([[0.0], [1.0]], [[1.0], [3.0]])
        Tensor(0.48045295, shape=(), dtype=float32)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean_squared_logarithmic_error(*columns(y_true, y_pred))
