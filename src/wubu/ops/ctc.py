"""Connectionist temporal classification: labels without their places in time.

Source: Graves et al. 2006, section 4.1, with logarithms.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.configurable import register
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ShapeError
from wubu.ops.comparison import not_equal, where
from wubu.ops.creation import arange, full_like, zeros_like
from wubu.ops.functions import logaddexp
from wubu.ops.joining import concatenate, stack
from wubu.ops.movement import expand_dims, moveaxis, reshape
from wubu.ops.nn import log_softmax
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import logsumexp, sum
from wubu.ops.scan import scan
from wubu.ops.selection import take_along_axis
from wubu.ops.targets import as_float, check_labels

# The logarithm of what cannot happen. Not -inf, of which no difference can be taken.
NEVER = -1e30


@register("losses")
def ctc(y_true: Any, y_pred: Any) -> Tensor:
    """-log of the probability that the classes over time, without repetitions and then
    without blanks (class 0), are the labels.

    Args:
        y_true: (batch, labels), class numbers from 1; 0 behind the last one.
        y_pred: (batch, time, classes), logits.

    Returns:
        (batch,). Infinite, with derivative 0, where there is too little time: one step
        is needed for each label, and one between two of the same class.

    Raises:
        ShapeError: other numbers of axes, or of samples.
        DataError: a label that is no class, where labels are known.

    Example:
        >>> import math
        >>> likely = ctc([[1]], [[[0.0, 0.0], [0.0, 0.0]]])  # 3 of 4 ways: 01, 10, 11
        >>> print(f"{math.exp(-likely.item()):.4f}")
        0.7500
    """
    y_true, y_pred = as_tensor(y_true), as_float(y_pred)
    if y_true.ndim != 2 or y_pred.ndim != 3 or y_true.shape[0] != y_pred.shape[0]:
        raise ShapeError(
            "CTC compares rows of labels with rows of logits",
            expected="y_true (batch, labels) and y_pred (batch, time, classes)",
            got=f"y_true {y_true.shape} and y_pred {y_pred.shape}",
        )
    check_labels(y_true, y_pred.shape[-1])
    labels = cast_to(y_true, dtypes.INT64)
    states = _with_blanks(labels)
    log_p = take_along_axis(log_softmax(y_pred), expand_dims(states, 1), axis=2)
    jumps = _jumps(states)

    def step(before: Tensor, now: Tensor) -> tuple[Tensor, None]:
        """log p of all ways to be in each state at this time."""
        stayed = logaddexp(before, _shifted(before, 1))
        jumped = where(jumps, _shifted(before, 2), NEVER)
        return logaddexp(stayed, jumped) + now, None

    place = arange(states.shape[1])
    first = where(place == 0, 0.0, NEVER) + zeros_like(log_p[:, 0])
    last, _ = scan(step, first, moveaxis(log_p, 1, 0))
    end = 2 * sum(cast_to(not_equal(labels, 0), dtypes.INT64), 1, keepdims=True)
    at_end = (place == end) | (place == end - 1)
    total = logsumexp(where(at_end, last, NEVER), 1)
    return where(total > NEVER / 2, -total, np.inf)


def _with_blanks(labels: Tensor) -> Tensor:
    """(batch, n) as (batch, 2 n + 1): a blank before, between and behind labels."""
    blanks = zeros_like(labels)
    pairs = reshape(stack([blanks, labels], 2), (labels.shape[0], 2 * labels.shape[1]))
    return concatenate([pairs, zeros_like(pairs[:, :1])], 1)


def _jumps(states: Tensor) -> Tensor:
    """Where the blank before may be left out: at labels that are not those before."""
    before = concatenate([zeros_like(states[:, :2]), states[:, :-2]], 1)
    return not_equal(states, 0) & not_equal(states, before)


def _shifted(x: Tensor, steps: int) -> Tensor:
    """x moved to the right, with what never happens coming in."""
    return concatenate([full_like(x[:, :steps], NEVER), x[:, :-steps]], 1)
