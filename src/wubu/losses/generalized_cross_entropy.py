"""Generalized cross-entropy: for labels of which some are wrong."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.losses.loss import Loss
from wubu.ops.focal import categorical_generalized_cross_entropy


class CategoricalGeneralizedCrossEntropy(Loss):
    """(1 - p[class]**q) / q: cross-entropy as q goes to 0, the absolute error at 1.

    Args:
        q: between 0 and 1; the larger, the less wrong labels weigh.
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true: (batch, ...), class numbers, or (batch, ..., 1).
        y_pred: (batch, ..., classes), probabilities.

    Raises:
        ArgumentError: q is not between 0 and 1.
        ShapeError: not one label for each prediction.
        DataError: a label that is no class; see `SparseCategoricalCrossentropy`.

    Source: Zhang and Sabuncu 2018, equation 6.

    Example:
        >>> CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]])
        Tensor(1., shape=(), dtype=float32)
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        if not 0 < q < 1:
            raise ArgumentError(
                "q lies between 0 and 1",
                expected="0 < q < 1",
                got=q,
                fix="near 0 it is SparseCategoricalCrossentropy"
                if q <= 0
                else "at 1 it is MeanAbsoluteError of one-hot rows, but for a factor",
            )
        self.q = q
        self.axis = -1

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return categorical_generalized_cross_entropy(y_true, y_pred, self.q)
