"""Focal cross-entropies: what is easy counts less, and few hard samples are learnt."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.focal import binary_focal_crossentropy, categorical_focal_crossentropy
from wubu.ops.objectives import smoothing
from wubu.ops.targets import columns


class BinaryFocalCrossentropy(Loss):
    """(1 - q)**gamma times the binary cross-entropy, averaged; q is the probability
    given to the right answer.

    Probabilities are clipped to [1e-7, 1 - 1e-7] in the cross-entropy; outside, its
    gradient is 0. From logits nothing is clipped there.

    Args:
        apply_class_balancing: multiply by alpha where labels are 1, by 1 - alpha where
            they are 0.
        alpha: see above.
        gamma: how much less easy labels count; 0 counts all alike.
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

    Source: Lin et al. 2017, equation 5.

    Example:
        >>> BinaryFocalCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]])
        Tensor(0.1732868, shape=(), dtype=float32)
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.apply_class_balancing = apply_class_balancing
        self.alpha = alpha
        self.gamma = gamma
        self.from_logits = from_logits
        self.label_smoothing = smoothing(label_smoothing)
        self.axis = axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y_true, y_pred = columns(y_true, y_pred)
        return binary_focal_crossentropy(
            y_true,
            y_pred,
            self.apply_class_balancing,
            self.alpha,
            self.gamma,
            self.from_logits,
            self.label_smoothing,
            self.axis,
        )


class CategoricalFocalCrossentropy(Loss):
    """-sum(alpha (1 - p)**gamma t log(p)) over the classes, in nats.

    Probabilities are divided by their sum and clipped to [1e-7, 1 - 1e-7]; outside, the
    gradient is 0. From logits log(p) is not clipped.

    Args:
        alpha: a weight for all classes, or a list with one for each.
        gamma: how much less easy samples count; 0 counts all alike.
        from_logits: whether y_pred still lacks a softmax.
        label_smoothing: s, from 0 to 1: t becomes t (1 - s) + s / classes.
        axis: where the classes are.
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ..., classes).

    Raises:
        ShapeError: the shapes differ.
        ArgumentError: label_smoothing outside 0 to 1.

    Source: Lin et al. 2017, equation 5, for several classes.

    Example:
        >>> CategoricalFocalCrossentropy(alpha=1.0)([[0.0, 1.0]], [[0.5, 0.5]])
        Tensor(0.1732868, shape=(), dtype=float32)
    """

    def __init__(
        self,
        alpha: Any = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.alpha = alpha
        self.gamma = gamma
        self.from_logits = from_logits
        self.label_smoothing = smoothing(label_smoothing)
        self.axis = axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return categorical_focal_crossentropy(
            y_true,
            y_pred,
            self.alpha,
            self.gamma,
            self.from_logits,
            self.label_smoothing,
            self.axis,
        )
