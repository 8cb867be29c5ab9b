"""Cross-entropies that count what is easy for less, and labels that lie for less.

Focal: Lin et al. 2017, equation 5. Generalized: Zhang and Sabuncu 2018, equation 6.
"""

from __future__ import annotations

from typing import Any

from wubu.core import dtypes
from wubu.core.config import epsilon
from wubu.core.configurable import register
from wubu.core.tensor import Tensor, as_tensor
from wubu.ops import crossentropy
from wubu.ops.arithmetic import power
from wubu.ops.comparison import where
from wubu.ops.functions import clip, exp, sigmoid
from wubu.ops.objectives import over_axis, smoothed
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import sum
from wubu.ops.selection import one_hot
from wubu.ops.targets import as_float, check_labels, class_numbers, matched


@register("losses")
def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """The mean over an axis of (1 - q)**gamma times the binary cross-entropy; q is the
    probability given to the right answer, t p + (1 - t) (1 - p).

    Args:
        y_true: t, 0 or 1 or between.
        y_pred: p, clipped to [1e-7, 1 - 1e-7] in the cross-entropy; or logits.
        apply_class_balancing: multiply by alpha where t is 1, by 1 - alpha where 0.
        alpha: see above.
        gamma: how much less the easy ones count; 0 counts all alike.
        from_logits: whether y_pred still lacks a sigmoid.
        label_smoothing: how far t is moved towards 1/2, from 0 to 1.
        axis: what is averaged.

    Example:
        >>> binary_focal_crossentropy([[1.0]], [[0.5]])  # a quarter of log 2
        Tensor([0.1732868], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    y_true = smoothed(y_true, label_smoothing, 2)
    loss = crossentropy.binary_crossentropy(y_true, y_pred, from_logits)
    p, rest = y_pred, 1 - y_pred
    if from_logits:  # 1 - sigmoid(x) would lose all digits of a large x
        p, rest = sigmoid(y_pred), sigmoid(-y_pred)
    loss = loss * _factor(y_true * rest + (1 - y_true) * p, gamma)
    if apply_class_balancing:
        loss = loss * (y_true * alpha + (1 - y_true) * (1 - alpha))
    return over_axis(loss, axis)


@register("losses")
def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """-sum(alpha (1 - p)**gamma t log(p)) over the classes, in nats.

    Args:
        y_true: t, the probability of each class: one-hot rows.
        y_pred: p, divided by its sum and clipped to [1e-7, 1 - 1e-7]; or logits.
        alpha: a number, or one for each class.
        gamma: how much less the easy ones count; 0 counts all alike.
        from_logits: whether y_pred still lacks a softmax.
        label_smoothing: how far t is moved towards 1 / classes, from 0 to 1.
        axis: where the classes are.

    Example:
        >>> categorical_focal_crossentropy([[1.0, 0.0]], [[0.5, 0.5]], alpha=1.0)
        Tensor([0.1732868], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    y_true = smoothed(y_true, label_smoothing, y_pred.shape[axis])
    log_p = crossentropy.log_probabilities(y_pred, from_logits, axis)
    factor = as_tensor(alpha, y_pred.dtype) * _factor(1 - exp(log_p), gamma)
    return -sum(factor * y_true * log_p, axis)


@register("losses")
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Tensor:
    """(1 - p[class]**q) / q: cross-entropy as q goes to 0, the absolute error at 1.
    Wrong labels weigh less the larger q is. Its derivative at p = 0 is 0.

    Args:
        y_true: class numbers, of the shape of y_pred without its last axis; a last axis
            of length 1 is dropped.
        y_pred: p, probabilities, the classes in the last axis.
        q: between 0 and 1.

    Example:
        >>> categorical_generalized_cross_entropy([1], [[0.75, 0.25]], 0.5)
        Tensor([1.], shape=(1,), dtype=float32)
    """
    y_pred, y_true = as_float(y_pred), as_tensor(y_true)
    axis, classes = y_pred.ndim - 1, y_pred.shape[-1]
    labels = class_numbers(y_true, y_pred, axis)
    check_labels(labels, classes)
    chosen = one_hot(cast_to(labels, dtypes.INT64), classes, dtype=y_pred.dtype)
    p = sum(y_pred * chosen, -1)
    positive = p > 0
    return (1 - where(positive, power(where(positive, p, 1), q), 0)) / q


def _factor(rest: Tensor, gamma: float) -> Tensor:
    """rest**gamma, with a derivative that is finite also where nothing is left."""
    return power(clip(rest, epsilon(), 1.0), gamma)
