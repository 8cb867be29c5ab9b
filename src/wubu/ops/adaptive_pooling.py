"""Adaptive pooling: as many windows as are asked for, however long the input.

Along an axis of length n, window i of `size` reaches from floor(i * n / size) up to
ceil((i + 1) * n / size). Where n is not a multiple of `size`, windows overlap and some
are longer than others, so each axis is pooled by picking elements (see `resizing.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core.dtypes import float_dtype
from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ShapeError
from wubu.ops.convolution import is_channels_first
from wubu.ops.pooling import average_pool, max_pool
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import max
from wubu.ops.resizing import weighted_sums
from wubu.ops.selection import take
from wubu.ops.windows import per_axis


@located
def adaptive_average_pool(
    inputs: Any, output_size: int | Sequence[int], data_format: str | None = None
) -> Tensor:
    """The means of as many windows as `output_size` says.

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial).
        output_size: windows along each spatial axis, one number or one for each.
        data_format: "channels_last" or "channels_first".

    Raises:
        ArgumentError: a size that is no positive integer.
        ShapeError: an input without a spatial axis, or with an empty one.

    Example:
        >>> from wubu.ops import arange
        >>> adaptive_average_pool(arange(5.0).reshape(1, 5, 1), 2).reshape(-1).tolist()
        [1.0, 3.0]
    """
    x = as_tensor(inputs)
    x = cast_to(x, float_dtype(x.dtype))
    sizes = _sizes(x, output_size, data_format)
    if _even(x, sizes):
        window = [x.shape[axis] // size for axis, size in sizes.items()]
        return average_pool(x, window, data_format=data_format)
    for axis, size in sizes.items():
        places, counts = _windows(x.shape[axis], size)
        weights = (np.arange(places.shape[1]) < counts) / counts
        x = weighted_sums(x, axis, places, weights)
    return x


@located
def adaptive_max_pool(
    inputs: Any, output_size: int | Sequence[int], data_format: str | None = None
) -> Tensor:
    """The largest elements of as many windows as `output_size` says. Arguments as of
    `adaptive_average_pool`.

    Example:
        >>> from wubu.ops import arange
        >>> adaptive_max_pool(arange(5.0).reshape(1, 5, 1), 2).reshape(-1).tolist()
        [2.0, 4.0]
    """
    x = as_tensor(inputs)
    sizes = _sizes(x, output_size, data_format)
    if _even(x, sizes):
        window = [x.shape[axis] // size for axis, size in sizes.items()]
        return max_pool(x, window, data_format=data_format)
    for axis, size in sizes.items():
        places, _ = _windows(x.shape[axis], size)
        x = max(take(x, places, axis), axis + 1)
    return x


def _sizes(x: Tensor, output_size: Any, data_format: str | None) -> dict[int, int]:
    """The number of windows along each spatial axis."""
    first, n = 2 if is_channels_first(data_format) else 1, x.ndim - 2
    axes = range(first, first + n)
    if n < 1 or not all(x.shape[axis] for axis in axes):
        raise ShapeError("pooling needs a spatial axis with elements", got=x.shape)
    return dict(zip(axes, per_axis(output_size, n, "output_size"), strict=True))


def _even(x: Tensor, sizes: dict[int, int]) -> bool:
    """Whether all windows are as long as each other and lie side by side."""
    return all(x.shape[axis] % size == 0 for axis, size in sizes.items())


def _windows(n: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The places of each window, (size, longest), the last one repeated in shorter
    windows; and how many there are, (size, 1)."""
    i = np.arange(size)[:, None]
    starts, stops = i * n // size, -(-(i + 1) * n // size)
    longest = int((stops - starts).max())
    return np.minimum(starts + np.arange(longest), stops - 1), stops - starts
