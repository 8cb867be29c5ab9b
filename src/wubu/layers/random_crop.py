"""`RandomCrop`: parts of pictures."""

from __future__ import annotations

from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.arguments import positive_integer
from wubu.layers.random_images import RandomImages
from wubu.ops import random
from wubu.ops.selection import gather


class RandomCrop(RandomImages):
    """Cuts a part of given size out of each picture, at another place in every step.

    While the network is not training, and of pictures that are not larger than the
    part, it is the middle in the part's proportions, resized.

    Args:
        height: of the part.
        width: of the part.
        seed: an integer, for draws that do not depend on `set_random_seed`.
        data_format: "channels_last" (default) or "channels_first".
        name: of the layer.
        options: dtype of every layer.

    Shapes:
        (batch, rows, columns, channels) -> (batch, height, width, channels), or one
        picture without the batch axis.

    Raises:
        ArgumentError: a size that is no positive integer.

    Example:
        >>> import wubu
        >>> RandomCrop(2, 3)(wubu.ones((1, 8, 8, 3))).shape
        (1, 2, 3, 3)
    """

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, data_format, name=name, **options)
        self.height = positive_integer("height", height)
        self.width = positive_integer("width", width)

    def change(self, images: Tensor) -> Tensor:
        batch, rows, columns, _ = images.shape
        if rows <= self.height or columns <= self.width:
            return self.rest(images)
        for axis, old, new in ((1, rows, self.height), (2, columns, self.width)):
            first = random.randint(
                (batch, 1), 0, old - new + 1, seed=self.seed_generator
            )
            places = first + ops.arange(new, dtype="int32")
            images = gather(images, places, axis=axis, batch_dims=1)
        return images

    def rest(self, images: Tensor) -> Tensor:
        return ops.image.resize(
            images,
            (self.height, self.width),
            crop_to_aspect_ratio=True,
            data_format="channels_last",
        )
