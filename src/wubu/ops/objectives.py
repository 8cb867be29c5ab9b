"""What losses and metrics share: the error between targets and predictions, one number
for each sample.

Read this file first, then its like: focal.py (cross-entropies that look away from what
is easy), margins.py (hinges), overlap.py (of areas), pairs.py (circle loss), ctc.py. In
files all these functions go by the room `losses`, wherever they are used.
"""

from __future__ import annotations

import math
from typing import Any

from wubu.core import dtypes
from wubu.core.config import epsilon
from wubu.core.configurable import register
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.ops import crossentropy
from wubu.ops.comparison import not_equal, where
from wubu.ops.functions import absolute, clip, log, log1p
from wubu.ops.nn import normalize, softplus
from wubu.ops.prepare import cast_to, normal_axis
from wubu.ops.reduction import mean, sum
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
    return over_last((y_pred - y_true) * (y_pred - y_true))


@register("losses")
def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """mean(|y_true - y_pred|) over the last axis. Its derivative is 0 where both are
    equal.

    Example:
        >>> mean_absolute_error([[0.0, 1.0]], [[1.0, 4.0]])
        Tensor([2.], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    return over_last(absolute(y_pred - y_true))


@register("losses")
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Tensor:
    """100 mean(|y_true - y_pred| / max(|y_true|, 1e-7)) over the last axis.

    Example:
        >>> mean_absolute_percentage_error([[4.0, 2.0]], [[5.0, 1.0]])
        Tensor([37.5], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    size = clip(absolute(y_true), epsilon())
    return 100.0 * over_last(absolute((y_true - y_pred) / size))


@register("losses")
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Tensor:
    """mean((log(1 + y_true) - log(1 + y_pred))**2) over the last axis, of numbers of at
    least 1e-7: below, the derivative is 0.

    Example:
        >>> mean_squared_logarithmic_error([[0.0]], [[math.e - 1]])
        Tensor([0.99999976], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    gap = log1p(clip(y_pred, epsilon())) - log1p(clip(y_true, epsilon()))
    return over_last(gap * gap)


@register("losses")
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Tensor:
    """The mean over the last axis of e**2 / 2 where |e| <= delta, and of
    delta (|e| - delta / 2) beyond; e = y_pred - y_true.

    Source: Huber 1964, section 4.

    Example:
        >>> huber([[0.0, 0.0]], [[1.0, 3.0]])
        Tensor([1.5], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    gap = y_pred - y_true
    size = absolute(gap)
    far = delta * size - 0.5 * delta * delta
    return over_last(where(size <= delta, 0.5 * gap * gap, far))


@register("losses")
def log_cosh(y_true: Any, y_pred: Any) -> Tensor:
    """mean(log(cosh(y_pred - y_true))) over the last axis, without overflow: about
    e**2 / 2 for a small error e, |e| - log 2 for a large one.

    Example:
        >>> log_cosh([[0.0]], [[1000.0]])
        Tensor([999.3068], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    gap = y_pred - y_true
    return over_last(gap + softplus(-2.0 * gap) - math.log(2.0))


@register("losses")
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """-sum(y_true * y_pred) over an axis, of vectors made 1 long: -1 where they point
    the same way, 0 where they are orthogonal or one is zero, 1 where they are opposite.

    Example:
        >>> cosine_similarity([[1.0, 0.0]], [[3.0, 4.0]])
        Tensor([-0.6], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    y_true = normalize(y_true, axis, epsilon=epsilon())
    return -sum(y_true * normalize(y_pred, axis, epsilon=epsilon()), axis)


def over_axis(values: Tensor, axis: int) -> Tensor:
    """The mean over an axis; of a single number itself."""
    return mean(values, axis) if values.ndim else values


def over_last(values: Tensor) -> Tensor:
    """The mean over the last axis; of a single number itself."""
    return over_axis(values, -1)


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
    y_true = smoothed(y_true, label_smoothing, 2)
    loss = crossentropy.binary_crossentropy(y_true, y_pred, from_logits)
    return over_axis(loss, axis)


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
    y_true = smoothed(y_true, label_smoothing, y_pred.shape[axis])
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


@register("losses")
def kl_divergence(y_true: Any, y_pred: Any) -> Tensor:
    """sum(t log(t / p)) over the last axis, in nats: what it costs to take p for t.

    Args:
        y_true: t, clipped to [1e-7, 1].
        y_pred: p, clipped to [1e-7, 1].

    Source: Kullback and Leibler 1951.

    Example:
        >>> kl_divergence([[1.0, 0.0]], [[0.5, 0.5]])
        Tensor([0.69314563], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    y_true, y_pred = clip(y_true, epsilon(), 1.0), clip(y_pred, epsilon(), 1.0)
    gap = y_true * log(y_true / y_pred)
    return sum(gap, -1) if gap.ndim else gap


@register("losses")
def poisson(y_true: Any, y_pred: Any) -> Tensor:
    """mean(p - t log(p + 1e-7)) over the last axis: how unlikely the counts t are where
    p are expected, but for a constant.

    Args:
        y_true: t, counts.
        y_pred: p, 0 or above; below, the loss is NaN.

    Example:
        >>> poisson([[2.0]], [[1.0]])
        Tensor([0.99999976], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    return over_last(y_pred - y_true * log(y_pred + epsilon()))


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


def smoothed(y_true: Tensor, share: float, classes: int) -> Tensor:
    """Targets moved towards 1 / classes, this share of the way."""
    return y_true * (1.0 - share) + share / classes if share else y_true
