"""Hinges: nothing is lost where the answer is right by a margin of 1.

Labels are -1 or 1. Where all of a batch are 0 or 1, they are taken for -1 and 1.
"""

from __future__ import annotations

from typing import Any

from wubu.core.configurable import register
from wubu.core.tensor import Tensor
from wubu.ops.comparison import where
from wubu.ops.objectives import over_last
from wubu.ops.reduction import all, max, sum
from wubu.ops.targets import Pair, matched


@register("losses")
def hinge(y_true: Any, y_pred: Any) -> Tensor:
    """mean(max(1 - y_true y_pred, 0)) over the last axis. The derivative at the bend is
    0.

    Example:
        >>> hinge([[1.0, -1.0]], [[0.25, -3.0]])
        Tensor([0.375], shape=(1,), dtype=float32)
    """
    return over_last(_lacking(*_signed(y_true, y_pred)))


@register("losses")
def squared_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """mean(max(1 - y_true y_pred, 0)**2) over the last axis.

    Example:
        >>> squared_hinge([[1.0, -1.0]], [[0.0, 1.0]])
        Tensor([2.5], shape=(1,), dtype=float32)
    """
    lacking = _lacking(*_signed(y_true, y_pred))
    return over_last(lacking * lacking)


@register("losses")
def categorical_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """max(1 + neg - pos, 0): pos is the prediction for the class, sum(y_true y_pred);
    neg the largest for another, max((1 - y_true) y_pred).

    Args:
        y_true: one-hot rows.
        y_pred: a number for each class.

    Example:
        >>> categorical_hinge([[0.0, 1.0, 0.0]], [[0.5, 2.0, 1.5]])
        Tensor([0.5], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    right = sum(y_true * y_pred, -1)
    wrong = max((1 - y_true) * y_pred, -1)
    return _above_0(wrong - right + 1)


def _signed(y_true: Any, y_pred: Any) -> Pair:
    y_true, y_pred = matched(y_true, y_pred)
    binary = all((y_true == 0) | (y_true == 1))
    return where(binary, 2 * y_true - 1, y_true), y_pred


def _lacking(y_true: Tensor, y_pred: Tensor) -> Tensor:
    return _above_0(1 - y_true * y_pred)


def _above_0(x: Tensor) -> Tensor:
    return where(x > 0, x, 0)
