"""Sparse categorical cross-entropy: for one class of several, as its number."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.objectives import sparse_categorical_crossentropy
from wubu.ops.targets import is_valid


class SparseCategoricalCrossentropy(Loss):
    """-log(p[class]), in nats.

    The same as `CategoricalCrossentropy` of one-hot labels, without making them.

    Args:
        from_logits: whether y_pred still lacks a softmax.
        ignore_class: a label whose samples count nowhere, neither in the sum nor in
            what it is divided by; it need not be one of y_pred's classes (-1, 255).
        reduction: see `Loss`.
        axis: where the classes are.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true: (batch, ...), or (batch, ..., 1).
        y_pred: (batch, ..., classes).

    Raises:
        ShapeError: not one label for each prediction; one-hot rows need
            `CategoricalCrossentropy`.
        DataError: a label that is no class, with its sample. Under `jit`, where labels
            are not known, such a sample has the loss 0.

    Example:
        >>> SparseCategoricalCrossentropy()([1, 0], [[0.5, 0.5], [0.5, 0.5]])
        Tensor(0.6931472, shape=(), dtype=float32)
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return sparse_categorical_crossentropy(
            y_true, y_pred, self.from_logits, self.ignore_class, self.axis
        )

    def valid(self, y_true: Tensor, y_pred: Tensor, values: Tensor) -> Tensor | None:
        if self.ignore_class is None:
            return None
        return is_valid(y_true, y_pred, self.ignore_class, self.axis)
