"""Nadam: Adam that looks ahead along its momentum, as Nesterov's does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.functions import exp, sqrt
from wubu.optimizers.moments import Moments, one_minus_power
from wubu.optimizers.optimizer import Values


class Nadam(Moments):
    """Adam with the gradient's share of the next step's momentum already in this one.

        m, v as in Adam
        u(t) = b1 (1 - 0.96**t / 2),   U = u(1) u(2) ... u(t)
        n  = u(t + 1) m / (1 - U u(t + 1)) + (1 - u(t)) g / (1 - U)
        w <- w - r n / (sqrt(v / (1 - b2**t)) + epsilon)

    t counts the steps from 1. U is kept for each variable.

    Args:
        learning_rate: r, a number or a schedule.
        beta_1: b1, how much of m stays in each step.
        beta_2: b2, how much of v stays in each step.
        epsilon: keeps the denominator away from zero.
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Source: Dozat 2016, algorithm 2, with the momentum schedule of its section 4.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0, name="w")
        >>> Nadam(0.1, beta_1=0.0).apply([wubu.tensor(2.0)], [w])
        >>> print(f"{w:.4f}")  # without momentum the first step is r
        0.9000
    """

    def slots(self, variable: Variable) -> Mapping[str, Any]:
        return {**super().slots(variable), "u_product": np.ones(())}

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        after = self.moments(g, slots)
        now, ahead = self._momentum(step), self._momentum(step + 1)
        after["u_product"] = product = slots["u_product"] * now
        n = after["momentum"] * (ahead / (1.0 - product * ahead))
        n = n + g * ((1.0 - now) / (1.0 - product))
        v = after["velocity"] / one_minus_power(self.beta_2, step)
        return w - learning_rate * n / (sqrt(v) + self.epsilon), after

    def _momentum(self, t: Tensor) -> Tensor:
        return self.beta_1 * (1.0 - 0.5 * exp(t * math.log(0.96)))
