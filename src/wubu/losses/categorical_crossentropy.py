"""Categorical cross-entropy: for one class of several, as a one-hot row."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.objectives import categorical_crossentropy, smoothing


class CategoricalCrossentropy(Loss):
    """-sum(t log(p)) over the classes, in nats.

    Probabilities are divided by their sum and clipped to [1e-7, 1 - 1e-7], so the loss
    of one sample is at most 16.1; outside, the gradient is 0. From logits nothing is
    clipped, and no finite logit gives an infinite loss or NaN.

    Args:
        from_logits: whether y_pred still lacks a softmax.
        label_smoothing: s, from 0 to 1: t becomes t (1 - s) + s / classes.
        axis: where the classes are.
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ..., classes).

    Raises:
        ShapeError: the shapes differ; class numbers need
            `SparseCategoricalCrossentropy`.
        ArgumentError: label_smoothing outside 0 to 1.

    Example:
        >>> CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])
        Tensor(0.6931472, shape=(), dtype=float32)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits = from_logits
        self.label_smoothing = smoothing(label_smoothing)
        self.axis = axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return categorical_crossentropy(
            y_true, y_pred, self.from_logits, self.label_smoothing, self.axis
        )
