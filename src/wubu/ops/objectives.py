"""What losses and metrics share: the error between targets and predictions, one number
for each sample.

In files the functions here go by the room `losses`, wherever they are used.
"""

from __future__ import annotations

from typing import Any

from wubu.core import dtypes
from wubu.core.configurable import register
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.ops import crossentropy
from wubu.ops.comparison import not_equal, where
from wubu.ops.functions import absolute
from wubu.ops.prepare import cast_to, normal_axis
from wubu.ops.reduction import mean
from wubu.ops.targets import as_float, check_labels, class_numbers, matched

# -- numbers --------------------------------------------------------------------------


@register("losses")
def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """mean((y_true - y_pred)**2) over the last axis.

    Example:
        >>> mean_squared_error([[0.0, 1.0]], [[1.0, 4.0]])
        Tensor([5.], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    gap = y_pred - y_true
    return mean(gap * gap, -1) if gap.ndim else gap * gap


@register("losses")
def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """mean(|y_true - y_pred|) over the last axis. Its derivative is 0 where both are
    equal.

    Example:
        >>> mean_absolute_error([[0.0, 1.0]], [[1.0, 4.0]])
        Tensor([2.], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    gap = absolute(y_pred - y_true)
    return mean(gap, -1) if gap.ndim else gap


# -- probabilities --------------------------------------------------------------------


@register("losses")
def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """mean(-(t log(p) + (1 - t) log(1 - p))) over an axis, in nats.

    Args:
        y_true: t, 0 or 1 or between.
        y_pred: p, clipped to [1e-7, 1 - 1e-7]; or logits.
        from_logits: whether y_pred still lacks a sigmoid.
        label_smoothing: how far t is moved towards 1/2, from 0 to 1.
        axis: what is averaged.
    """
    y_true, y_pred = matched(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    loss = crossentropy.binary_crossentropy(y_true, y_pred, from_logits)
    return mean(loss, axis) if loss.ndim else loss


@register("losses")
def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """-sum(t log(p)) over the classes, in nats.

    Args:
        y_true: t, the probability of each class: one-hot rows.
        y_pred: p, divided by its sum and clipped to [1e-7, 1 - 1e-7]; or logits.
        from_logits: whether y_pred still lacks a softmax.
        label_smoothing: how far t is moved towards 1 / classes, from 0 to 1.
        axis: where the classes are.
    """
    y_true, y_pred = matched(y_true, y_pred)
    if label_smoothing:
        classes = y_pred.shape[normal_axis(axis, y_pred.ndim)]
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / classes
    return crossentropy.categorical_crossentropy(y_true, y_pred, from_logits, axis)


@register("losses")
def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Tensor:
    """-log(p[class]), in nats, for class numbers instead of one-hot rows.

    Args:
        y_true: class numbers, of the shape of y_pred without its classes; a last axis
            of length 1 is dropped. Floats must be whole.
        y_pred: p, divided by its sum and clipped to [1e-7, 1 - 1e-7]; or logits.
        from_logits: whether y_pred still lacks a softmax.
        ignore_class: the loss of samples of this class is 0; it need not be one of
            y_pred.
        axis: where the classes are.

    Raises:
        DataError: a label that is no class. Under `jit`, where labels are not known, a
            label that is no class has the loss 0 instead.
    """
    y_pred, y_true = as_float(y_pred), as_tensor(y_true)
    axis = normal_axis(axis, y_pred.ndim)
    y_true = class_numbers(y_true, y_pred, axis)
    check_labels(y_true, y_pred.shape[axis], ignore_class)
    labels = cast_to(y_true, dtypes.INT64)
    if ignore_class is None:
        return crossentropy.sparse_categorical_crossentropy(
            labels, y_pred, from_logits, axis
        )
    valid = not_equal(labels, ignore_class)
    loss = crossentropy.sparse_categorical_crossentropy(
        where(valid, labels, 0), y_pred, from_logits, axis
    )
    return where(valid, loss, 0)


def smoothing(value: float) -> float:
    """A label smoothing.

    Raises:
        ArgumentError: outside 0 to 1.
    """
    if not 0 <= value <= 1:
        raise ArgumentError(
            "label_smoothing moves labels part of the way", expected="0 to 1", got=value
        )
    return float(value)
