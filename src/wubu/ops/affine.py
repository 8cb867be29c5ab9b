"""Images seen through an affine map: pixels picked at real positions.

    affine_transform   any affine map: rotations, shears ...
    stretched          maps that keep rows and columns: shifts, zooms, crops

Each sample has a map of its own. Positions between pixels are interpolated, positions
outside the image are filled.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.ops.arithmetic import mod
from wubu.ops.comparison import where
from wubu.ops.convolution import is_channels_first
from wubu.ops.creation import arange
from wubu.ops.functions import absolute, clip, floor, round
from wubu.ops.movement import broadcast_to, expand_dims, moveaxis
from wubu.ops.prepare import cast_to
from wubu.ops.selection import gather

INTERPOLATIONS = ("nearest", "bilinear")
FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")

# Whole positions near a real one: their indices, whether they lie in the image (None
# where all count as if they did), and their weights.
Near = tuple[Tensor, "Tensor | None", "Tensor | None"]


@located
def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    """Images whose pixel (x, y) is the one at (x', y') of the given image:

        x' = a0 x + a1 y + a2
        y' = b0 x + b1 y + b2

    Args:
        images: (batch, height, width, channels), or one image without the batch axis;
            channels first if `data_format` says so. Real numbers.
        transform: [a0, a1, a2, b0, b1, b2, c0, c1] for each image, (batch, 8), or one
            for all, (8,). c0 and c1, which would bend lines, are left out, as in
            Keras.
        interpolation: "bilinear" or "nearest".
        fill_mode: what lies outside: "constant" (`fill_value`), "nearest" (the pixel at
            the edge), "wrap" (the image again), "mirror" (the image in a mirror on the
            edge pixels), "reflect" (in a mirror between them and the outside).
        fill_value: the constant.
        data_format: "channels_last" or "channels_first".

    Raises:
        ArgumentError: an unknown interpolation or fill mode.
        ShapeError: images or transforms of other ranks.

    Example:
        >>> from wubu.ops import arange
        >>> image = arange(4.0).reshape(2, 2, 1)
        >>> to_the_left = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]
        >>> affine_transform(image, to_the_left)[..., 0].tolist()
        [[1.0, 0.0], [3.0, 0.0]]
    """
    check_picking(interpolation, fill_mode)
    x, m = as_tensor(images), as_tensor(transform)
    if x.ndim not in (3, 4) or m.ndim not in (1, 2) or m.shape[-1] != 8:
        raise ShapeError(
            "an affine map is eight numbers, for each image or for all",
            expected="images (batch, height, width, channels), transform (batch, 8)",
            got=f"{x.shape}, {m.shape}",
        )
    single, first = x.ndim == 3, is_channels_first(data_format)
    x = expand_dims(x, 0) if single else x
    x = moveaxis(x, 1, -1) if first else x
    height, width = x.shape[1:3]
    m = m.reshape((-1, 8, 1, 1))
    column = arange(width, dtype=m.dtype).reshape(1, 1, width)
    row = arange(height, dtype=m.dtype).reshape(1, height, 1)
    a, b = m[:, 0:3], m[:, 3:6]
    across = a[:, 0] * column + a[:, 1] * row + a[:, 2]
    down = b[:, 0] * column + b[:, 1] * row + b[:, 2]
    y = _picked(x, down, across, interpolation, fill_mode, fill_value)
    y = moveaxis(y, -1, 1) if first else y
    return y[0] if single else y


def _picked(
    x: Tensor, down: Tensor, across: Tensor, how: str, mode: str, value: float
) -> Tensor:
    """Pixels at positions (batch, height, width) each."""
    batch, height, width, channels = x.shape
    flat = x.reshape((batch, height * width, channels))
    shape = (batch, *np.broadcast_shapes(down.shape, across.shape)[1:])
    total: Any = 0.0
    for row, inside_rows, high in near(down, height, how, mode):
        for column, inside_columns, wide in near(across, width, how, mode):
            place = cast_to(row * width + column, np.dtype("int32"))
            place = broadcast_to(place, shape).reshape((batch, -1))
            part = gather(flat, place, axis=1, batch_dims=1)
            part = part.reshape((*shape, channels))
            if inside_rows is not None and inside_columns is not None:
                inside = broadcast_to(inside_rows & inside_columns, shape)
                part = where(expand_dims(inside, -1), part, value)
            if high is not None and wide is not None:
                part = part * expand_dims(broadcast_to(high * wide, shape), -1)
            total = part + total
    return total


def stretched(
    x: Tensor,
    positions: Tensor,
    axis: int,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
) -> Tensor:
    """Slices of each sample at real positions along one axis.

    Args:
        x: with the batch axis first.
        positions: (batch, new length).
        axis: which one, not the first.

    Example:
        >>> from wubu.ops import arange
        >>> at = Tensor([[0.5, 1.0], [2.0, 9.0]])
        >>> stretched(arange(6.0).reshape(2, 3), at, axis=1).tolist()
        [[0.5, 1.0], [5.0, 0.0]]
    """
    total: Any = 0.0
    shape = (x.shape[0], *[1] * (axis - 1), -1, *[1] * (x.ndim - axis - 1))
    for index, inside, weight in near(
        positions, x.shape[axis], interpolation, fill_mode
    ):
        part = gather(x, index, axis=axis, batch_dims=1)
        if inside is not None:
            part = where(inside.reshape(shape), part, fill_value)
        if weight is not None:
            part = part * weight.reshape(shape)
        total = part + total
    return total


def near(position: Tensor, size: int, how: str, mode: str) -> list[Near]:
    """The whole positions that a real one is interpolated from: one, or two."""
    if how == "nearest":
        return [_within(cast_to(round(position), np.dtype("int32")), size, mode, None)]
    below = floor(position)
    beyond = position - below
    index = cast_to(below, np.dtype("int32"))
    return [
        _within(index, size, mode, 1.0 - beyond),
        _within(index + 1, size, mode, beyond),
    ]


def _within(index: Tensor, size: int, mode: str, weight: Tensor | None) -> Near:
    if mode == "constant":
        return clip(index, 0, size - 1), (index >= 0) & (index < size), weight
    if mode == "nearest" or size == 1:
        return clip(index, 0, size - 1), None, weight
    if mode == "wrap":
        return mod(index, size), None, weight
    if mode == "mirror":
        return _mirrored(index, size - 1), None, weight
    return _mirrored(2 * index + 1, 2 * size) // 2, None, weight


def _mirrored(index: Tensor, last: int) -> Tensor:
    """0, 1 ... last ... 1, 0, 1 ... and so on, in both directions."""
    return absolute(mod(index + last, 2 * last) - last)


def check_picking(interpolation: Any, fill_mode: Any) -> None:
    """Refuses ways to interpolate and to fill that there are not."""
    for name, value, known in (
        ("interpolation", interpolation, INTERPOLATIONS),
        ("fill_mode", fill_mode, FILL_MODES),
    ):
        if value not in known:
            raise ArgumentError(
                f"unknown {name}",
                expected=" or ".join(f'"{word}"' for word in known),
                got=repr(value),
            )
