"""Adadelta: steps as long as those before, so that no learning rate is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.functions import sqrt
from wubu.optimizers.arguments import share
from wubu.optimizers.common import Common, with_common_arguments
from wubu.optimizers.moments import mean
from wubu.optimizers.optimizer import Optimizer, Values


class Adadelta(Optimizer):
    """Divides by recent gradients' size, and multiplies by that of recent steps s.

        a <- rho a + (1 - rho) g**2
        s  = g sqrt(d + epsilon) / sqrt(a + epsilon)
        d <- rho d + (1 - rho) s**2
        w <- w - r s

    So s has the unit of w, and r may be 1, as in the paper; the default is Keras'.

    Args:
        learning_rate: r, a number or a schedule.
        rho: how much of the averages stays in each step.
        epsilon: keeps the denominator away from zero, and makes the first steps.
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Source: Zeiler 2012, algorithm 1.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0, name="w")
        >>> Adadelta(1.0, rho=0.75, epsilon=1.0).apply([wubu.tensor(2.0)], [w])
        >>> print(f"{w:.4f}")  # s = 2 * sqrt(1) / sqrt(0.25 * 4 + 1)
        -0.4142
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, **common)
        self.rho = share("rho", rho)
        self.epsilon = epsilon

    def slots(self, variable: Variable) -> Mapping[str, Any]:
        return {"accumulated_grad": 0.0, "accumulated_delta_var": 0.0}

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        d = slots["accumulated_delta_var"]
        a = mean(slots["accumulated_grad"], g * g, self.rho)
        s = g * sqrt(d + self.epsilon) / sqrt(a + self.epsilon)
        d = mean(d, s * s, self.rho)
        after = {"accumulated_grad": a, "accumulated_delta_var": d}
        return w - learning_rate * s, after
