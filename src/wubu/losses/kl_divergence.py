"""Kullback-Leibler divergence of distributions."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.objectives import kl_divergence


class KLDivergence(Loss):
    """sum(t log(t / p)) over the last axis, in nats: what it costs to take p for t.

    Both are clipped to [1e-7, 1]; outside, the gradient is 0.

    Args:
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ..., classes).

    Raises:
        ShapeError: the shapes differ.

    Source: Kullback and Leibler 1951.

    Example:
        >>> KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])
        Tensor(0.14384106, shape=(), dtype=float32)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "kl_divergence",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return kl_divergence(y_true, y_pred)
