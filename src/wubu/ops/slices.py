"""Parts of tensors by place: windows cut out and put in, scattered values."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.ops.creation import zeros
from wubu.ops.indexing import getitem
from wubu.ops.movement import moveaxis, reshape
from wubu.ops.reduction import max, sum
from wubu.ops.selection import one_hot, scatter_add, scatter_update, take


def get_item(x: Any, key: Any) -> Tensor:
    """x[key]"""
    return getitem(x, key)


@located
def slice(inputs: Any, start_indices: Any, shape: Sequence[int]) -> Tensor:
    """A window of a tensor.

    Args:
        inputs: any tensor.
        start_indices: of the window along each axis; a compiled function may compute
            them.
        shape: of the window.

    Example:
        >>> slice([[1, 2, 3], [4, 5, 6]], [0, 1], [2, 2]).tolist()
        [[2, 3], [5, 6]]
    """
    x, starts = as_tensor(inputs), as_tensor(start_indices)
    if starts.shape != (x.ndim,) or len(shape) != x.ndim:
        raise ShapeError(
            "a window has a start and a length along each axis",
            expected=f"{x.ndim} of each",
            got=f"{starts.shape} and {len(shape)}",
        )
    for axis, length in enumerate(shape):
        x = take(x, starts[axis] + np.arange(length), axis)
    return x


@located
def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Tensor:
    """A tensor with another put into it.

    Args:
        inputs: any tensor.
        start_indices: where, along each axis.
        updates: what is put there, with as many axes.

    Example:
        >>> slice_update([1, 2, 3, 4], [1], [20, 30]).tolist()
        [1, 20, 30, 4]
    """
    updates, starts = as_tensor(updates), as_tensor(start_indices)
    places = np.moveaxis(np.indices(updates.shape), 0, -1)
    return scatter_update(inputs, starts + places, updates)


@located
def scatter(indices: Any, values: Any, shape: Sequence[int]) -> Tensor:
    """Zeros, with values added at coordinates.

    Args:
        indices: (places, axes), the coordinates as rows.
        values: (places, ...).
        shape: of the result.

    Example:
        >>> scatter([[0], [2], [0]], [1, 5, 2], (4,)).tolist()
        [3, 0, 5, 0]
    """
    indices, values = as_tensor(indices), as_tensor(values)
    axes = indices.shape[-1]
    strides = [math.prod(shape[a + 1 : axes]) for a in range(axes)]
    flat = reshape(sum(indices * np.array(strides), -1), (-1,))
    rest = tuple(shape[axes:])
    rows = reshape(values, (flat.shape[0], *rest))
    size = math.prod(shape[:axes])
    added = scatter_add(flat, rows, axis=0, batch_dims=0, size=size)
    return reshape(added, tuple(shape))


@located
def multi_hot(
    inputs: Any,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: Any = None,
    sparse: bool = False,
) -> Tensor:
    """1 at every index of a row, 0 elsewhere.

    Args:
        inputs: whole numbers, (..., n).
        num_classes: how long the new axis is.
        axis: where it goes.
        dtype: float32 by default.
        sparse: not supported.

    Example:
        >>> multi_hot([0, 2], 4).tolist()
        [1.0, 0.0, 1.0, 0.0]
    """
    if sparse or num_classes is None:
        raise ArgumentError(
            "multi_hot needs num_classes, and there are no sparse tensors"
            if sparse
            else "multi_hot needs num_classes"
        )
    inputs = as_tensor(inputs)
    reduced = 1 if inputs.ndim > 1 else 0
    if not inputs.size:
        return zeros(num_classes, dtype=dtype)
    hot = one_hot(inputs, num_classes, -1, dtype or "float32")
    return moveaxis(max(hot, reduced), -1, axis)


@located
def nonzero(x: Any) -> tuple[Tensor, ...]:
    """The coordinates of what is not 0, one vector for each axis; of known tensors."""
    return tuple(as_tensor(i) for i in np.nonzero(as_tensor(x).numpy()))


@located
def unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
) -> Any:
    """The different elements of a known tensor, in rising order.

    Args:
        x: any tensor whose values are known: how many there are is the result's shape.
        sorted: taken as in Keras; they always are.
        return_index: also where each occurs first.
        return_inverse: also which of them each element is.
        return_counts: also how often each occurs.
        axis: compares the slices of this axis.
    """
    options = (return_index, return_inverse, return_counts)
    found: Any = np.unique(as_tensor(x).numpy(), *options, axis=axis)  # type: ignore[call-overload]
    if not builtins.any(options):
        return as_tensor(found)
    return tuple(as_tensor(part) for part in found)
