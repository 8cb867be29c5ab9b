"""Cosine decay that starts again and again, more slowly each time."""

from __future__ import annotations

import math
from typing import Any

from wubu.core.dtypes import FLOAT64
from wubu.core.tensor import Tensor
from wubu.ops.functions import exp, floor, log
from wubu.ops.prepare import cast_to
from wubu.optimizers.arguments import at_least
from wubu.optimizers.schedules.cosine_decay import fall
from wubu.optimizers.schedules.schedule import (
    LearningRateSchedule,
    as_step,
    check_positive,
)

# Added before rounding down, in periods: at a restart the logarithm may come out a
# little too small, and the rate of that step would be the end of the period before.
_SLACK = 1e-9


class CosineDecayRestarts(LearningRateSchedule):
    """r * ((1 - alpha) * m * (1 + cos(pi * t)) / 2 + alpha), where t rises from 0 to 1
    in every period.

    Period i = 0, 1 ... takes first_decay_steps * t_mul**i steps, and m is m_mul**i.

    Args:
        initial_learning_rate: r, at step 0.
        first_decay_steps: the steps of the first period.
        t_mul: how many times longer each period is than the one before, at least 1.
        m_mul: how many times higher the rate at its beginning is.
        alpha: the share of r that is left at the end of a period.
        name: in messages.

    Raises:
        ArgumentError: first_decay_steps, t_mul or m_mul is too small.

    Source: Loshchilov and Hutter 2017, equation 5.

    Example:
        >>> schedule = CosineDecayRestarts(0.1, first_decay_steps=10)
        >>> [round(schedule(step).item(), 3) for step in (0, 5, 10, 20, 30)]
        [0.1, 0.05, 0.1, 0.05, 0.1]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        check_positive(self, first_decay_steps=first_decay_steps, m_mul=m_mul)
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self.t_mul = at_least("t_mul", t_mul, 1)
        self.m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        """The learning rate after so many steps."""
        step = as_step(step)
        t = cast_to(step, FLOAT64) / self.first_decay_steps
        if self.t_mul == 1:
            period = floor(t)
            t = t - period
        else:
            growth, log_growth = self.t_mul - 1.0, math.log(self.t_mul)
            period = floor(log(t * growth + 1.0) / log_growth + _SLACK)
            length = exp(period * log_growth)
            t = (t - (length - 1.0) / growth) / length
        m = exp(period * math.log(self.m_mul))
        share = (1.0 - self.alpha) * m * fall(t) + self.alpha
        return cast_to(share * self.initial_learning_rate, step.dtype)
