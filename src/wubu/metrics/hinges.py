"""Hinges as metrics. The formulas stand in `ops/margins.py`."""

from __future__ import annotations

from typing import Any

from wubu.metrics.mean import MeanMetricWrapper
from wubu.ops.margins import categorical_hinge, hinge, squared_hinge


class Hinge(MeanMetricWrapper):
    """mean(max(1 - y_true y_pred, 0)), of labels -1 and 1, or 0 and 1.

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> Hinge()([[1.0], [0.0]], [[0.25], [-3.0]])
        Tensor(0.375, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(self, name: str | None = "hinge", dtype: Any = None) -> None:
        super().__init__(hinge, name, dtype)


class SquaredHinge(MeanMetricWrapper):
    """mean(max(1 - y_true y_pred, 0)**2), of labels -1 and 1, or 0 and 1.

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> SquaredHinge()([[1.0], [0.0]], [[0.0], [1.0]])
        Tensor(2.5, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(self, name: str | None = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(squared_hinge, name, dtype)


class CategoricalHinge(MeanMetricWrapper):
    """max(1 + neg - pos, 0): pos is the prediction for the class of the one-hot label,
    neg the largest for another.

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ..., classes).

    Example:
        >>> CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.5, 2.0, 1.5]])
        Tensor(0.5, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(
        self, name: str | None = "categorical_hinge", dtype: Any = None
    ) -> None:
        super().__init__(categorical_hinge, name, dtype)
