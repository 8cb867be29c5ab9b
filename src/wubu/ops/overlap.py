"""How little two areas overlap: masks of images, in which few pixels may count."""

from __future__ import annotations

from typing import Any

from wubu.core.config import epsilon
from wubu.core.configurable import register
from wubu.core.tensor import Tensor
from wubu.ops.reduction import Axis, sum
from wubu.ops.targets import matched


@register("losses")
def dice(y_true: Any, y_pred: Any, axis: Axis = None) -> Tensor:
    """1 - 2 sum(t p) / (sum(t) + sum(p) + 1e-7)

    Args:
        y_true: t, 0 or 1 for each pixel.
        y_pred: p, probabilities.
        axis: what is summed; everything, samples included, by default.

    Source: Sudre et al. 2017, without weights.

    Example:
        >>> dice([[1.0, 1.0]], [[1.0, 0.0]])
        Tensor(0.3333333, shape=(), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    both = sum(y_true * y_pred, axis)
    return 1 - 2 * both / (sum(y_true, axis) + sum(y_pred, axis) + epsilon())


@register("losses")
def tversky(
    y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Axis = None
) -> Tensor:
    """1 - both / (both + alpha missed + beta extra + 1e-7), where both = sum(t p),
    missed = sum(t (1 - p)) and extra = sum((1 - t) p).

    Args:
        y_true: t, 0 or 1 for each pixel.
        y_pred: p, probabilities.
        alpha: what a pixel counts that was missed.
        beta: what a pixel counts that was found where there is none.
        axis: what is summed; everything, samples included, by default.

    With both weights 1/2 this is `dice`.

    Source: Salehi et al. 2017, equation 3.

    Example:
        >>> tversky([[1.0, 1.0]], [[1.0, 0.0]], alpha=1.0)
        Tensor(0.5, shape=(), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    both = sum(y_true * y_pred, axis)
    missed = sum(y_true * (1 - y_pred), axis)
    extra = sum((1 - y_true) * y_pred, axis)
    return 1 - both / (both + alpha * missed + beta * extra + epsilon())
