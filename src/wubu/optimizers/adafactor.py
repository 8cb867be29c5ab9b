"""Adafactor: Adam's mean squares in the memory of a row and a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.arithmetic import maximum, minimum
from wubu.ops.functions import sqrt
from wubu.ops.movement import expand_dims
from wubu.ops.reduction import mean
from wubu.optimizers.arguments import positive
from wubu.optimizers.common import Common, with_common_arguments
from wubu.optimizers.optimizer import Optimizer, Values


class Adafactor(Optimizer):
    """Steps as long as the weights' size tells, divided by the root of mean squares
    v, of which a matrix keeps only the means of rows and of columns.

        q  = g**2 + epsilon_1,   b = 1 - t**beta_2_decay
        R <- b R + (1 - b) mean of q by rows,   C likewise by columns
        v  = R C / mean(R);      of vectors:  v <- b v + (1 - b) q
        s  = g / sqrt(v)
        w <- w - a s / max(1, rms(s) / clip_threshold)
        a  = max(epsilon_2, rms(w)) min(r, 1 / sqrt(t))

    t counts the steps from 1, and rms is the root of the mean square. Of variables with
    more than two axes the last two are rows and columns.

    Args:
        learning_rate: r, a number or a schedule.
        beta_2_decay: how b grows, below 0.
        epsilon_1: keeps v away from zero.
        epsilon_2: keeps steps of weights that are near 0 away from zero.
        clip_threshold: the largest rms of s.
        relative_step: as in Keras, r is limited to 1 / sqrt(t) whether this is True or
            False.
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Source: Shazeer and Stern 2018, algorithms 4 to 6.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(np.ones((300, 200)), name="w")
        >>> optimizer = Adafactor(0.01)
        >>> optimizer.build([w])
        >>> [v.shape for v in optimizer.slot_variables(w).values()]
        [(300,), (200,)]
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, **common)
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = positive("clip_threshold", clip_threshold)
        self.relative_step = relative_step

    def slots(self, variable: Variable) -> Mapping[str, Any]:
        if variable.ndim < 2:
            return {"velocity": 0.0}
        *others, rows, columns = variable.shape
        return {
            "row": np.zeros((*others, rows)),
            "column": np.zeros((*others, columns)),
        }

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        q = g * g + self.epsilon_1
        b = 1.0 - step**self.beta_2_decay
        if "velocity" in slots:
            after = {"velocity": b * slots["velocity"] + (1.0 - b) * q}
            v = after["velocity"]
        else:
            rows = b * slots["row"] + (1.0 - b) * mean(q, axis=-1)
            columns = b * slots["column"] + (1.0 - b) * mean(q, axis=-2)
            after = {"row": rows, "column": columns}
            shares = rows / mean(rows, axis=-1, keepdims=True)
            v = expand_dims(shares, -1) * expand_dims(columns, -2)
        s = g / sqrt(v)
        a = maximum(_rms(w), self.epsilon_2) * minimum(learning_rate, step**-0.5)
        return w - s * (a / maximum(_rms(s) / self.clip_threshold, 1.0)), after


def _rms(x: Tensor) -> Tensor:
    return sqrt(mean(x * x))
