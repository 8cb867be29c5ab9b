"""F scores: precision and recall in one number."""

from __future__ import annotations

from typing import Any

from wubu.core.modes import no_grad
from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.errors import ArgumentError, ShapeError
from wubu.metrics.metric import Metric
from wubu.ops.functions import absolute
from wubu.ops.keras import divide_no_nan
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import max, mean, sum
from wubu.ops.targets import columns, matched, weighted

_AVERAGES = (None, "micro", "macro", "weighted")


class FBetaScore(Metric):
    """(1 + b**2) tp / ((1 + b**2) tp + b**2 fn + fp): the harmonic mean of precision
    and recall, where recall counts b times as much; for each class, or averaged.

    Where Keras adds 1e-7 to denominators, nothing is added here.

    Args:
        average: None for one number for each class; "micro" takes all classes together;
            "macro" is the mean over classes; "weighted" the mean with the number of
            samples of each class for weights.
        beta: b, above 0.
        threshold: predictions above it are positive. None: the largest of a row is, as
            for a softmax.
        name: in logs.
        dtype: of the counts; float32 by default.

    Shapes:
        y_true, y_pred: (batch, classes); y_true one-hot, or several ones.

    Raises:
        ArgumentError: another average, or a beta or threshold out of range.
        ShapeError: not one row for each sample.

    Example:
        >>> metric = FBetaScore(beta=2.0, threshold=0.5)
        >>> y_true = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
        >>> metric(y_true, [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]])
        Tensor([0.3846154  0.90909094 0.8333333 ], shape=(3,), dtype=float32)
    """

    _direction = "up"
    true_positives: Variable
    false_positives: Variable
    false_negatives: Variable
    class_weights: Variable

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        if average not in _AVERAGES:
            known = ", ".join(map(str, _AVERAGES))
            raise ArgumentError("unknown average", expected=known, got=average)
        if not beta > 0:
            raise ArgumentError(
                "beta says how much recall counts", expected="above 0", got=beta
            )
        if threshold is not None and not 0 < threshold <= 1:
            raise ArgumentError(
                "the threshold parts probabilities",
                expected="above 0, up to 1",
                got=threshold,
            )
        self.average = average
        self.beta = beta
        self.threshold = threshold

    def build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        if len(y_pred_shape) > 2:
            raise ShapeError(
                "F scores take one row of classes for each sample",
                expected="(batch, classes)",
                got=tuple(y_pred_shape),
            )
        classes = y_pred_shape[-1] if len(y_pred_shape) == 2 else 1
        shape = () if self.average == "micro" else (classes,)
        for name in (
            "true_positives",
            "false_positives",
            "false_negatives",
            "class_weights",
        ):
            setattr(self, name, self.add_variable(shape, name=name))

    @no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        y_true, y_pred = matched(*columns(y_true, y_pred))
        self.ensure_built(y_true.shape, y_pred.shape)
        y_true, y_pred = cast_to(y_true, self.dtype), cast_to(y_pred, self.dtype)
        if self.threshold is None:
            # Rows of zeros, as of samples that are padding, have no largest element.
            called = (y_pred >= max(y_pred, -1, True)) & (absolute(y_pred) > 1e-9)
        else:
            called = y_pred > self.threshold
        called = cast_to(called, self.dtype)
        self._add(self.true_positives, called * y_true, sample_weight)
        self._add(self.false_positives, called * (1 - y_true), sample_weight)
        self._add(self.false_negatives, (1 - called) * y_true, sample_weight)
        self._add(self.class_weights, y_true, sample_weight)

    def _add(self, count: Variable, values: Tensor, sample_weight: Any) -> None:
        if sample_weight is not None:
            values = weighted(values, sample_weight)[0]
        count.assign_add(sum(values, None if self.average == "micro" else 0))

    def result(self) -> Tensor:
        """The score so far: (classes,) or (). It is 0 where nothing has been seen."""
        square = self.beta * self.beta
        right = (1 + square) * self.true_positives.value
        missed = square * self.false_negatives.value
        score = divide_no_nan(right, right + missed + self.false_positives.value)
        if self.average == "weighted":
            weights = self.class_weights.value
            return divide_no_nan(sum(score * weights), sum(weights))
        return score if self.average is None else mean(score)


class F1Score(FBetaScore):
    """2 tp / (2 tp + fn + fp): the harmonic mean of precision and recall, for each
    class, or averaged.

    Args:
        average, threshold, name, dtype: as of `FBetaScore`.

    Shapes:
        y_true, y_pred: (batch, classes); y_true one-hot, or several ones.

    Example:
        >>> metric = F1Score(average="macro")
        >>> metric([[1, 0], [1, 0], [0, 1]], [[0.7, 0.3], [0.2, 0.8], [0.1, 0.9]])
        Tensor(0.6666667, shape=(), dtype=float32)
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)
