"""Adamax: Adam with the largest recent gradient in the place of the mean square."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.arithmetic import maximum
from wubu.ops.functions import absolute
from wubu.optimizers.moments import Moments, mean, one_minus_power
from wubu.optimizers.optimizer import Values


class Adamax(Moments):
    """Divides by a largest size u, which fades, instead of a mean one.

        m <- b1 m + (1 - b1) g
        u <- max(b2 u, |g|)
        w <- w - r m / ((1 - b1**t) (u + epsilon))

    t counts the steps from 1.

    Args:
        learning_rate: r, a number or a schedule.
        beta_1: b1, how much of m stays in each step.
        beta_2: b2, how much of u stays in each step.
        epsilon: keeps the denominator away from zero.
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Source: Kingma and Ba 2015, algorithm 2.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0, name="w")
        >>> Adamax(0.1).apply([wubu.tensor(2.0)], [w])
        >>> print(f"{w:.4f}")
        0.9000
    """

    def slots(self, variable: Variable) -> Mapping[str, Any]:
        return {"momentum": 0.0, "norm": 0.0}

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        m = mean(slots["momentum"], g, self.beta_1)
        u = maximum(self.beta_2 * slots["norm"], absolute(g))
        a = learning_rate / one_minus_power(self.beta_1, step)
        return w - m * a / (u + self.epsilon), {"momentum": m, "norm": u}
