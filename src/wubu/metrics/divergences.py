"""How far probabilities and counts are from those expected. The formulas stand in
`ops/objectives.py`."""

from __future__ import annotations

from typing import Any

from wubu.metrics.mean import MeanMetricWrapper
from wubu.ops.objectives import kl_divergence, poisson


class KLDivergence(MeanMetricWrapper):
    """sum(t log(t / p)) over the last axis, in nats, of numbers clipped to [1e-7, 1].

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ..., classes).

    Example:
        >>> KLDivergence()([[1.0, 0.0]], [[0.5, 0.5]])
        Tensor(0.69314563, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(self, name: str | None = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(kl_divergence, name, dtype)


class Poisson(MeanMetricWrapper):
    """mean(p - t log(p + 1e-7)): how unlikely the counts t are where p are expected,
    but for a constant.

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> Poisson()([[2.0]], [[1.0]])
        Tensor(0.99999976, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(self, name: str | None = "poisson", dtype: Any = None) -> None:
        super().__init__(poisson, name, dtype)
