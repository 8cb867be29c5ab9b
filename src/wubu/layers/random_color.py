"""`RandomContrast` and `RandomBrightness`: pictures in another light."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.random_images import RandomImages, factor_range


class _RandomColor(RandomImages):
    """What both have in common: pixels are kept in the range of values."""

    def __init__(
        self, value_range: Sequence[float], seed: int | None, **options: Any
    ) -> None:
        super().__init__(seed, **options)
        if len(value_range) != 2 or not value_range[0] < value_range[1]:
            raise ArgumentError(
                "value_range is the range of the values of pixels",
                expected="(low, high), such as (0, 255) or (0, 1)",
                got=repr(value_range),
            )
        self.value_range = tuple(value_range)

    def _per_picture(self, images: Tensor, between: tuple[float, float]) -> Tensor:
        return self.draw((images.shape[0], 1, 1, 1), between)

    def _kept(self, images: Tensor) -> Tensor:
        return ops.clip(images, *self.value_range)


class RandomContrast(_RandomColor):
    """Changes the contrast of pictures while training.

        y = (x - mean) * c + mean, c between 1 - lower and 1 + upper

    with the mean over all pixels of a channel, and c drawn for each picture.

    Args:
        factor: lower and upper, the smaller one first, from 0 to 1; or one number for
            both.
        value_range: the range of the values of pixels, where results stay.
        seed: an integer, for draws that do not depend on `set_random_seed`.
        options: name, dtype, data_format.

    Shapes:
        (batch, height, width, channels), or one picture without the batch axis; the
        output has the input's shape.

    Raises:
        ArgumentError: a factor outside its range, a range that is none.

    Example:
        >>> import wubu
        >>> layer = RandomContrast((0.5, 0.5), seed=1)
        >>> flat = wubu.full((1, 2, 2, 1), 100.0)
        >>> layer(flat).reshape(4).tolist()
        [100.0, 100.0, 100.0, 100.0]
    """

    def __init__(
        self,
        factor: Any,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(value_range, seed, **options)
        self.factor = factor_range("factor", factor, 0.0, 1.0, symmetric=False)

    def change(self, images: Tensor) -> Tensor:
        lower, upper = self.factor
        contrast = self._per_picture(images, (1.0 - lower, 1.0 + upper))
        mean = images.mean(axis=(1, 2), keepdims=True)
        return self._kept((images - mean) * contrast + mean)


class RandomBrightness(_RandomColor):
    """Makes pictures lighter or darker while training.

        y = x + b * (high - low), b between lower and upper

    with b drawn for each picture.

    Args:
        factor: lower and upper, from -1 to 1; a number f for anything between -f and f.
        value_range: (low, high), the range of the values of pixels, where results stay.
        seed: an integer, for draws that do not depend on `set_random_seed`.
        options: name, dtype, data_format.

    Shapes:
        (batch, height, width, channels), or one picture without the batch axis; the
        output has the input's shape.

    Raises:
        ArgumentError: a factor outside its range, a range that is none.

    Example:
        >>> import wubu
        >>> RandomBrightness((0.2, 0.2))(wubu.full((1, 1, 1, 1), 100.0)).item()
        151.0
    """

    def __init__(
        self,
        factor: Any,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(value_range, seed, **options)
        self.factor = factor_range("factor", factor, -1.0, 1.0)

    def change(self, images: Tensor) -> Tensor:
        low, high = self.value_range
        lighter = self._per_picture(images, self.factor) * (high - low)
        return self._kept(images + lighter)
