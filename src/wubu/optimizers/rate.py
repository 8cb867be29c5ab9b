"""What may be given as a learning rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from wubu.core.location import user_location
from wubu.core.old_spellings import Now, Table
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.optimizers import schedules
from wubu.optimizers.schedules import LearningRateSchedule


def as_rate(value: Any) -> float | LearningRateSchedule:
    """A learning rate as a number, or as a schedule.

    Raises:
        ArgumentError: neither, or a number that is negative or not finite.

    Example:
        >>> as_rate(1e-3)
        0.001
        >>> as_rate("fast")
        Traceback (most recent call last):
        ...
        wubu.errors.ArgumentError: this cannot be a learning rate...
    """
    if isinstance(value, Mapping):
        value = schedules.deserialize(value)
    if isinstance(value, LearningRateSchedule):
        return value
    if isinstance(value, Tensor | np.ndarray) and value.size == 1:
        value = value.item()
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if number and math.isfinite(value) and value >= 0:
        return float(value)
    raise ArgumentError(
        "this cannot be a learning rate",
        where=user_location(),
        expected="a number, 0 or above, or a wubu.optimizers.schedules object",
        got=f"{value!r:.60}",
        fix=_advice(value),
    )


def _advice(value: Any) -> str | None:
    if isinstance(value, list | tuple) or hasattr(value, "__next__"):
        return (
            "the learning rate comes first; variables are given to "
            "optimizer.build(variables), or to optimizer.step(variables)"
        )
    if callable(value):
        return "subclass LearningRateSchedule, and define __call__(step)"
    return None


def _falling(decay: Any, arguments: dict[str, Any]) -> Any:
    """The schedule that Keras 2's `decay` stood for: rate / (1 + decay * step)."""
    rate = arguments.pop("lr", None) or arguments.pop("learning_rate", None)
    if rate is None:
        raise ArgumentError(
            "decay is now part of the learning rate, which is not given",
            where=user_location(),
            expected="learning_rate=InverseTimeDecay(rate, 1, decay)",
            got=f"decay={decay!r}",
        )
    return schedules.InverseTimeDecay(rate, 1, decay) if decay else rate


OLD_SPELLINGS: Table = {
    "lr": "learning_rate",
    "decay": Now("learning_rate", _falling),
}
