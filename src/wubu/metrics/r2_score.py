"""The coefficient of determination."""

from __future__ import annotations

from typing import Any

from wubu.core.modes import no_grad
from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.errors import ArgumentError, ShapeError
from wubu.metrics.metric import Metric
from wubu.ops.comparison import logical_and, where
from wubu.ops.creation import ones_like
from wubu.ops.keras import divide_no_nan
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import mean, sum
from wubu.ops.targets import columns, matched, weighted

_WAYS = (None, "uniform_average", "variance_weighted_average")


class R2Score(Metric):
    """1 - sum((y_true - y_pred)**2) / sum((y_true - mean(y_true))**2): how much of what
    targets differ by is explained. 1 is all of it, 0 what their mean would do.

    Squares around the mean are kept and joined batch by batch, so that targets far from
    zero lose no digits. Where all targets are the same the score is 1 if predictions
    are right, otherwise 0.

    Args:
        class_aggregation: what becomes of several outputs: "uniform_average" is the
            mean of their scores, "variance_weighted_average" the mean with variances
            for weights, None keeps one score for each.
        num_regressors: how many inputs a linear model has; above 0 the score becomes
            the adjusted one, 1 - (1 - score) (n - 1) / (n - num_regressors - 1), of n
            targets, if n is large enough.
        name: in logs.
        dtype: of the state; float32 by default.

    Shapes:
        y_true, y_pred: (batch, outputs), equal but for a last axis of length 1.

    Raises:
        ArgumentError: another aggregation, or a negative number of regressors.
        ShapeError: not one row for each sample.

    Source: Chan, Golub and LeVeque 1979, equation 2.1 (joining sums of squares).

    Example:
        >>> R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])
        Tensor(0.5714286, shape=(), dtype=float32)
    """

    _direction = "up"
    count: Variable
    mean: Variable
    squares: Variable
    residual: Variable

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        if class_aggregation not in _WAYS:
            raise ArgumentError(
                "unknown class_aggregation",
                expected=", ".join(map(str, _WAYS)),
                got=class_aggregation,
            )
        if num_regressors < 0:
            raise ArgumentError(
                "num_regressors counts inputs", expected="0 or more", got=num_regressors
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_targets = self.add_variable(name="num_targets")

    def build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        if len(y_pred_shape) > 2:
            raise ShapeError(
                "R2Score takes one row of outputs for each sample",
                expected="(batch, outputs)",
                got=tuple(y_pred_shape),
            )
        outputs = y_pred_shape[-1] if len(y_pred_shape) == 2 else 1
        for name in ("count", "mean", "squares", "residual"):
            setattr(self, name, self.add_variable((outputs,), name=name))

    @no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        y_true, y_pred = matched(*columns(y_true, y_pred))
        self.ensure_built(y_true.shape, y_pred.shape)
        y_true, y_pred = cast_to(y_true, self.dtype), cast_to(y_pred, self.dtype)
        weights = ones_like(y_true)
        if sample_weight is not None:
            weights = weighted(weights, sample_weight)[0]
        gap = y_true - y_pred
        self.residual.assign_add(sum(gap * gap * weights, 0))
        self.num_targets.assign_add(float(y_true.size))

        # This batch by itself, then joined with those before.
        count, known = sum(weights, 0), self.count.value
        middle = divide_no_nan(sum(y_true * weights, 0), count)
        around = y_true - middle
        both = known + count
        shift = middle - self.mean.value
        share = divide_no_nan(count, both)
        self.squares.assign_add(
            sum(around * around * weights, 0) + shift * shift * known * share
        )
        self.mean.assign_add(shift * share)
        self.count.assign(both)

    def result(self) -> Tensor:
        """The score so far; 0 of nothing."""
        total, residual = self.squares.value, self.residual.value
        constant = cast_to(logical_and(residual == 0, self.count.value > 0), self.dtype)
        scores = where(total == 0, constant, 1.0 - divide_no_nan(residual, total))
        if self.class_aggregation == "uniform_average":
            scores = mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = divide_no_nan(sum(total * scores), sum(total))
        return self._adjusted(scores) if self.num_regressors else scores

    def _adjusted(self, scores: Tensor) -> Tensor:
        n = self.num_targets.value
        free = n - self.num_regressors - 1.0
        adjusted = 1.0 - divide_no_nan((1.0 - scores) * (n - 1.0), free)
        return where(free > 0, adjusted, scores)
