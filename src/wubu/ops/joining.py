"""Joining tensors, to others and to themselves: concatenate, stack, repeat, tile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core.location import located
from wubu.core.primitive import primitive
from wubu.core.samples import normal, sample
from wubu.core.tensor import Shape, Tensor, as_tensor
from wubu.errors import ArgumentError, DTypeError, ShapeError
from wubu.ops.movement import (
    broadcast_to,
    expand_dims,
    flatten,
    reshape,
    slice_axis,
)
from wubu.ops.prepare import common_dtype, normal_axis, sizes, whole

Spec = tuple[Shape, np.dtype]


def _prepare_concatenate(
    tensors: Sequence[Any], axis: int = 0
) -> tuple[list[Tensor], dict]:
    tensors = _several(tensors)
    if not tensors:
        raise ArgumentError("concatenate needs at least one tensor")
    dtype = common_dtype(tensors)
    joined = [as_tensor(x, dtype) for x in tensors]
    if not joined[0].ndim:
        raise ShapeError(
            "numbers have no axis to join along", fix="use wubu.ops.stack(tensors)"
        )
    return joined, {"axis": normal_axis(axis, joined[0].ndim)}


def _several(tensors: Any) -> list[Any]:
    if not np.iterable(tensors):
        raise ArgumentError(
            "what is joined is a list of tensors",
            got=f"{tensors!r:.60}, a {type(tensors).__name__}",
        )
    return list(tensors)


def _concatenate_shape(*xs: Any, axis: int) -> Spec:
    first = xs[0]
    for i, x in enumerate(xs):
        same = len(x.shape) == len(first.shape) and all(
            m == n or a == axis
            for a, (m, n) in enumerate(zip(x.shape, first.shape, strict=True))
        )
        if not same:
            raise ShapeError(
                f"tensors joined along axis {axis} agree in all others",
                expected=f"{first.shape}, except along axis {axis}",
                got=f"{x.shape} for tensor {i}",
            )
        if x.dtype != first.dtype:
            raise DTypeError("concatenate takes one dtype", got=x.dtype)
    total = sum(x.shape[axis] for x in xs)
    return (*first.shape[:axis], total, *first.shape[axis + 1 :]), first.dtype


def _split_gradient(
    needed: Sequence[bool], g: Tensor, y: Tensor, *xs: Tensor, axis: int
) -> list[Tensor | None]:
    found: list[Tensor | None] = []
    start = 0
    for x, need in zip(xs, needed, strict=True):
        stop = start + x.shape[axis]
        found.append(slice_axis(g, axis, start, stop) if need else None)
        start = stop
    return found


concatenate = primitive(
    "concatenate",
    prepare=_prepare_concatenate,
    shape=_concatenate_shape,
    evaluate=lambda *xs, axis: np.concatenate(xs, axis),
    vjp_all=_split_gradient,
    samples=[sample(normal(2, 3), normal(2, 1), axis=1)],
    doc="Joins a list of tensors along an axis they have.",
)


@located
def stack(tensors: Sequence[Any], axis: int = 0) -> Tensor:
    """Joins tensors of one shape along a new axis.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> stack([1, 2, 3])
        Tensor([1 2 3], shape=(3,), dtype=int64)
    """
    return concatenate([expand_dims(x, axis) for x in _several(tensors)], axis)


@located
def repeat(x: Any, repeats: int, axis: int | None = None) -> Tensor:
    """Each element several times in a row; of the flat tensor if no axis is given.

    Example:
        >>> repeat(Tensor([1, 2]), 2)
        Tensor([1 1 2 2], shape=(4,), dtype=int64)
    """
    x = as_tensor(x)
    (repeats,) = sizes(whole(repeats, "a number of repeats"), "repeats")
    if axis is None:
        x, axis = flatten(x), 0
    axis = normal_axis(axis, x.ndim)
    shape = (*x.shape[: axis + 1], repeats, *x.shape[axis + 1 :])
    wide = broadcast_to(expand_dims(x, axis + 1), shape)
    return flatten(wide, axis, axis + 1)


@located
def tile(x: Any, repeats: int | Sequence[int]) -> Tensor:
    """The whole tensor several times along each axis.

    Example:
        >>> tile(Tensor([1, 2]), 2)
        Tensor([1 2 1 2], shape=(4,), dtype=int64)
    """
    x = as_tensor(x)
    counts = list(sizes(repeats, "repeats"))
    counts = [1] * (x.ndim - len(counts)) + counts
    x = reshape(x, [1] * (len(counts) - x.ndim) + list(x.shape))
    doubled = [
        n for count, size in zip(counts, x.shape, strict=True) for n in (count, size)
    ]
    lifted = reshape(x, [n for size in x.shape for n in (1, size)])
    shape = [count * size for count, size in zip(counts, x.shape, strict=True)]
    return reshape(broadcast_to(lifted, doubled), shape)


@located
def roll(x: Any, shift: int, axis: int | None = None) -> Tensor:
    """Moves elements along an axis; what falls off one end comes in at the other.

    Example:
        >>> roll(Tensor([1, 2, 3]), 1)
        Tensor([3 1 2], shape=(3,), dtype=int64)
    """
    x = as_tensor(x)
    if axis is None:
        return reshape(roll(flatten(x), shift, 0), x.shape)
    axis = normal_axis(axis, x.ndim)
    n = x.shape[axis]
    at = -shift % n if n else 0
    if not at:
        return x
    return concatenate([slice_axis(x, axis, at, n), slice_axis(x, axis, 0, at)], axis)
