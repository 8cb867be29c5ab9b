"""Polynomial decay, in a line by default."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.ops.arithmetic import maximum, minimum
from wubu.ops.functions import ceil
from wubu.optimizers.schedules.schedule import (
    LearningRateSchedule,
    as_step,
    check_positive,
)


class PolynomialDecay(LearningRateSchedule):
    """(initial - end) * (1 - t) ** power + end, where t rises from 0 to 1.

    t is step / decay_steps, and stays at 1 in the end. With cycle, decay_steps grows
    instead: it is taken times the smallest whole number that makes t at most 1, so that
    the rate jumps up again after each multiple, and falls more slowly.

    Args:
        initial_learning_rate: at step 0.
        decay_steps: how long the decay takes.
        end_learning_rate: where it leads to.
        power: 1 for a line, less for a late fall, more for an early one.
        cycle: see above.
        name: in messages.

    Raises:
        ArgumentError: decay_steps is not positive.

    Example:
        >>> PolynomialDecay(0.1, decay_steps=10, end_learning_rate=0.0)(5)
        Tensor(0.05, shape=(), dtype=float32)
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        check_positive(self, decay_steps=decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        """The learning rate after so many steps."""
        t = as_step(step) / self.decay_steps
        t = t / maximum(ceil(t), 1.0) if self.cycle else minimum(t, 1.0)
        left = (1.0 - t) ** self.power
        rise = self.initial_learning_rate - self.end_learning_rate
        return left * rise + self.end_learning_rate
