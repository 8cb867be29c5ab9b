"""What schedules have in common."""

from __future__ import annotations

from typing import Any

from wubu.core.configurable import Configurable
from wubu.core.dtypes import FLOAT32, is_float
from wubu.core.location import user_location
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.ops.prepare import cast_to


class LearningRateSchedule(Configurable):
    """A learning rate that depends on how many steps were made.

    A subclass defines `__call__(step)` with operations on tensors, because in compiled
    training the step is not known when the program is made.

    Example:
        >>> class Root(LearningRateSchedule):
        ...     def __call__(self, step):
        ...         return (as_step(step) + 1) ** -0.5
        >>> Root()(3)
        Tensor(0.5, shape=(), dtype=float32)
    """

    def __call__(self, step: Any) -> Tensor:
        """The learning rate after so many steps."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(step)")


def as_step(step: Any) -> Tensor:
    """A number of steps as a float."""
    step = as_tensor(step)
    return step if is_float(step.dtype) else cast_to(step, FLOAT32)


def check_positive(schedule: LearningRateSchedule, **arguments: float) -> None:
    """Sees that numbers of steps, and what else has to be, are above 0.

    Raises:
        ArgumentError: one is not.
    """
    for name, value in arguments.items():
        if not value > 0:
            raise ArgumentError(
                f"{name} of {type(schedule).__name__}",
                where=user_location(),
                expected="above 0",
                got=value,
            )
