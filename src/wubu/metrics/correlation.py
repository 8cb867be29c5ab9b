"""How alike rows of targets and predictions are: cosine similarity and correlations.

Each is computed for every sample along an axis, then averaged over samples.
"""

from __future__ import annotations

from typing import Any

from wubu.core.configurable import register
from wubu.core.tensor import Tensor
from wubu.metrics.mean import MeanMetricWrapper
from wubu.ops import objectives
from wubu.ops.functions import sqrt
from wubu.ops.keras import divide_no_nan
from wubu.ops.reduction import mean
from wubu.ops.targets import matched


def _moments(
    y_true: Any, y_pred: Any, axis: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Variances of both, their covariance, and how far their means are apart."""
    t, p = matched(y_true, y_pred)
    apart = mean(t, axis) - mean(p, axis)
    t, p = t - mean(t, axis, True), p - mean(p, axis, True)
    return mean(t * t, axis), mean(p * p, axis), mean(t * p, axis), apart


@register("metrics")
def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """cov(t, p) / (std(t) std(p)) along an axis: 1 where one is a rising line of the
    other, 0 where they have no linear relation, or where one is constant.

    Example:
        >>> pearson_correlation([[0.0, 1.0, 0.5]], [[0.1, 0.9, 0.5]])
        Tensor([1.], shape=(1,), dtype=float32)
    """
    t, p, both, _ = _moments(y_true, y_pred, axis)
    return divide_no_nan(both, sqrt(t) * sqrt(p))


@register("metrics")
def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """2 cov(t, p) / (var(t) + var(p) + (mean(t) - mean(p))**2) along an axis: 1 only
    where both are the same, unlike the correlation of Pearson; 0 where both are
    constant.

    Source: Lin 1989, equation 5.

    Example:
        >>> concordance_correlation([[0.0, 1.0, 2.0]], [[1.0, 2.0, 3.0]])
        Tensor([0.57142854], shape=(1,), dtype=float32)
    """
    t, p, both, apart = _moments(y_true, y_pred, axis)
    return divide_no_nan(2.0 * both, t + p + apart * apart)


def _cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Of the loss of this name the opposite: larger is more alike."""
    return -objectives.cosine_similarity(y_true, y_pred, axis)


class CosineSimilarity(MeanMetricWrapper):
    """sum(t p) / (|t| |p|) along an axis: 1 where both point the same way, 0 where they
    are orthogonal or one is zero, -1 where they are opposite.

    The loss of this name is the same with the opposite sign.

    Args:
        name: in logs.
        dtype: see `Mean`.
        axis: along which vectors lie.

    Shapes:
        y_true, y_pred: (batch, ..., features).

    Example:
        >>> CosineSimilarity()([[0.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]])
        Tensor(0.49999997, shape=(), dtype=float32)
    """

    _direction = "up"

    def __init__(
        self,
        name: str | None = "cosine_similarity",
        dtype: Any = None,
        axis: int = -1,
    ) -> None:
        super().__init__(_cosine_similarity, name, dtype, axis=axis)
        self.axis = axis


class PearsonCorrelation(MeanMetricWrapper):
    """cov(t, p) / (std(t) std(p)) along an axis of each sample, then averaged.

    Args:
        name: in logs.
        dtype: see `Mean`.
        axis: along which numbers are correlated; it needs two or more.

    Shapes:
        y_true, y_pred: (batch, ..., features).

    Source: Pearson 1895.

    Example:
        >>> y_true, y_pred = [[0, 1, 0.5], [1, 1, 0.2]], [[0.1, 0.9, 0.5], [1, 1, 0]]
        >>> PearsonCorrelation()(y_true, y_pred)
        Tensor(1., shape=(), dtype=float32)
    """

    _direction = "up"

    def __init__(
        self,
        name: str | None = "pearson_correlation",
        dtype: Any = None,
        axis: int = -1,
    ) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)
        self.axis = axis


class ConcordanceCorrelation(MeanMetricWrapper):
    """2 cov(t, p) / (var(t) + var(p) + (mean(t) - mean(p))**2) along an axis of each
    sample, then averaged: 1 only where both are the same.

    Args:
        name: in logs.
        dtype: see `Mean`.
        axis: along which numbers are compared; it needs two or more.

    Shapes:
        y_true, y_pred: (batch, ..., features).

    Source: Lin 1989, equation 5.

    Example:
        >>> ConcordanceCorrelation()([[0.0, 1.0, 2.0]], [[1.0, 2.0, 3.0]])
        Tensor(0.57142854, shape=(), dtype=float32)
    """

    _direction = "up"

    def __init__(
        self,
        name: str | None = "concordance_correlation",
        dtype: Any = None,
        axis: int = -1,
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
        self.axis = axis
