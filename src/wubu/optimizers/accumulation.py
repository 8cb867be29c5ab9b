"""Gradients of several steps collected before one update: a large batch in parts."""

from __future__ import annotations

from collections.abc import Sequence

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.comparison import equal, where


def accumulate(
    gradients: Sequence[Tensor], slots: Sequence[Variable], count: Tensor, every: int
) -> tuple[list[Tensor], Tensor]:
    """Adds gradients to sums, which start again at 0 after an update.

    A choice on values would need the value, so the update is computed in every step,
    and only taken when it is due.

    Args:
        gradients: of this step.
        slots: the sums.
        count: how many steps were made before.
        every: how many steps belong together.

    Returns:
        The mean gradients so far, and whether the update is due.
    """
    due = equal((count + 1) % every, 0)
    means = []
    for g, slot in zip(gradients, slots, strict=True):
        total = slot.detach_value() + g
        slot.assign(where(due, 0.0, total))
        means.append(total / every)
    return means, due
