"""Errors as metrics: mean squared, mean absolute, and root mean squared."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.metrics.mean import MeanMetricWrapper
from wubu.ops.functions import sqrt
from wubu.ops.objectives import mean_absolute_error, mean_squared_error
from wubu.ops.targets import matched


class MeanSquaredError(MeanMetricWrapper):
    """mean((y_true - y_pred)**2)

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> MeanSquaredError()([[0.0], [0.0]], [[1.0], [3.0]])
        Tensor(5., shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(
        self, name: str | None = "mean_squared_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_squared_error, name, dtype)


class MeanAbsoluteError(MeanMetricWrapper):
    """mean(|y_true - y_pred|)

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> MeanAbsoluteError()([[0.0], [0.0]], [[1.0], [3.0]])
        Tensor(2., shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(
        self, name: str | None = "mean_absolute_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_absolute_error, name, dtype)


class RootMeanSquaredError(MeanMetricWrapper):
    """sqrt(mean((y_true - y_pred)**2)) over everything seen.

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> RootMeanSquaredError()([[0.0], [0.0]], [[1.0], [7.0]])
        Tensor(5., shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(
        self, name: str | None = "root_mean_squared_error", dtype: Any = None
    ) -> None:
        super().__init__(_squares, name, dtype)

    def result(self) -> Tensor:
        """The root of the mean so far."""
        return sqrt(super().result())


def _squares(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Not averaged: weights may come for single elements."""
    y_true, y_pred = matched(y_true, y_pred)
    return (y_pred - y_true) * (y_pred - y_true)
