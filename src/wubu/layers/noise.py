"""`GaussianNoise`, `GaussianDropout`, `AlphaDropout`: noise other than zeros."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.arguments import fraction
from wubu.layers.training_noise import TrainingNoise
from wubu.ops import random


class GaussianNoise(TrainingNoise):
    """Adds normally distributed numbers while training.

        y = x + noise, noise of mean 0 and standard deviation stddev

    Args:
        stddev: of the noise, in [0, 1].
        seed: an integer, for noise that does not depend on `set_random_seed`.
        options: name, dtype of every layer.

    Shapes:
        Any; the output has the input's.

    Raises:
        ArgumentError: `stddev` is not in [0, 1].

    Example:
        >>> import wubu
        >>> layer = GaussianNoise(0.5, seed=1)
        >>> layer(wubu.ones((1, 2))).tolist()
        [[1.0, 1.0]]
        >>> round(float(layer(wubu.ones((1, 10000)), training=True).std()), 1)
        0.5
    """

    def __init__(self, stddev: float, seed: int | None = None, **options: Any) -> None:
        if not 0 <= stddev <= 1:
            raise ArgumentError("stddev lies in [0, 1]", got=repr(stddev))
        super().__init__(stddev, seed, **options)
        self.stddev = float(stddev)

    def disturb(self, inputs: Tensor) -> Tensor:
        return inputs + random.normal(
            inputs.shape, 0.0, self.stddev, inputs.dtype, self.seed_generator
        )


class GaussianDropout(TrainingNoise):
    """Multiplies with normally distributed numbers while training.

        y = x * noise, noise of mean 1 and standard deviation sqrt(rate / (1 - rate))

    which is what the factors of Dropout with this rate have.

    Args:
        rate: that of the Dropout it is like, in [0, 1).
        seed: an integer, for noise that does not depend on `set_random_seed`.
        options: name, dtype of every layer.

    Shapes:
        Any; the output has the input's.

    Raises:
        ArgumentError: `rate` is not in [0, 1).

    Source:
        Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: a simple
        way to prevent neural networks from overfitting", 2014, section 10.

    Example:
        >>> import wubu
        >>> layer = GaussianDropout(0.5, seed=1)
        >>> round(float(layer(wubu.ones((1, 10000)), training=True).std()), 1)
        1.0
    """

    def __init__(self, rate: float, seed: int | None = None, **options: Any) -> None:
        self.rate = fraction("rate", rate)
        super().__init__(rate, seed, **options)

    def disturb(self, inputs: Tensor) -> Tensor:
        stddev = math.sqrt(self.rate / (1.0 - self.rate))
        return inputs * random.normal(
            inputs.shape, 1.0, stddev, inputs.dtype, self.seed_generator
        )


# What selu tends to far below 0: -alpha * scale of `ops.selu`.
_LOWEST = -1.6732632423543772 * 1.0507009873554805


class AlphaDropout(TrainingNoise):
    """Dropout that keeps mean 0 and variance 1, for networks of `selu`.

        y = a * (keep * x + (1 - keep) * lowest) + b

    with keep = 1 with probability 1 - rate, else 0; lowest is what selu tends to far
    below 0; a and b are such that y has mean 0 and variance 1 if x has.

    Args:
        rate: the share that is left out, in [0, 1).
        noise_shape: the shape of the random mask, where axes of length 1 share one draw
            and None stands for the input's length.
        seed: an integer, for noise that does not depend on `set_random_seed`.
        options: name, dtype of every layer.

    Shapes:
        Any; the output has the input's.

    Raises:
        ArgumentError: `rate` is not in [0, 1).

    Source:
        Klambauer, Unterthiner, Mayr and Hochreiter, "Self-normalizing neural networks",
        2017, section "New dropout technique".

    Example:
        >>> import wubu
        >>> layer = AlphaDropout(0.2, seed=1)
        >>> y = layer(wubu.zeros((1, 10000)), training=True)
        >>> round(abs(float(y.mean())), 1)
        0.0
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
        ones = ops.ones(inputs.shape, dtype=inputs.dtype)
        kept = random.dropout(ones, self.rate, self.noise_shape, self.seed_generator)
        a = ((1 - self.rate) * (1 + self.rate * _LOWEST**2)) ** -0.5
        b = -a * _LOWEST * self.rate
        return ops.where(kept > 0, inputs, _LOWEST) * a + b
