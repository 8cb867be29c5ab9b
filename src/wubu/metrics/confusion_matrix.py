"""The confusion matrix: which class is taken for which."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.metrics.tally import Decisions
from wubu.ops.keras import divide_no_nan

_SUMS: dict[str, Any] = {"true": 1, "pred": 0, "all": None}


class ConfusionMatrix(Decisions):
    """How many samples of class i (row) are taken for class j (column).

    Logs of training and their `History` have it as a list of rows.

    Args:
        num_classes: how many classes there are.
        normalize: None for counts; "true" divides each row by its sum, so that the
            diagonal holds the recall of each class; "pred" each column, so that it
            holds the precision; "all" divides by the sum of everything.
        threshold: where two classes part, if there is one prediction for both: 0.5, or
            0 for logits.
        name: in logs.
        dtype: of the result; float32 by default.

    Shapes:
        y_true: (batch, ...) class numbers, or one-hot as y_pred.
        y_pred: (batch, ..., classes), a number for each class, of which the largest
            counts; for two classes (batch, ..., 1) probabilities; or class numbers.
        result: (classes, classes).

    Raises:
        ArgumentError: another way to normalise.
        DataError: a label that is no class. In compiled functions, where labels are not
            known, such a sample does not count.

    Example:
        >>> metric = ConfusionMatrix(3)
        >>> y_pred = [[0.9, 0.1, 0], [0.3, 0.4, 0.3], [0, 1, 0], [0.1, 0.2, 0.7]]
        >>> metric([0, 0, 1, 2], y_pred).tolist()
        [[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """

    def __init__(
        self,
        num_classes: int,
        normalize: str | None = None,
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_classes, threshold, name, dtype)
        if normalize is not None and normalize not in _SUMS:
            raise ArgumentError(
                "unknown way to normalise",
                expected=", ".join(["None", *_SUMS]),
                got=normalize,
            )
        self.normalize = normalize

    def result(self) -> Tensor:
        """The matrix so far; 0 where nothing has been counted."""
        counts = self.counts.value
        if self.normalize is not None:
            axis = _SUMS[self.normalize]
            counts = divide_no_nan(counts, counts.sum(axis, keepdims=True))
        return self._as_result(counts)
