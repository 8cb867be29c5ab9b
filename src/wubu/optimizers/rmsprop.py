"""RMSprop: every weight's steps divided by the size of its recent gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.functions import sqrt
from wubu.optimizers.arguments import share
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
        weight_decay: see `Optimizer`, as are the arguments that follow.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest absolute value of a gradient's element.
        global_clipnorm: the largest norm of all gradients together.
        use_ema: keep moving averages of the weights.
        ema_momentum: how slowly these follow.
        ema_overwrite_frequency: put them in place every so many steps.
        loss_scale_factor: what the loss was multiplied by.
        gradient_accumulation_steps: update with the mean gradient of so many steps.
        name: the first part of the paths of its variables.

    Source: Tieleman and Hinton 2012, lecture 6.5; centered: Graves 2013, equations 38
    to 45.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0, name="w")
        >>> RMSprop(0.1, rho=0.75).apply([wubu.tensor(2.0)], [w])
        >>> w
        Variable(0.8, shape=(), dtype=float32, name="w")
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(
            learning_rate,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            use_ema,
            ema_momentum,
            ema_overwrite_frequency,
            loss_scale_factor,
            gradient_accumulation_steps,
            name,
        )
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
