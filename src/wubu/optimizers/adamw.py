"""AdamW: Adam with weight decay by default."""

from __future__ import annotations

from typing import Any

from wubu.optimizers.adam import Adam


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
        clipnorm: see `Optimizer`, as are the arguments that follow.
        clipvalue: the largest absolute value of a gradient's element.
        global_clipnorm: the largest norm of all gradients together.
        use_ema: keep moving averages of the weights.
        ema_momentum: how slowly these follow.
        ema_overwrite_frequency: put them in place every so many steps.
        loss_scale_factor: what the loss was multiplied by.
        gradient_accumulation_steps: update with the mean gradient of so many steps.
        name: the first part of the paths of its variables.

    Source: Loshchilov and Hutter 2019, algorithm 2, with the decay scaled by the
    learning rate, as in Keras and PyTorch.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0, name="w")
        >>> AdamW(0.1, weight_decay=1.0).apply([wubu.tensor(2.0)], [w])
        >>> print(f"{w:.4f}")  # 1 - 0.1 * 1.0 * 1, then a step of about 0.1
        0.8000
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float | None = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            use_ema,
            ema_momentum,
            ema_overwrite_frequency,
            loss_scale_factor,
            gradient_accumulation_steps,
            name,
        )
