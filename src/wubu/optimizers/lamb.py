"""Lamb: Adam whose steps are as long as the layer's weights allow."""

from __future__ import annotations

from wubu.core.tensor import Tensor
from wubu.ops.comparison import where
from wubu.ops.functions import sqrt
from wubu.ops.reduction import sum
from wubu.optimizers.moments import Moments, one_minus_power
from wubu.optimizers.optimizer import Values


class Lamb(Moments):
    """Adam's step, scaled for each variable by the ratio of its norm to that of w.

        m, v as in Adam
        s  = (m / (1 - b1**t)) / (sqrt(v / (1 - b2**t)) + epsilon)
        w <- w - r s norm(w) / norm(s)

    t counts the steps from 1. Where one of the norms is 0, the ratio is 1. So large
    batches can be learned with large rates.

    Args:
        learning_rate: r, a number or a schedule.
        beta_1: b1, how much of m stays in each step.
        beta_2: b2, how much of v stays in each step.
        epsilon: keeps the denominator away from zero.
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Source: You et al. 2020, algorithm 2, where phi is the identity.

    Example:
        >>> import wubu
        >>> w = wubu.Variable([3.0, 4.0], name="w")
        >>> Lamb(0.1).apply([wubu.tensor([2.0, 0.0])], [w])  # a step of 0.1 * norm(w)
        >>> print(f"{w[0]:.4f} {w[1]:.4f}")
        2.5000 4.0000
    """

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        after = self.moments(g, slots)
        m = after["momentum"] / one_minus_power(self.beta_1, step)
        v = after["velocity"] / one_minus_power(self.beta_2, step)
        s = m / (sqrt(v) + self.epsilon)
        return w - s * (learning_rate * _ratio(w, s)), after


def _ratio(w: Tensor, s: Tensor) -> Tensor:
    """norm(w) / norm(s), or 1 where one of them is 0."""
    over, under = sqrt(sum(w * w)), sqrt(sum(s * s))
    apart = (over > 0) & (under > 0)
    return where(apart, over / where(apart, under, 1.0), 1.0)
