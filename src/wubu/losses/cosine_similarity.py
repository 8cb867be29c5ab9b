"""Cosine similarity: for directions."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.objectives import cosine_similarity


class CosineSimilarity(Loss):
    """-sum(y_true * y_pred) of vectors made 1 long: -1 where they point the same way,
    0 where they are orthogonal or one is zero, 1 where they are opposite.

    Args:
        axis: of the vectors.
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true, y_pred: (batch, ..., length).

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> CosineSimilarity()([[1.0, 0.0]], [[3.0, 4.0]])
        Tensor(-0.6, shape=(), dtype=float32)
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.axis = axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return cosine_similarity(y_true, y_pred, self.axis)
