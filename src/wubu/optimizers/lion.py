"""Lion: only the sign of the momentum counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.functions import sign
from wubu.optimizers.arguments import positive, share
from wubu.optimizers.common import Common, with_common_arguments
from wubu.optimizers.moments import mean
from wubu.optimizers.optimizer import Optimizer, Values


class Lion(Optimizer):
    """Steps of one length r for every weight, in the direction of a mix of momentum and
    gradient.

        w <- w - r sign(b1 m + (1 - b1) g)
        m <- b2 m + (1 - b2) g

    As every step has full length, r is best a tenth to a third of Adam's.

    Args:
        learning_rate: r, a number or a schedule.
        beta_1: b1, above 0: otherwise only the gradient's sign would count.
        beta_2: b2, how much of m stays in each step.
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Raises:
        ArgumentError: beta_1 is 0 or no share.

    Source: Chen et al. 2023, algorithm 2.

    Example:
        >>> import wubu
        >>> w = wubu.Variable([1.0, 1.0], name="w")
        >>> Lion(0.1).apply([wubu.tensor([2.0, -30.0])], [w])
        >>> w
        Variable([0.9 1.1], shape=(2,), dtype=float32, name="w")
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, **common)
        self.beta_1 = positive("beta_1", share("beta_1", beta_1))
        self.beta_2 = share("beta_2", beta_2)

    def slots(self, variable: Variable) -> Mapping[str, Any]:
        return {"momentum": 0.0}

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        m = slots["momentum"]
        direction = sign(self.beta_1 * m + (1.0 - self.beta_1) * g)
        return w - learning_rate * direction, {"momentum": mean(m, g, self.beta_2)}
