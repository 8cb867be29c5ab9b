"""How often the right class is among the k most likely ones."""

from __future__ import annotations

from typing import Any

from wubu.core.configurable import register
from wubu.core.dtypes import FLOAT32, INT64
from wubu.core.tensor import Tensor, as_tensor
from wubu.metrics.mean import MeanMetricWrapper
from wubu.ops.movement import expand_dims
from wubu.ops.prepare import cast_to
from wubu.ops.ranking import in_top_k
from wubu.ops.reduction import any, argmax
from wubu.ops.targets import as_float, class_numbers, matched


@register("metrics")
def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """1 where fewer than k predictions are larger than that for the class of the
    one-hot label, 0 elsewhere: ties count as right.

    Raises:
        ArgumentError: there are fewer than k classes.
    """
    y_true, y_pred = matched(y_true, y_pred)
    return cast_to(in_top_k(argmax(y_true, -1), y_pred, k), FLOAT32)


@register("metrics")
def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """1 where fewer than k predictions are larger than that for the class y_true, 0
    elsewhere: ties count as right.

    Args:
        y_true: class numbers, (batch, ...).
        y_pred: (batch, ..., classes).
        k: how many.
        from_sorted_ids: y_pred holds class numbers instead, the most likely first, and
            the label is looked for among the first k of them.

    Raises:
        ArgumentError: there are fewer than k classes.
    """
    y_true, y_pred = as_tensor(y_true), as_float(y_pred)
    y_true = class_numbers(y_true, y_pred, y_pred.ndim - 1)
    if from_sorted_ids:
        labels = expand_dims(cast_to(y_true, y_pred.dtype), -1)
        return cast_to(any(y_pred[..., :k] == labels, -1), FLOAT32)
    return cast_to(in_top_k(cast_to(y_true, INT64), y_pred, k), FLOAT32)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the one-hot label's class is among the k most likely ones: fewer than k
    are more likely.

    Args:
        k: how many.
        name: in logs.
        dtype: see `Mean`.

    Shapes:
        y_true, y_pred: (batch, ..., classes).

    Raises:
        ArgumentError: there are fewer than k classes.

    Example:
        >>> metric = TopKCategoricalAccuracy(k=2)
        >>> metric([[0, 0, 1], [0, 1, 0]], [[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]])
        Tensor(0.5, shape=(), dtype=float32)
    """

    _direction = "up"

    def __init__(
        self,
        k: int = 5,
        name: str | None = "top_k_categorical_accuracy",
        dtype: Any = None,
    ) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)
        self.k = k


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the label is among the k most likely classes: fewer than k are more
    likely.

    Args:
        k: how many.
        name: in logs.
        dtype: see `Mean`.
        from_sorted_ids: predictions are class numbers, the most likely first.

    Shapes:
        y_true: (batch, ...), or (batch, ..., 1).
        y_pred: (batch, ..., classes).

    Raises:
        ArgumentError: there are fewer than k classes.

    Example:
        >>> metric = SparseTopKCategoricalAccuracy(k=2)
        >>> metric([2, 1], [[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]])
        Tensor(0.5, shape=(), dtype=float32)
    """

    _direction = "up"

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(
            sparse_top_k_categorical_accuracy,
            name,
            dtype,
            k=k,
            from_sorted_ids=from_sorted_ids,
        )
        self.k = k
        self.from_sorted_ids = from_sorted_ids
