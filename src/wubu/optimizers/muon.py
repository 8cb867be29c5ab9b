"""Muon: the momentum of a matrix with all its singular values made about 1."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.ops.functions import sqrt
from wubu.ops.movement import swapaxes
from wubu.ops.reduction import sum
from wubu.optimizers.arguments import at_least, share
from wubu.optimizers.common import Undecayed, with_common_arguments
from wubu.optimizers.moments import adam_rate, mean
from wubu.optimizers.optimizer import Optimizer, Values


class Muon(Optimizer):
    """Steps of full strength in every direction of a matrix, however seldom it is used.

        m <- b m + g,   n = g + b m  (nesterov; else n = m)
        w <- w - r rms_rate sqrt(max(rows, columns)) orthogonal(n)

    where `orthogonal` keeps the singular vectors and makes the singular values about 1,
    by `ns_steps` of the Newton-Schulz iteration x <- a x + b' x x' x + c x x' x x' x,
    from x = n / norm(n).

    That is for matrices. Vectors, kernels of convolutions, embeddings, and what is
    excluded, follow AdamW.

    Args:
        learning_rate: r, a number or a schedule.
        adam_beta_1: b1 of AdamW.
        adam_beta_2: b2 of AdamW.
        adam_weight_decay: weight decay of what follows AdamW.
        epsilon: of AdamW.
        weight_decay: of matrices that follow Muon.
        common: clipnorm ... name, the arguments of every `Optimizer`.
        exclude_layers: regular expressions; variables in whose paths one is found
            follow AdamW.
        exclude_embeddings: whether those with "embedding" in their path do.
        muon_a: a.
        muon_b: b'.
        muon_c: c.
        adam_lr_ratio: the learning rate of AdamW is r times this.
        momentum: b.
        ns_steps: how many iterations are made.
        nesterov: see above.
        rms_rate: None leaves it and the root of the size out.

    Source: Jordan et al. 2024, "Muon"; rms_rate: Liu et al. 2025, equation 4.

    Example:
        >>> import numpy as np
        >>> import wubu
        >>> w = wubu.Variable(np.zeros((2, 2)), name="w")
        >>> optimizer = Muon(1.0, ns_steps=20, rms_rate=None, muon_a=1.5, muon_b=-0.5,
        ...                  muon_c=0.0, nesterov=False)
        >>> optimizer.apply([wubu.tensor(np.diag([3.0, 1.0]))], [w])
        >>> (w + np.eye(2)).abs().max().item() < 1e-6  # both directions alike
        True
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        *,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **common: Unpack[Undecayed],
    ) -> None:
        super().__init__(learning_rate, weight_decay, **common)
        self.adam_beta_1 = share("adam_beta_1", adam_beta_1)
        self.adam_beta_2 = share("adam_beta_2", adam_beta_2)
        self.adam_weight_decay = at_least("adam_weight_decay", adam_weight_decay, 0)
        self.epsilon = epsilon
        self.exclude_layers = list(exclude_layers or [])
        self.exclude_embeddings = exclude_embeddings
        self.muon_a = muon_a
        self.muon_b = muon_b
        self.muon_c = muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = share("momentum", momentum)
        self.ns_steps = at_least("ns_steps", ns_steps, 1)
        self.nesterov = nesterov
        self.rms_rate = rms_rate

    def slots(self, variable: Variable) -> Mapping[str, Any]:
        more = {"velocity": 0.0} if self._follows_adam(variable) else {}
        return {"momentum": 0.0, **more}

    def decay_of(self, variable: Variable) -> float | None:
        """Matrices have weight decay of their own."""
        adam = self._follows_adam(variable)
        return self.adam_weight_decay if adam else self.weight_decay

    def _follows_adam(self, variable: Variable) -> bool:
        path = variable.path
        embedding = self.exclude_embeddings and "embedding" in path.lower()
        excluded = any(re.search(pattern, path) for pattern in self.exclude_layers)
        return variable.ndim != 2 or embedding or excluded

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        if "velocity" in slots:
            return self._adam(g, w, slots, learning_rate * self.adam_lr_ratio, step)
        m = slots["momentum"] * self.momentum + g
        n = g + self.momentum * m if self.nesterov else m
        s = learning_rate * self._orthogonal(n)
        if self.rms_rate is not None:
            s = s * (self.rms_rate * math.sqrt(max(w.shape)))
        return w - s, {"momentum": m}

    def _adam(
        self, g: Tensor, w: Tensor, slots: Values, r: Tensor, t: Tensor
    ) -> tuple[Tensor, Values]:
        b1, b2 = self.adam_beta_1, self.adam_beta_2
        m, v = mean(slots["momentum"], g, b1), mean(slots["velocity"], g * g, b2)
        w = w - m * adam_rate(r, b1, b2, t) / (sqrt(v) + self.epsilon)
        return w, {"momentum": m, "velocity": v}

    def _orthogonal(self, x: Tensor) -> Tensor:
        """A matrix with singular values of about 1."""
        tall = x.shape[0] > x.shape[1]
        x = swapaxes(x, 0, 1) if tall else x  # so that the products are small
        x = x / (sqrt(sum(x * x)) + 1e-7)
        for _ in range(self.ns_steps):
            square = x @ swapaxes(x, 0, 1)
            mixed = self.muon_b * square + self.muon_c * (square @ square)
            x = self.muon_a * x + mixed @ x
        return swapaxes(x, 0, 1) if tall else x
