"""Errors as metrics: squared, absolute, in percent, in logarithms."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.metrics.mean import MeanMetricWrapper
from wubu.ops.functions import sqrt
from wubu.ops.objectives import (
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
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


class MeanAbsolutePercentageError(MeanMetricWrapper):
    """100 mean(|y_true - y_pred| / max(|y_true|, 1e-7)), in percent.

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> MeanAbsolutePercentageError()([[4.0], [2.0]], [[5.0], [1.0]])
        Tensor(37.5, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(
        self, name: str | None = "mean_absolute_percentage_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """mean((log(1 + y_true) - log(1 + y_pred))**2), of numbers of at least 1e-7.

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> MeanSquaredLogarithmicError()([[0.0], [1.0]], [[1.0], [1.0]])
        Tensor(0.24022643, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(
        self, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, name, dtype)


class LogCoshError(MeanMetricWrapper):
    """mean(log(cosh(y_pred - y_true))): half the square of a small error, the size of a
    large one less log 2.

    Args:
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> LogCoshError()([[0.0], [0.0]], [[0.0], [2.0]])
        Tensor(0.66250134, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(self, name: str | None = "logcosh", dtype: Any = None) -> None:
        super().__init__(log_cosh, name, dtype)
