"""Log-cosh loss: a smooth absolute error."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.objectives import log_cosh
from wubu.ops.targets import columns


class LogCosh(Loss):
    """log(cosh(e)) for the errors e = y_pred - y_true, averaged over the last axis and
    the batch: about e**2 / 2 for small errors, |e| - log 2 for large ones.

    Args:
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> LogCosh()([[0.0], [0.0]], [[1.0], [-1.0]])
        Tensor(0.43378085, shape=(), dtype=float32)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "log_cosh",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return log_cosh(*columns(y_true, y_pred))
