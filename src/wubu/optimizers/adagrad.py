"""Adagrad: every weight's steps divided by all the gradients it has had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.functions import sqrt
from wubu.optimizers.arguments import at_least
from wubu.optimizers.common import Common, with_common_arguments
from wubu.optimizers.optimizer import Optimizer, Values


class Adagrad(Optimizer):
    """Divides by the root of the sum of all squared gradients so far.

        a <- a + g**2
        w <- w - r g / sqrt(a + epsilon)

    Weights that seldom have a gradient, as those of rare words, keep long steps.

    Args:
        learning_rate: r, a number or a schedule.
        initial_accumulator_value: what a begins with.
        epsilon: keeps the root away from zero.
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Raises:
        ArgumentError: the sum would begin below 0.

    Source: Duchi et al. 2011, figure 1, with diagonal matrices.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0, name="w")
        >>> Adagrad(0.1, initial_accumulator_value=0.0).apply([wubu.tensor(2.0)], [w])
        >>> print(f"{w:.4f}")  # the first step is about r
        0.9000
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, **common)
        self.initial_accumulator_value = at_least(
            "initial_accumulator_value", initial_accumulator_value, 0
        )
        self.epsilon = epsilon

    def slots(self, variable: Variable) -> Mapping[str, Any]:
        return {"accumulator": self.initial_accumulator_value}

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        a = slots["accumulator"] + g * g
        return w - learning_rate * g / sqrt(a + self.epsilon), {"accumulator": a}
