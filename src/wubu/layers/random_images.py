"""What layers share that change pictures at random while a network is trained.

Every sample draws numbers of its own, anew in every step; with the seed they are the
same on every executor. Afterwards, in `evaluate` and `predict`, pictures pass through
unchanged. Read next: `random_flip.py`, the simplest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.arguments import image_format
from wubu.layers.layer import Layer
from wubu.ops import random
from wubu.ops.random import SeedGenerator

Range = tuple[float, float]


class RandomImages(Layer):
    """A layer that changes pictures while training. Subclasses define `change`.

    It is called with pictures (batch, height, width, channels), or with a single one;
    channels first if `data_format` says so.
    """

    input_ndim = (3, None)

    def __init__(
        self, seed: int | None = None, data_format: str | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.seed_generator = SeedGenerator(seed)
        self.data_format = image_format(data_format)

    def change(self, images: Tensor) -> Tensor:
        """The changed pictures, (batch, height, width, channels) before and after."""
        raise NotImplementedError

    def rest(self, images: Tensor) -> Tensor:
        """What becomes of pictures when the network is not training."""
        return images

    def call(self, inputs: Tensor, training: bool = True) -> Tensor:
        images = inputs.astype(self.dtype)
        single = images.ndim == 3
        first = self.data_format == "channels_first"
        images = ops.expand_dims(images, 0) if single else images
        images = ops.moveaxis(images, 1, -1) if first else images
        images = self.change(images) if training else self.rest(images)
        images = ops.moveaxis(images, -1, 1) if first else images
        return images[0] if single else images

    def draw(self, shape: tuple[int, ...], between: Range) -> Tensor:
        """Random numbers of a range; always the same if it is a single number."""
        low, high = between
        if low == high:
            return ops.full(shape, low, dtype=self.dtype)
        return random.uniform(shape, low, high, self.dtype, self.seed_generator)


def factor_range(
    name: str, value: Any, low: float, high: float, symmetric: bool = True
) -> Range:
    """A `factor` argument as a range: (-value, value) of a number, or two numbers.

    Args:
        name: of the argument.
        value: what was given.
        low: the least it may be.
        high: the most it may be.
        symmetric: whether a number v stands for (-v, v), and not for (v, v).

    Raises:
        ArgumentError: neither a number nor two of them between `low` and `high`.
    """
    both: list[Any] = list(value) if isinstance(value, Sequence) else []
    if _is_number(value):
        size = abs(value)
        both = [max(-size, low), size] if symmetric else [size, size]
        both = both if low <= value <= high else []
    if len(both) != 2 or not all(_is_number(n) and low <= n <= high for n in both):
        raise ArgumentError(
            f"{name} says how far pictures are changed",
            expected=f"a number from {low} to {high}, or two",
            got=repr(value),
        )
    if _is_number(value) and not symmetric:
        return float(both[0]), float(both[1])
    return float(min(both)), float(max(both))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
