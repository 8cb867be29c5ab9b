"""`RandomFlip`: pictures as in a mirror, every second one."""

from __future__ import annotations

from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.arguments import one_of
from wubu.layers.random_images import RandomImages
from wubu.ops import random

_AXES = {"horizontal": (2,), "vertical": (1,), "horizontal_and_vertical": (2, 1)}


class RandomFlip(RandomImages):
    """Flips pictures while training, each with probability 1/2.

    Args:
        mode: "horizontal" (left and right change places), "vertical" (top and bottom),
            or "horizontal_and_vertical" (both, independently of each other).
        seed: an integer, for draws that do not depend on `set_random_seed`.
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, height, width, channels), or one picture without the batch axis; the
        output has the input's shape.

    Raises:
        ArgumentError: an unknown mode.

    Example:
        >>> import wubu
        >>> layer = RandomFlip("horizontal", seed=2)
        >>> pictures = wubu.arange(2.0).reshape(1, 1, 2, 1)
        >>> sorted({layer(pictures)[0, 0, 0, 0].item() for _ in range(40)})
        [0.0, 1.0]
        >>> layer(pictures, training=False)[0, 0, 0, 0].item()
        0.0
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, data_format, **options)
        self.mode = one_of("mode", mode, tuple(_AXES))

    def change(self, images: Tensor) -> Tensor:
        for axis in _AXES[self.mode]:
            shape = (images.shape[0], 1, 1, 1)
            flipped = random.uniform(shape, seed=self.seed_generator) <= 0.5
            images = ops.where(flipped, ops.flip(images, axis), images)
        return images
