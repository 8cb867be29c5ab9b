"""Circle loss: for embeddings, near within a class and far between classes."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.pairs import circle


class Circle(Loss):
    """log(1 + sum(exp(gamma (m + d) (d - m))) sum(exp(gamma (1 + m - e) (1 - m - e)))),
    where d are the cosine distances of a sample to others of its class in the batch, e
    to those of other classes, and m is the margin.

    Samples whose loss is 0, as of those without another of their class, count nowhere.

    Args:
        gamma: how much the hardest pairs count before others.
        margin: m; the smaller, the nearer and farther they have to be.
        remove_diagonal: leave out the pairs of samples with themselves.
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true: (batch,) or (batch, 1), class numbers.
        y_pred: (batch, features), each of length 1, as `UnitNormalization` makes them.

    Raises:
        ShapeError: not one label for each embedding.

    Source: Sun et al. 2020, equation 6.

    Example:
        >>> apart = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
        >>> Circle()([0, 0, 1, 1], apart).item() < 1e-5
        True
    """

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.gamma = gamma
        self.margin = margin
        self.remove_diagonal = remove_diagonal

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return circle(
            y_true,
            y_pred,
            remove_diagonal=self.remove_diagonal,
            gamma=self.gamma,
            margin=self.margin,
        )

    def valid(self, y_true: Tensor, y_pred: Tensor, values: Tensor) -> Tensor | None:
        return values > 0
