"""Cosine decay, with a linear rise before it if wished."""

from __future__ import annotations

import math
from typing import Any

from wubu.core.tensor import Tensor
from wubu.ops.comparison import where
from wubu.ops.functions import clip, cos
from wubu.optimizers.schedules.schedule import (
    LearningRateSchedule,
    as_step,
    check_positive,
)


class CosineDecay(LearningRateSchedule):
    """r * ((1 - alpha) * (1 + cos(pi * t)) / 2 + alpha), where t rises from 0 to 1.

    Without warmup, t is step / decay_steps and r is initial_learning_rate. With it, the
    rate first rises in a line from initial_learning_rate to warmup_target, in
    warmup_steps; then r is warmup_target, and t counts from there. In the end the rate
    stays at r * alpha.

    Args:
        initial_learning_rate: at step 0.
        decay_steps: how long the decay takes, warmup not included.
        alpha: the share of r that is left in the end.
        name: in messages.
        warmup_target: the highest rate; None for no warmup.
        warmup_steps: how long the rise takes.

    Raises:
        ArgumentError: decay_steps is not positive.

    Source: Loshchilov and Hutter 2017, equation 5, without restarts.

    Example:
        >>> schedule = CosineDecay(0.1, decay_steps=10)
        >>> schedule(0), schedule(5)
        (Tensor(0.1, shape=(), dtype=float32), Tensor(0.05, shape=(), dtype=float32))
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ) -> None:
        check_positive(self, decay_steps=decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Tensor:
        """The learning rate after so many steps."""
        step = as_step(step)
        if self.warmup_target is None:
            return self._decay(step, self.initial_learning_rate)
        decayed = self._decay(step - self.warmup_steps, self.warmup_target)
        if not self.warmup_steps:
            return decayed
        rise = self.warmup_target - self.initial_learning_rate
        rising = step / self.warmup_steps * rise + self.initial_learning_rate
        return where(step < self.warmup_steps, rising, decayed)

    def _decay(self, step: Tensor, r: float) -> Tensor:
        t = clip(step / self.decay_steps, 0.0, 1.0)
        return ((1.0 - self.alpha) * fall(t) + self.alpha) * r


def fall(t: Tensor) -> Tensor:
    """From 1 at t = 0 to 0 at t = 1, along half a wave of the cosine."""
    return 0.5 * (1.0 + cos(t * math.pi))
