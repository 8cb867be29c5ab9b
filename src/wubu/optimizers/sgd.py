"""Stochastic gradient descent, with momentum if wished."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.optimizers.arguments import share
from wubu.optimizers.common import Common, with_common_arguments
from wubu.optimizers.optimizer import Optimizer, Values


class SGD(Optimizer):
    """Steps against the gradient g.

        without momentum:   w <- w - r g
        with momentum b:    m <- b m - r g,   w <- w + m
        nesterov:           m <- b m - r g,   w <- w + b m - r g

    Args:
        learning_rate: r, a number or a schedule.
        momentum: b, how much of the last step goes on.
        nesterov: look ahead: use the gradient as if the momentum's step were done.
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Source: Sutskever et al. 2013, equations 1 to 4; there v is m here.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0, name="w")
        >>> SGD(0.1, momentum=0.9).apply([wubu.tensor(2.0)], [w])
        >>> w
        Variable(0.8, shape=(), dtype=float32, name="w")
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, **common)
        self.momentum = share("momentum", momentum)
        self.nesterov = nesterov

    def slots(self, variable: Variable) -> Mapping[str, float]:
        return {"momentum": 0.0} if self.momentum else {}

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        r, b = learning_rate, self.momentum
        if not b:
            return w - r * g, {}
        m = b * slots["momentum"] - r * g
        ahead = b * m - r * g if self.nesterov else m
        return w + ahead, {"momentum": m}
