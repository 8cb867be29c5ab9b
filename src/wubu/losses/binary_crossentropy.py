"""Binary cross-entropy: for labels that are 0 or 1, each on its own."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.objectives import binary_crossentropy, smoothing
from wubu.ops.targets import columns


class BinaryCrossentropy(Loss):
    """mean(-(t log(p) + (1 - t) log(1 - p))), in nats.

    Probabilities are clipped to [1e-7, 1 - 1e-7], so the loss of one label is at most
    16.1; outside, the gradient is 0. From logits nothing is clipped, and no logit gives
    an infinite loss or NaN.

    Args:
        from_logits: whether y_pred still lacks a sigmoid.
        label_smoothing: s, from 0 to 1: t becomes t (1 - s) + s / 2.
        axis: what is averaged for one value.
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Raises:
        ShapeError: the shapes differ.
        ArgumentError: label_smoothing outside 0 to 1.

    Example:
        >>> BinaryCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]])
        Tensor(0.6931472, shape=(), dtype=float32)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits = from_logits
        self.label_smoothing = smoothing(label_smoothing)
        self.axis = axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y_true, y_pred = columns(y_true, y_pred)
        return binary_crossentropy(
            y_true, y_pred, self.from_logits, self.label_smoothing, self.axis
        )
