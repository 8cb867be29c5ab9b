"""Rates that change at given steps, and stay between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from wubu.core.location import user_location
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.ops.comparison import where
from wubu.ops.creation import full_like
from wubu.optimizers.schedules.schedule import LearningRateSchedule, as_step


class PiecewiseConstantDecay(LearningRateSchedule):
    """values[0] up to and including step boundaries[0], then values[1], and so on.

    Args:
        boundaries: steps, in rising order.
        values: rates, one more than boundaries.
        name: in messages.

    Raises:
        ArgumentError: not one value more than boundaries, or boundaries that do not
            rise.

    Example:
        >>> schedule = PiecewiseConstantDecay([100, 200], [0.1, 0.01, 0.001])
        >>> [round(schedule(step).item(), 3) for step in (100, 101, 200, 201)]
        [0.1, 0.01, 0.01, 0.001]
    """

    def __init__(
        self,
        boundaries: Sequence[float],
        values: Sequence[float],
        name: str = "PiecewiseConstant",
    ) -> None:
        if len(values) != len(boundaries) + 1:
            raise ArgumentError(
                "values of PiecewiseConstantDecay, one before, between and after "
                "boundaries",
                where=user_location(),
                expected=f"{len(boundaries) + 1} values for {len(boundaries)} "
                "boundaries",
                got=len(values),
            )
        if any(a >= b for a, b in pairwise(boundaries)):
            raise ArgumentError(
                "boundaries of PiecewiseConstantDecay",
                where=user_location(),
                expected="steps in rising order",
                got=list(boundaries),
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        """The learning rate after so many steps."""
        step = as_step(step)
        rate = full_like(step, self.values[0])
        for boundary, value in zip(self.boundaries, self.values[1:], strict=True):
            rate = where(step > boundary, value, rate)
        return rate
