"""Errors in relation to something: to the size of all targets, or to a given scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.modes import no_grad
from wubu.core.tensor import Tensor, as_tensor
from wubu.metrics.mean import MeanMetricWrapper
from wubu.metrics.metric import Metric
from wubu.ops.functions import absolute
from wubu.ops.keras import divide_no_nan
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import sum
from wubu.ops.targets import columns, matched, weighted


class WeightedMeanAbsolutePercentageError(Metric):
    """sum(|y_true - y_pred|) / sum(|y_true|) over everything seen: 0.1 is a tenth.

    Where the mean absolute percentage error divides by each target, and grows without
    bound for one near zero, this divides by all of them together. Also called WAPE;
    short for it is `WMAPE`.

    Args:
        name: in logs.
        dtype: of the two totals; float32 by default.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Source: Kolassa and Schütz 2007.

    Example:
        >>> WMAPE()([[0.0], [8.0], [2.0]], [[1.0], [9.0], [1.0]])
        Tensor(0.3, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(self, name: str | None = "wmape", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable(name="total")
        self.size = self.add_variable(name="size")

    @no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        y_true, y_pred = matched(*columns(y_true, y_pred))
        for place, values in (
            (self.total, absolute(y_true - y_pred)),
            (self.size, absolute(y_true)),
        ):
            values = cast_to(values, self.dtype)
            if sample_weight is not None:
                values = weighted(values, sample_weight)[0]
            place.assign_add(sum(values))

    def result(self) -> Tensor:
        """The ratio so far; 0 of nothing, and where all targets are 0."""
        return divide_no_nan(self.total.value, self.size.value)


WMAPE = WeightedMeanAbsolutePercentageError


class MeanRelativeError(MeanMetricWrapper):
    """mean(|y_true - y_pred| / normalizer); 0 where the normalizer is 0.

    Args:
        normalizer: what an error of this size is: a number, or an array that fits the
            targets, as (outputs,).
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> metric = MeanRelativeError(normalizer=[1.0, 10.0])
        >>> metric([[2.0, 20.0], [4.0, 50.0]], [[1.0, 15.0], [4.0, 60.0]])
        Tensor(0.625, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(
        self, normalizer: Any, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(self._relative, name or "mean_relative_error", dtype)
        self.normalizer = normalizer

    def _relative(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y_true, y_pred = matched(y_true, y_pred)
        scale = as_tensor(np.asarray(self.normalizer), y_pred.dtype)
        return divide_no_nan(
            absolute(y_true - y_pred), scale.broadcast_to(y_true.shape)
        )
