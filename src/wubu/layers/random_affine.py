"""`RandomTranslation`, `RandomZoom` and `RandomRotation`: pictures moved, larger or
smaller, and turned."""

from __future__ import annotations

import math
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.random_images import RandomImages, factor_range
from wubu.ops.affine import affine_transform, check_picking, stretched


class _RandomMap(RandomImages):
    """What the three have in common: how pixels are picked."""

    def __init__(
        self,
        fill_mode: str,
        interpolation: str,
        seed: int | None,
        fill_value: float,
        data_format: str | None,
        **options: Any,
    ) -> None:
        super().__init__(seed, data_format, **options)
        check_picking(interpolation, fill_mode)
        self.fill_mode = fill_mode
        self.interpolation = interpolation
        self.fill_value = fill_value

    def _stretched(self, images: Tensor, axis: int, factor: Any, start: Any) -> Tensor:
        """Pictures whose pixel i along an axis is the one at factor * i + start."""
        place = ops.arange(images.shape[axis], dtype=self.dtype)
        return stretched(
            images,
            factor * place + start,
            axis,
            self.interpolation,
            self.fill_mode,
            self.fill_value,
        )


class RandomTranslation(_RandomMap):
    """Moves pictures while training, each by another part of its height and width.

    Args:
        height_factor: by which part of the height, down; a number f for anything
            between -f and f, or two numbers, from -1 to 1.
        width_factor: by which part of the width, to the right; in the same way.
        fill_mode: what comes in from outside: "reflect" (the picture in a mirror),
            "wrap" (the picture again), "constant", "nearest" (the pixel at the edge).
        interpolation: between pixels: "bilinear", or "nearest" for none.
        seed: an integer, for draws that do not depend on `set_random_seed`.
        fill_value: the constant.
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, height, width, channels), or one picture without the batch axis; the
        output has the input's shape.

    Raises:
        ArgumentError: a factor outside its range, an unknown way to fill.

    Example:
        >>> import wubu
        >>> down = RandomTranslation((0.5, 0.5), 0.0, fill_mode="constant")
        >>> down(wubu.ones((1, 4, 1, 1))).reshape(4).tolist()
        [0.0, 0.0, 1.0, 1.0]
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            fill_mode, interpolation, seed, fill_value, data_format, **options
        )
        self.height_factor = factor_range("height_factor", height_factor, -1.0, 1.0)
        self.width_factor = factor_range("width_factor", width_factor, -1.0, 1.0)

    def change(self, images: Tensor) -> Tensor:
        for axis, factor in ((1, self.height_factor), (2, self.width_factor)):
            if factor == (0.0, 0.0):
                continue
            by = self.draw((images.shape[0], 1), factor) * images.shape[axis]
            images = self._stretched(images, axis, 1.0, -by)
        return images


class RandomZoom(_RandomMap):
    """Shows pictures smaller or larger while training, each in another way.

    Args:
        height_factor: how much smaller the height is: 0.2 lets 20 % more fit in, -0.2
            makes 20 % less fill the picture. A number f for anything between -f and f,
            or two numbers, above -1 and at most 1.
        width_factor: the same for the width; as the height by default.
        fill_mode: what is outside: "reflect" (the picture in a mirror), "wrap" (the
            picture again), "constant", "nearest" (the pixel at the edge).
        interpolation: between pixels: "bilinear", or "nearest" for none.
        seed: an integer, for draws that do not depend on `set_random_seed`.
        fill_value: the constant.
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, height, width, channels), or one picture without the batch axis; the
        output has the input's shape.

    Raises:
        ArgumentError: a factor outside its range, an unknown way to fill.

    Example:
        >>> import wubu
        >>> out = RandomZoom((1.0, 1.0), fill_mode="constant", interpolation="nearest")
        >>> out(wubu.ones((1, 4, 4, 1)))[0, 1, :, 0].tolist()
        [0.0, 1.0, 1.0, 0.0]
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            fill_mode, interpolation, seed, fill_value, data_format, **options
        )
        least = math.nextafter(-1.0, 0.0)
        self.height_factor = factor_range("height_factor", height_factor, least, 1.0)
        self.width_factor = None
        if width_factor is not None:
            self.width_factor = factor_range("width_factor", width_factor, least, 1.0)

    def change(self, images: Tensor) -> Tensor:
        shape = (images.shape[0], 1)
        rows = 1.0 + self.draw(shape, self.height_factor)
        columns = rows
        if self.width_factor is not None:
            columns = 1.0 + self.draw(shape, self.width_factor)
        for axis, zoom in ((1, rows), (2, columns)):
            middle = (images.shape[axis] - 1) / 2
            images = self._stretched(images, axis, zoom, middle * (1.0 - zoom))
        return images


class RandomRotation(_RandomMap):
    """Turns pictures about their middle while training, each by another angle.

    Args:
        factor: by which part of a full turn, counter-clockwise; a number f for anything
            between -f and f, or two numbers, from -1 to 1.
        fill_mode: what comes in from outside: "reflect" (the picture in a mirror),
            "wrap" (the picture again), "constant", "nearest" (the pixel at the edge).
        interpolation: between pixels: "bilinear", or "nearest" for none.
        seed: an integer, for draws that do not depend on `set_random_seed`.
        fill_value: the constant.
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, height, width, channels), or one picture without the batch axis; the
        output has the input's shape.

    Raises:
        ArgumentError: a factor outside its range, an unknown way to fill.

    Example:
        >>> import wubu
        >>> quarter = RandomRotation((0.25, 0.25), interpolation="nearest")
        >>> quarter(wubu.arange(4.0).reshape(1, 2, 2, 1)).reshape(2, 2).tolist()
        [[1.0, 3.0], [0.0, 2.0]]
    """

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            fill_mode, interpolation, seed, fill_value, data_format, **options
        )
        self.factor = factor_range("factor", factor, -1.0, 1.0)

    def change(self, images: Tensor) -> Tensor:
        batch, height, width, _ = images.shape
        angle = self.draw((batch,), self.factor) * (2 * math.pi)
        cos, sin = ops.cos(angle), ops.sin(angle)
        x, y = (width - 1) / 2, (height - 1) / 2
        none = ops.zeros_like(angle)
        across = [cos, -sin, x - x * cos + y * sin]
        down = [sin, cos, y - x * sin - y * cos]
        return affine_transform(
            images,
            ops.stack([*across, *down, none, none], axis=1),
            self.interpolation,
            self.fill_mode,
            self.fill_value,
            "channels_last",
        )
