"""One cycle: the rate rises, and falls far below where it began."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from wubu.core.location import user_location
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.ops.comparison import where
from wubu.ops.creation import full_like
from wubu.ops.functions import clip
from wubu.optimizers.schedules.cosine_decay import fall
from wubu.optimizers.schedules.schedule import (
    LearningRateSchedule,
    as_step,
    check_positive,
)

_STRATEGIES = ("cos", "linear")


class OneCycle(LearningRateSchedule):
    """From max / div_factor up to max, then down to max / (div_factor *
    final_div_factor).

    The rise ends at step pct_start * total_steps - 1, the fall at total_steps - 1; then
    the rate stays. With three_phase the fall first takes as long as the rise, back to
    where it began, and then goes on to the end.

    Args:
        max_learning_rate: max, the highest rate.
        total_steps: of training: epochs times steps of an epoch.
        pct_start: the share of the steps in which the rate rises.
        anneal_strategy: "cos" along half a wave of the cosine, "linear" in a line.
        div_factor: how many times lower the first rate is.
        final_div_factor: how many times lower than the first one the last rate is.
        three_phase: see above.
        name: in messages.

    PyTorch's OneCycleLR can change the momentum too; here it is settled when the
    optimizer is made.

    Raises:
        ArgumentError: a factor or a number of steps that is not positive; no step in
            which the rate could rise or fall; an unknown strategy.

    Source: Smith and Topin 2018, section 3; not in Keras, the numbers are PyTorch's.

    Example:
        >>> schedule = OneCycle(0.1, total_steps=20, pct_start=0.25, div_factor=10)
        >>> [round(schedule(step).item(), 3) for step in (0, 2, 4, 19)]
        [0.01, 0.055, 0.1, 0.0]
    """

    def __init__(
        self,
        max_learning_rate: float,
        total_steps: int,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        div_factor: float = 25.0,
        final_div_factor: float = 10000.0,
        three_phase: bool = False,
        name: str = "OneCycle",
    ) -> None:
        check_positive(
            self,
            max_learning_rate=max_learning_rate,
            total_steps=total_steps,
            div_factor=div_factor,
            final_div_factor=final_div_factor,
        )
        if anneal_strategy not in _STRATEGIES:
            raise ArgumentError(
                "unknown anneal_strategy",
                where=user_location(),
                expected=", ".join(_STRATEGIES),
                got=anneal_strategy,
            )
        self.max_learning_rate = max_learning_rate
        self.total_steps = total_steps
        self.pct_start = pct_start
        self.anneal_strategy = anneal_strategy
        self.div_factor = div_factor
        self.final_div_factor = final_div_factor
        self.three_phase = three_phase
        self.name = name
        self._phases = self._plan()

    def _plan(self) -> list[tuple[float, float]]:
        """The steps at which phases end, each with its rate; before them the start."""
        highest, turn = self.max_learning_rate, self.pct_start * self.total_steps
        first = highest / self.div_factor
        phases = [(0.0, first), (turn - 1, highest)]
        if self.three_phase:
            phases.append((2 * turn - 2, first))
        phases.append((self.total_steps - 1, first / self.final_div_factor))
        if any(before >= end for (before, _), (end, _) in pairwise(phases)):
            raise ArgumentError(
                "OneCycle has no step in which the rate could rise, or could fall",
                where=user_location(),
                expected="pct_start * total_steps - 1 between 0 and total_steps - 1"
                + (", and twice that too" if self.three_phase else ""),
                got=f"pct_start={self.pct_start}, total_steps={self.total_steps}",
            )
        return phases

    def __call__(self, step: Any) -> Tensor:
        """The learning rate after so many steps."""
        step = as_step(step)
        found = full_like(step, self._phases[0][1])
        for (start, before), (end, after) in pairwise(self._phases):
            t = clip((step - start) / (end - start), 0.0, 1.0)
            left = fall(t) if self.anneal_strategy == "cos" else 1.0 - t
            found = where(step > start, left * (before - after) + after, found)
        return found
