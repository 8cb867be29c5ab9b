"""Inverse time decay."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.ops.functions import floor
from wubu.optimizers.schedules.schedule import (
    LearningRateSchedule,
    as_step,
    check_positive,
)


class InverseTimeDecay(LearningRateSchedule):
    """initial_learning_rate / (1 + decay_rate * step / decay_steps)

    Args:
        initial_learning_rate: at step 0.
        decay_steps: the unit of time.
        decay_rate: how much the denominator grows in it.
        staircase: only then, instead of a little in every step: step / decay_steps is
            rounded down.
        name: in messages.

    Raises:
        ArgumentError: decay_steps is not positive.

    Example:
        >>> InverseTimeDecay(0.1, decay_steps=10, decay_rate=0.5)(20)
        Tensor(0.05, shape=(), dtype=float32)
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        check_positive(self, decay_steps=decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        """The learning rate after so many steps."""
        p = as_step(step) / self.decay_steps
        p = floor(p) if self.staircase else p
        return self.initial_learning_rate / (p * self.decay_rate + 1.0)
