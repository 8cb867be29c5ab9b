"""Ftrl: weights follow the regularised leader, and many become exactly 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from wubu.core.location import user_location
from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.errors import ArgumentError
from wubu.ops.functions import clip, sqrt
from wubu.optimizers.arguments import at_least
from wubu.optimizers.common import Common, with_common_arguments
from wubu.optimizers.optimizer import Optimizer, Values


class Ftrl(Optimizer):
    """The weights that would have been best so far, with penalties on their size.

        n  = a + g**2
        z <- z + g + 2 s w - (n**-p - a**-p) w / r
        w <- (clip(z, -l1, l1) - z) / (n**-p / r + 2 l2 + beta / r)
        a <- n

    s, l1, l2 stand for the three strengths, p for learning_rate_power: so with l1 the
    weights whose |z| stays below it are exactly 0.

    Args:
        learning_rate: r, a number or a schedule.
        learning_rate_power: p, 0 or below; -0.5 makes steps smaller as in Adagrad, 0
            leaves the rate as it is.
        initial_accumulator_value: what a begins with.
        l1_regularization_strength: l1.
        l2_regularization_strength: l2, a penalty that keeps weights small.
        l2_shrinkage_regularization_strength: s, a penalty on the present weights, which
            is added to gradients.
        beta: see above.
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Raises:
        ArgumentError: a strength below 0, or a power above 0.

    Source: McMahan et al. 2013, algorithm 1; the shrinkage is Keras'.

    Example:
        >>> import wubu
        >>> w = wubu.Variable([0.0, 0.0], name="w")
        >>> optimizer = Ftrl(0.1, l1_regularization_strength=1.0)
        >>> optimizer.apply([wubu.tensor([0.9, -2.0])], [w])  # the first is too weak
        >>> print(f"{w[0]:.4f} {w[1]:.4f}")
        0.0000 0.0494
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, **common)
        if not learning_rate_power <= 0:
            raise ArgumentError(
                "learning_rate_power is too large",
                where=user_location(),
                expected="0 or below",
                got=learning_rate_power,
            )
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = at_least(
            "initial_accumulator_value", initial_accumulator_value, 0
        )
        self.l1_regularization_strength = at_least(
            "l1_regularization_strength", l1_regularization_strength, 0
        )
        self.l2_regularization_strength = at_least(
            "l2_regularization_strength", l2_regularization_strength, 0
        )
        self.l2_shrinkage_regularization_strength = at_least(
            "l2_shrinkage_regularization_strength",
            l2_shrinkage_regularization_strength,
            0,
        )
        self.beta = beta

    def slots(self, variable: Variable) -> Mapping[str, Any]:
        return {"accumulator": self.initial_accumulator_value, "linear": 0.0}

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        r, a, z = learning_rate, slots["accumulator"], slots["linear"]
        l1, l2 = self.l1_regularization_strength, self.l2_regularization_strength
        n = a + g * g
        root = self._root(n)
        pull = g + 2.0 * self.l2_shrinkage_regularization_strength * w
        z = z + pull - (root - self._root(a)) / r * w
        under = root / r + 2.0 * l2 + self.beta / r
        after = {"accumulator": n, "linear": z}
        return (clip(z, -l1, l1) - z) / under, after

    def _root(self, n: Tensor) -> Tensor:
        """n ** -learning_rate_power."""
        half = self.learning_rate_power == -0.5
        return sqrt(n) if half else n**-self.learning_rate_power
