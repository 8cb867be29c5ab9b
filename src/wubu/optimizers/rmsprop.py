"""RMSprop: every weight's steps divided by the size of its recent gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.functions import sqrt
from wubu.optimizers.arguments import share
from wubu.optimizers.common import Common, with_common_arguments
from wubu.optimizers.optimizer import Optimizer, Values


class RMSprop(Optimizer):
    """Divides by the root of a moving average of squared gradients.

        v <- rho v + (1 - rho) g**2
        s  = r g / sqrt(v + epsilon)
        w <- w - s,     or with momentum b:  m <- b m + s,  w <- w - m

    Centered, v - a**2 stands under the root in the place of v, an estimate of the
    variance, with a <- rho a + (1 - rho) g.

    Args:
        learning_rate: r, a number or a schedule.
        rho: how much of the averages stays in each step.
        momentum: b, how much of the last step goes on.
        epsilon: keeps the root away from zero. It stands under the root, other than in
            PyTorch.
        centered: see above.
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Source: Tieleman and Hinton 2012, lecture 6.5; centered: Graves 2013, equations 38
    to 45.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0, name="w")
        >>> RMSprop(0.1, rho=0.75).apply([wubu.tensor(2.0)], [w])
        >>> w
        Variable(0.8, shape=(), dtype=float32, name="w")
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, **common)
        self.rho = share("rho", rho)
        self.momentum = share("momentum", momentum)
        self.epsilon = epsilon
        self.centered = centered

    def slots(self, variable: Variable) -> Mapping[str, float]:
        names = ["velocity"]
        names += ["momentum"] if self.momentum else []
        names += ["average_gradient"] if self.centered else []
        return dict.fromkeys(names, 0.0)

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        r, rho, b = learning_rate, self.rho, self.momentum
        v = rho * slots["velocity"] + (1.0 - rho) * g * g
        after = {"velocity": v}
        variance = v
        if self.centered:
            a = rho * slots["average_gradient"] + (1.0 - rho) * g
            after["average_gradient"] = a
            variance = v - a * a
        s = r * g / sqrt(variance + self.epsilon)
        if b:
            after["momentum"] = s = b * slots["momentum"] + s
        return w - s, after
