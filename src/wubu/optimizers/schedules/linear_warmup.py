"""A linear rise before any schedule, or before a rate that stays."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.ops.arithmetic import maximum
from wubu.ops.comparison import where
from wubu.optimizers.schedules.piecewise_constant_decay import (
    PiecewiseConstantDecay,
)
from wubu.optimizers.schedules.schedule import (
    LearningRateSchedule,
    as_step,
    check_positive,
)


class LinearWarmup(LearningRateSchedule):
    """Rises in a line to what comes then: to a rate, or to the beginning of a schedule.

        step < warmup_steps:  first + (learning_rate(0) - first) * step / warmup_steps
        then:                 learning_rate(step - warmup_steps)

    where first stands for initial_learning_rate.

    Args:
        learning_rate: a number, or a schedule; its steps count from the end of the
            rise.
        warmup_steps: how long the rise takes.
        initial_learning_rate: at step 0.
        name: in messages.

    Raises:
        ArgumentError: warmup_steps is not positive; what is no learning rate.

    Source: Goyal et al. 2017, section 2.2; not in Keras, but as CosineDecay has it.

    Example:
        >>> schedule = LinearWarmup(0.1, warmup_steps=4)
        >>> [round(schedule(step).item(), 3) for step in (0, 1, 2, 4, 100)]
        [0.0, 0.025, 0.05, 0.1, 0.1]
        >>> from wubu.optimizers.schedules import ExponentialDecay
        >>> schedule = LinearWarmup(ExponentialDecay(0.1, 1, 0.5), warmup_steps=4)
        >>> [round(schedule(step).item(), 3) for step in (2, 4, 5)]
        [0.05, 0.1, 0.05]
    """

    def __init__(
        self,
        learning_rate: Any,
        warmup_steps: float,
        initial_learning_rate: float = 0.0,
        name: str = "LinearWarmup",
    ) -> None:
        check_positive(self, warmup_steps=warmup_steps)
        self.learning_rate = learning_rate
        self.warmup_steps = warmup_steps
        self.initial_learning_rate = initial_learning_rate
        self.name = name
        self._after = _as_schedule(learning_rate)

    def __call__(self, step: Any) -> Tensor:
        """The learning rate after so many steps."""
        step = as_step(step)
        first = self.initial_learning_rate
        t = step / self.warmup_steps
        rising = t * (self._after(0) - first) + first
        after = self._after(maximum(step - self.warmup_steps, 0.0))
        return where(t < 1.0, rising, after)


def _as_schedule(rate: Any) -> LearningRateSchedule:
    from wubu.optimizers.rate import as_rate  # which knows all schedules, this one too

    found = as_rate(rate)
    if isinstance(found, LearningRateSchedule):
        return found
    return PiecewiseConstantDecay([], [found])
