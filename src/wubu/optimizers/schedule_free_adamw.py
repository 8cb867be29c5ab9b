"""ScheduleFreeAdamW: averaging in the place of a falling learning rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.arithmetic import minimum
from wubu.ops.functions import sqrt
from wubu.optimizers.arguments import at_least, positive
from wubu.optimizers.common import Common, with_common_arguments
from wubu.optimizers.moments import Moments, mean, one_minus_power
from wubu.optimizers.optimizer import Values


class ScheduleFreeAdamW(Moments):
    """Steps by Adam's square alone, of a sequence z whose mean x is what is learned.

        v <- b2 v + (1 - b2) g**2
        x  = (w - (1 - b1) z) / b1
        z <- z - r min(t / warmup_steps, 1) g / (sqrt(v / (1 - b2**t)) + epsilon)
        x <- (1 - 1 / t) x + z / t
        w <- (1 - b1) z + b1 x

    t counts the steps from 1, and z begins as w. As x is a mean over all of training, r
    need not fall, and nobody has to say beforehand when training ends.

    Args:
        learning_rate: r, a number or a schedule.
        beta_1: b1, above 0: how near gradients are taken to x.
        beta_2: b2, how much of v stays in each step.
        epsilon: keeps the denominator away from zero.
        warmup_steps: in how many steps the rate rises, 0 for none.
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Raises:
        ArgumentError: an argument outside its range.

    Source: Defazio et al. 2024, algorithm 1, with weights 1 / t as in Keras.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0, name="w")
        >>> ScheduleFreeAdamW(0.1).apply([wubu.tensor(2.0)], [w])
        >>> print(f"{w:.4f}")  # after the first step x is z
        0.9000
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **common)
        positive("beta_1", beta_1)
        self.warmup_steps = at_least("warmup_steps", warmup_steps, 0)

    def slots(self, variable: Variable) -> Mapping[str, Any]:
        return {"momentum": variable._array, "velocity": 0.0}

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        r, b, t, z = learning_rate, self.beta_1, step, slots["momentum"]
        if self.warmup_steps:
            r = r * minimum(t / self.warmup_steps, 1.0)
        v = mean(slots["velocity"], g * g, self.beta_2)
        size = sqrt(v / one_minus_power(self.beta_2, t)) + self.epsilon
        x = (w - (1.0 - b) * z) / b
        z = z - r * g / size
        x = x + (z - x) / t
        return (1.0 - b) * z + b * x, {"momentum": z, "velocity": v}
