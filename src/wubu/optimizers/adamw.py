"""AdamW: Adam with weight decay by default."""

from __future__ import annotations

from typing import Any, Unpack

from wubu.optimizers.adam import Adam
from wubu.optimizers.common import Undecayed, with_common_arguments


class AdamW(Adam):
    """Adam, after each weight was multiplied by 1 - weight_decay * learning_rate.

    The decay stands apart from the gradient, so it is not divided by its size, as a
    penalty in the loss would be.

    Args:
        learning_rate: a number or a schedule.
        weight_decay: see above.
        beta_1: see `Adam`.
        beta_2: see `Adam`.
        epsilon: see `Adam`.
        amsgrad: see `Adam`.
        common: weight_decay ... name, the arguments of every `Optimizer`.

    Source: Loshchilov and Hutter 2019, algorithm 2, with the decay scaled by the
    learning rate, as in Keras and PyTorch.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0, name="w")
        >>> AdamW(0.1, weight_decay=1.0).apply([wubu.tensor(2.0)], [w])
        >>> print(f"{w:.4f}")  # 1 - 0.1 * 1.0 * 1, then a step of about 0.1
        0.8000
    """

    @with_common_arguments
    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float | None = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **common: Unpack[Undecayed],
    ) -> None:
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
            weight_decay=weight_decay,
            **common,
        )
