"""RAdam: Adam that waits with dividing until it knows what by."""

from __future__ import annotations

import math
from typing import Any, Unpack

from wubu.core.dtypes import FLOAT64
from wubu.core.tensor import Tensor
from wubu.ops.arithmetic import maximum
from wubu.ops.comparison import where
from wubu.ops.functions import exp, expm1, sqrt
from wubu.ops.prepare import cast_to
from wubu.optimizers.common import Common, with_common_arguments
from wubu.optimizers.moments import Moments, one_minus_power
from wubu.optimizers.optimizer import Values


class RAdam(Moments):
    """Adam without, and then with ever more of, the division by the root of v.

        m, v as in Adam;   M = m / (1 - b1**t)
        p = 2 / (1 - b2) - 1,   q = p - 2 t b2**t / (1 - b2**t)
        where q <= 5:   w <- w - r M
        then:           w <- w - r M R sqrt(1 - b2**t) / (sqrt(v) + epsilon)
        R**2 = (q - 4) (q - 2) p / ((p - 4) (p - 2) q)

    t counts the steps from 1. In the first steps v is known from so few gradients that
    the variance of Adam's steps is large; a warm-up of the learning rate is not needed.

    Args:
        learning_rate: r, a number or a schedule.
        beta_1: b1, how much of m stays in each step.
        beta_2: b2, how much of v stays in each step.
        epsilon: keeps the denominator away from zero; PyTorch's default.
        common: weight_decay ... name, the arguments of every `Optimizer`. The decay
            is PyTorch's with `decoupled_weight_decay=True`.

    Source: Liu et al. 2020, algorithm 2; not in Keras, the numbers are PyTorch's.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0, name="w")
        >>> RAdam(0.1).apply([wubu.tensor(2.0)], [w])  # the first steps are r M
        >>> print(f"{w:.4f}")
        0.8000
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **common)

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        after = self.moments(g, slots)
        m = after["momentum"] / one_minus_power(self.beta_1, step)
        root = sqrt(one_minus_power(self.beta_2, step))
        scaled = m * root / (sqrt(after["velocity"]) + self.epsilon)
        b = self.beta_2
        p = math.inf if b == 1 else 2.0 / (1.0 - b) - 1.0
        if not 5.0 < p < math.inf:
            return w - learning_rate * m, after
        known, share = _rectification(p, b, step)
        return w - learning_rate * where(known, share * scaled, m), after


def _rectification(p: float, b: float, step: Tensor) -> tuple[Tensor, Tensor]:
    """Whether v is known well enough, and R. In float64: q is a small difference of
    numbers of the size of p."""
    t = cast_to(step, FLOAT64)
    power = t * math.log(b)
    q = p + 2.0 * t * exp(power) / expm1(power)
    known = q > 5.0
    q = maximum(q, 5.0)
    share = (q - 4.0) * (q - 2.0) * p / ((p - 4.0) * (p - 2.0) * q)
    return known, cast_to(sqrt(share), step.dtype)
