"""Adam: momentum, divided by the size of recent gradients."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Unpack

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.arithmetic import maximum
from wubu.ops.functions import expm1, sqrt
from wubu.optimizers.arguments import share
from wubu.optimizers.common import Common, with_common_arguments
from wubu.optimizers.optimizer import Optimizer, Values


class Adam(Optimizer):
    """Adapts each weight's step by estimates of its gradient's mean and square.

        m <- b1 m + (1 - b1) g
        v <- b2 v + (1 - b2) g**2
        w <- w - a m / (sqrt(v) + epsilon),   a = r sqrt(1 - b2**t) / (1 - b1**t)

    t counts the steps from 1. With amsgrad, the largest v so far stands in its place.

    Args:
        learning_rate: r, a number or a schedule.
        beta_1: b1, how much of m stays in each step.
        beta_2: b2, how much of v stays in each step.
        epsilon: keeps the denominator away from zero. It is added to the root of the
            uncorrected v ("epsilon hat" in the paper), other than in PyTorch.
        amsgrad: see above (Reddi et al. 2018, algorithm 2).
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Source: Kingma and Ba 2015, the formulation at the end of section 2.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0, name="w")
        >>> Adam(0.1).apply([wubu.tensor(2.0)], [w])  # the first step is about r
        >>> print(f"{w:.4f}")
        0.9000
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, **common)
        self.beta_1 = share("beta_1", beta_1)
        self.beta_2 = share("beta_2", beta_2)
        self.epsilon = epsilon
        self.amsgrad = amsgrad

    def slots(self, variable: Variable) -> Mapping[str, float]:
        names = ["momentum", "velocity"] + ["velocity_hat"] * self.amsgrad
        return dict.fromkeys(names, 0.0)

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        r, b1, b2, t = learning_rate, self.beta_1, self.beta_2, step
        m, v = slots["momentum"], slots["velocity"]
        m = m + (g - m) * (1.0 - b1)
        v = v + (g * g - v) * (1.0 - b2)
        after = {"momentum": m, "velocity": v}
        if self.amsgrad:
            after["velocity_hat"] = v = maximum(slots["velocity_hat"], v)
        a = r * sqrt(_one_minus_power(b2, t)) / _one_minus_power(b1, t)
        return w - m * a / (sqrt(v) + self.epsilon), after


def _one_minus_power(b: float, t: Tensor) -> Any:
    """1 - b**t, exact also in the first steps: 1 - 0.999 in float32 has three digits
    less than float32 can hold."""
    return 1.0 if b == 0 else -expm1(t * math.log(b))
