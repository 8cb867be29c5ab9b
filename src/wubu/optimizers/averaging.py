"""Moving averages of weights, which often judge better than the weights themselves."""

from __future__ import annotations

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.comparison import where
from wubu.ops.prepare import cast_to


def average(
    variable: Variable,
    slot: Variable,
    count: Tensor,
    momentum: float,
    every: int | None,
) -> None:
    """One step of a moving average: a <- m a + (1 - m) w, beginning with a = w.

    Args:
        variable: w.
        slot: a.
        count: how many steps were made before.
        momentum: m.
        every: put the average in the weight's place every so many steps, if given.

    Source: Polyak and Juditsky 1992, in the exponential form.
    """
    w = cast_to(variable.detach_value(), slot.dtype)
    m = where(count == 0, 0.0, momentum).astype(w.dtype)
    a = m * slot.detach_value() + (1.0 - m) * w
    slot.assign(a)
    if every is not None:
        variable.assign(where((count + 1) % every == 0, a, w))
