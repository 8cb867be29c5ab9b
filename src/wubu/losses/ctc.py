"""CTC: for labels without their places in time, as of speech and handwriting."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.losses.loss import Loss
from wubu.ops.ctc import ctc


class CTC(Loss):
    """-log of the probability that the classes over time, without repetitions and then
    without blanks (class 0), are the labels.

    Args:
        reduction: see `Loss`.
        name: in messages and logs.
        dtype: see `Loss`.

    Shapes:
        y_true: (batch, labels), class numbers from 1; 0 behind the last one.
        y_pred: (batch, time, classes), logits.

    Raises:
        ShapeError: other numbers of axes, or of samples.
        DataError: a label that is no class, where labels are known.

    Source: Graves et al. 2006, section 4.1.

    Example:
        >>> loss = CTC()([[1]], [[[0.0, 0.0], [0.0, 0.0]]])  # 01, 10, 11, not 00
        >>> print(f"{loss.item():.4f}, which is -log(3 / 4)")
        0.2877, which is -log(3 / 4)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "ctc",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.axis = -1

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return ctc(y_true, y_pred)
