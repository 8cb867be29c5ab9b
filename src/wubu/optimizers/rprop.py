"""Rprop: steps that grow while a gradient keeps its sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from wubu.core.location import user_location
from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.errors import ArgumentError
from wubu.ops.comparison import equal, where
from wubu.ops.functions import clip, sign
from wubu.optimizers.arguments import at_least, positive
from wubu.optimizers.common import Common, with_common_arguments
from wubu.optimizers.optimizer import Optimizer, Values


class Rprop(Optimizer):
    """Every weight has its own step length s; of the gradient only the sign counts.

        same sign as before:   s <- min(s eta_plus, max_step)
        another:               s <- max(s eta_minus, min_step),   g <- 0
        w <- w - s sign(g)

    It is made for steps over all of the data: between batches signs differ by chance.

    Args:
        learning_rate: the first step length. What it becomes later does not matter.
        eta_minus: how steps shrink, between 0 and 1.
        eta_plus: how steps grow, above 1.
        min_step: the shortest step.
        max_step: the longest step.
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Raises:
        ArgumentError: a factor or a length outside its range.

    Source: Riedmiller and Braun 1993, without weight backtracking; not in Keras, the
    numbers are PyTorch's, where the last four are `etas` and `step_sizes`.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0, name="w")
        >>> optimizer = Rprop(0.1)
        >>> for _ in range(2):
        ...     optimizer.apply([wubu.tensor(7.0)], [w])
        >>> print(f"{w:.4f}")  # 1 - 0.1 - 0.1 * 1.2
        0.7800
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.01,
        eta_minus: float = 0.5,
        eta_plus: float = 1.2,
        min_step: float = 1e-6,
        max_step: float = 50.0,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, **common)
        if not 0 < eta_minus < 1 < eta_plus:
            raise ArgumentError(
                "the factors of Rprop",
                where=user_location(),
                expected="0 < eta_minus < 1 < eta_plus",
                got=f"eta_minus={eta_minus}, eta_plus={eta_plus}",
            )
        self.eta_minus = eta_minus
        self.eta_plus = eta_plus
        self.min_step = positive("min_step", min_step)
        self.max_step = at_least("max_step", max_step, min_step)

    def slots(self, variable: Variable) -> Mapping[str, Any]:
        return {"previous_gradient": 0.0, "step_size": 0.0}

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        # 0 is shorter than any step can become, so it stands for none so far.
        s = slots["step_size"]
        s = where(equal(s, 0.0), learning_rate, s)
        product = g * slots["previous_gradient"]
        shorter = product < 0.0
        factor = where(
            shorter, self.eta_minus, where(product > 0.0, self.eta_plus, 1.0)
        )
        s = clip(s * factor, self.min_step, self.max_step)
        g = where(shorter, 0.0, g)
        return w - s * sign(g), {"previous_gradient": g, "step_size": s}
