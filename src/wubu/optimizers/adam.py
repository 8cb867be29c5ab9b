"""Adam: momentum, divided by the size of recent gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.arithmetic import maximum
from wubu.ops.functions import sqrt
from wubu.optimizers.common import Common, with_common_arguments
from wubu.optimizers.moments import Moments, adam_rate
from wubu.optimizers.optimizer import Values


class Adam(Moments):
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
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **common)
        self.amsgrad = amsgrad

    def slots(self, variable: Variable) -> Mapping[str, Any]:
        more = {"velocity_hat": 0.0} if self.amsgrad else {}
        return {**super().slots(variable), **more}

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        after = self.moments(g, slots)
        m, v = after["momentum"], after["velocity"]
        if self.amsgrad:
            after["velocity_hat"] = v = maximum(slots["velocity_hat"], v)
        a = adam_rate(learning_rate, self.beta_1, self.beta_2, step)
        return w - m * a / (sqrt(v) + self.epsilon), after
