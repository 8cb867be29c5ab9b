"""Cross-entropies as metrics, in nats. The formulas stand in `ops/objectives.py`."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.metrics.mean import MeanMetricWrapper
from wubu.ops.objectives import (
    binary_crossentropy,
    categorical_crossentropy,
    smoothing,
    sparse_categorical_crossentropy,
)
from wubu.ops.targets import is_valid, weighted


class BinaryCrossentropy(MeanMetricWrapper):
    """mean(-(t log(p) + (1 - t) log(1 - p))), in nats.

    Args:
        name: in logs.
        dtype: see `Mean`.
        from_logits: whether y_pred still lacks a sigmoid.
        label_smoothing: s, from 0 to 1: t becomes t (1 - s) + s / 2.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> BinaryCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]])
        Tensor(0.6931472, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(self._values, name, dtype)
        self.from_logits = from_logits
        self.label_smoothing = smoothing(label_smoothing)

    def _values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return binary_crossentropy(
            y_true, y_pred, self.from_logits, self.label_smoothing
        )


class CategoricalCrossentropy(MeanMetricWrapper):
    """-sum(t log(p)) over the classes, in nats.

    Args:
        name: in logs.
        dtype: see `Mean`.
        from_logits: whether y_pred still lacks a softmax.
        label_smoothing: s, from 0 to 1: t becomes t (1 - s) + s / classes.
        axis: where the classes are.

    Shapes:
        y_true, y_pred: (batch, ..., classes).

    Example:
        >>> CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])
        Tensor(0.6931472, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(self._values, name, dtype)
        self.from_logits = from_logits
        self.label_smoothing = smoothing(label_smoothing)
        self.axis = axis

    def _values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return categorical_crossentropy(
            y_true, y_pred, self.from_logits, self.label_smoothing, self.axis
        )


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """-log(p[class]), in nats.

    Args:
        name: in logs.
        dtype: see `Mean`.
        from_logits: whether y_pred still lacks a softmax.
        ignore_class: a label whose samples do not count.
        axis: where the classes are.

    Shapes:
        y_true: (batch, ...), or (batch, ..., 1).
        y_pred: (batch, ..., classes).

    Example:
        >>> SparseCategoricalCrossentropy()([1, 0], [[0.5, 0.5], [0.5, 0.5]])
        Tensor(0.6931472, shape=(), dtype=float32)
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(self._values, name, dtype)
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis

    def _values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return sparse_categorical_crossentropy(
            y_true, y_pred, self.from_logits, self.ignore_class, self.axis
        )

    def weights(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any) -> Any:
        if self.ignore_class is None:
            return sample_weight
        valid = is_valid(y_true, y_pred, self.ignore_class, self.axis)
        if sample_weight is None:
            return valid
        return weighted(valid, sample_weight)[0]
