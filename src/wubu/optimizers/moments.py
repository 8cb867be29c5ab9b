"""What Adam and its kin share: running means of the gradient and of its square."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Unpack

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.functions import expm1, sqrt
from wubu.optimizers.arguments import share
from wubu.optimizers.common import Common, with_common_arguments
from wubu.optimizers.optimizer import Optimizer, Values


class Moments(Optimizer):
    """Keeps m, the mean of a variable's gradients g, and v, that of their squares:

        m <- b1 m + (1 - b1) g
        v <- b2 v + (1 - b2) g**2

    Both begin with 0, and so are too small by the factors 1 - b1**t and 1 - b2**t in
    step t = 1, 2 ...

    Args:
        learning_rate: a number or a schedule.
        beta_1: b1.
        beta_2: b2.
        epsilon: keeps denominators away from zero.
        common: weight_decay ... name, the arguments of every `Optimizer`.
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, **common)
        self.beta_1 = share("beta_1", beta_1)
        self.beta_2 = share("beta_2", beta_2)
        self.epsilon = epsilon

    def slots(self, variable: Variable) -> Mapping[str, Any]:
        return {"momentum": 0.0, "velocity": 0.0}

    def moments(self, g: Tensor, slots: Values) -> Values:
        """m and v after this step, by the names of their slots."""
        return {
            "momentum": mean(slots["momentum"], g, self.beta_1),
            "velocity": mean(slots["velocity"], g * g, self.beta_2),
        }


def mean(before: Tensor, value: Tensor, b: float) -> Tensor:
    """A running mean: b * before + (1 - b) * value."""
    return before + (value - before) * (1.0 - b)


def adam_rate(r: Tensor, b1: float, b2: float, t: Tensor) -> Tensor:
    """r, corrected for both moments' beginning with 0."""
    return r * sqrt(one_minus_power(b2, t)) / one_minus_power(b1, t)


def one_minus_power(b: float, t: Tensor) -> Any:
    """1 - b**t, exact also in the first steps: 1 - 0.999 in float32 has three digits
    less than float32 can hold."""
    return 1.0 if b == 0 else -expm1(t * math.log(b))
