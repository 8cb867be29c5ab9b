"""`Dropout`: leaves out random features during training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu.core.tensor import Tensor
from wubu.layers.arguments import fraction
from wubu.layers.training_noise import TrainingNoise
from wubu.ops import random


class Dropout(TrainingNoise):
    """Sets a random share of the inputs to 0 while training, none otherwise.

        y = x * keep / (1 - rate), keep = 1 with probability 1 - rate, else 0

    so that the expectation is the same in training and afterwards.

    Args:
        rate: the share that is left out, in [0, 1).
        noise_shape: the shape of the random mask, where axes of length 1 share one draw
            and None stands for the input's length; `(None, 1, None)` leaves out the
            same features at every time.
        seed: an integer, for masks that do not depend on `set_random_seed`.
        options: name, dtype of every layer.

    Shapes:
        Any; the output has the input's.

    Raises:
        ArgumentError: `rate` is not in [0, 1).

    Source:
        Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: a simple
        way to prevent neural networks from overfitting", 2014.

    Example:
        >>> import wubu
        >>> layer = Dropout(0.5, seed=1)
        >>> layer(wubu.ones((1, 8))).tolist()
        [[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]]
        >>> sorted(set(layer(wubu.ones((1, 100)), training=True).tolist()[0]))
        [0.0, 2.0]
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **options: Any,
    ) -> None:
        self.rate = fraction("rate", rate)
        super().__init__(rate, seed, **options)
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)

    def disturb(self, inputs: Tensor) -> Tensor:
        return random.dropout(inputs, self.rate, self.noise_shape, self.seed_generator)
