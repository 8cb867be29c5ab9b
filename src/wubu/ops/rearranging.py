"""Tensors taken apart and put together anew: diagonals, differences, splits, turns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.ops.creation import eye
from wubu.ops.joining import concatenate, stack
from wubu.ops.keras import diag
from wubu.ops.movement import (
    broadcast_to,
    expand_dims,
    flatten,
    flip,
    moveaxis,
    reshape,
    slice_axis,
    split,
    swapaxes,
)
from wubu.ops.prepare import common_dtype, normal_axis
from wubu.ops.reduction import sum


def ravel(x: Any) -> Tensor:
    """All elements in one axis."""
    return flatten(as_tensor(x))


@located
def append(x1: Any, x2: Any, axis: int | None = None) -> Tensor:
    """`x2` behind `x1` along an axis; without one, both are flat."""
    x1, x2 = as_tensor(x1), as_tensor(x2)
    if axis is None:
        return concatenate([flatten(x1), flatten(x2)])
    return concatenate([x1, x2], axis)


def fliplr(x: Any) -> Tensor:
    """The second axis the other way round."""
    return flip(x, 1)


def flipud(x: Any) -> Tensor:
    """The first axis the other way round."""
    return flip(x, 0)


@located
def rot90(array: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Tensor:
    """A plane turned by k quarters, from the first of two axes to the second.

    Example:
        >>> rot90([[1, 2], [3, 4]]).tolist()
        [[2, 4], [1, 3]]
    """
    x = as_tensor(array)
    first, second = (normal_axis(a, x.ndim) for a in axes)
    if first == second:
        raise ArgumentError("a plane has two axes", got=tuple(axes))
    if k % 4 == 2:
        return flip(flip(x, first), second)
    if k % 4 == 1:
        return swapaxes(flip(x, second), first, second)
    return flip(swapaxes(x, first, second), second) if k % 4 else x


@located
def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """`split` into parts that need not be of one length: the first are longer by 1."""
    x = as_tensor(x)
    if not isinstance(indices_or_sections, int | np.integer):
        return split(x, indices_or_sections, axis)
    length, more = divmod(x.shape[normal_axis(axis, x.ndim)], int(indices_or_sections))
    ends = np.cumsum([length + (i < more) for i in range(int(indices_or_sections))])
    return split(x, [int(end) for end in ends[:-1]], axis)


def hsplit(x: Any, indices_or_sections: Any) -> list[Tensor]:
    """`split` along the second axis; of a vector along the first."""
    return split(x, indices_or_sections, 0 if as_tensor(x).ndim == 1 else 1)


def vsplit(x: Any, indices_or_sections: Any) -> list[Tensor]:
    """`split` along the first axis."""
    return split(x, indices_or_sections, 0)


def dsplit(x: Any, indices_or_sections: Any) -> list[Tensor]:
    """`split` along the third axis."""
    return split(x, indices_or_sections, 2)


@located
def dstack(xs: Sequence[Any]) -> Tensor:
    """Joins along the third axis, which tensors of fewer axes get first."""
    found = []
    for x in map(as_tensor, xs):
        x = reshape(x, (1, -1)) if x.ndim < 2 else x
        found.append(expand_dims(x, 2) if x.ndim == 2 else x)
    return concatenate(found, 2)


@located
def meshgrid(*x: Any, indexing: str = "xy") -> list[Tensor]:
    """The coordinates of every point of a grid, one tensor for each vector.

    Args:
        x: the coordinates along each axis.
        indexing: "ij" has the axes in this order, "xy" the first two exchanged.
    """
    if indexing not in ("xy", "ij"):
        raise ArgumentError("unknown indexing", expected="xy or ij", got=indexing)
    vectors = [flatten(as_tensor(v)) for v in x]
    shape = [v.size for v in vectors]
    grids = [
        broadcast_to(v.reshape([-1 if a == i else 1 for a in range(len(x))]), shape)
        for i, v in enumerate(vectors)
    ]
    if indexing == "xy" and len(x) > 1:
        grids = [swapaxes(grid, 0, 1) for grid in grids]
    return grids


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    """Ones at and below diagonal k of an N by M matrix, zeros above."""
    return as_tensor(np.tri(N, M, k), "float32" if dtype is None else dtype)


@located
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Tensor:
    """Powers of a vector as columns: x**(N-1) ... x**0, or the other way round."""
    x = as_tensor(x)
    powers = np.arange(x.shape[0] if N is None else N)
    return expand_dims(x, 1) ** as_tensor(powers if increasing else powers[::-1].copy())


@located
def diff(a: Any, n: int = 1, axis: int = -1) -> Tensor:
    """Differences of neighbours along an axis, n times.

    Example:
        >>> diff([1, 4, 9, 16], n=2).tolist()
        [2, 2]
    """
    x = as_tensor(a)
    axis = normal_axis(axis, x.ndim)
    for _ in range(n):
        length = x.shape[axis]
        x = slice_axis(x, axis, 1, length) - slice_axis(x, axis, 0, length - 1)
    return x


@located
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Tensor:
    """The integral along an axis, by straight lines between the points."""
    y = as_tensor(y)
    axis = normal_axis(axis, y.ndim)
    n = y.shape[axis]
    steps: Any = dx
    if x is not None:
        x = as_tensor(x)
        if x.ndim == 1:
            x = x.reshape([-1 if a == axis else 1 for a in range(y.ndim)])
        steps = diff(x, axis=axis)
    heights = slice_axis(y, axis, 1, n) + slice_axis(y, axis, 0, n - 1)
    return sum(heights * steps, axis) / 2


@located
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The diagonals of the planes of two axes, as a new last axis."""
    x = as_tensor(x)
    if x.ndim < 2:
        raise ShapeError("a diagonal is that of a plane", got=x.shape)
    x = moveaxis(x, (axis1, axis2), (-2, -1))
    rows, columns = x.shape[-2:]
    count = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    first = np.arange(count) + max(-offset, 0)
    return x[..., first, first + offset]


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sum of a diagonal."""
    return sum(diagonal(x, offset, axis1, axis2), -1)


def diagflat(x: Any, k: int = 0) -> Tensor:
    """A matrix with all elements of x on diagonal k."""
    return diag(ravel(x), k)


def _alike(*values: Any) -> list[Tensor]:
    """Tensors of one dtype; of shapes of their own."""
    dtype = common_dtype(values)
    return [as_tensor(value, dtype) for value in values]


@located
def cross(
    x1: Any,
    x2: Any,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Tensor:
    """The vector that stands on two vectors of three (or two) components.

    Args:
        x1: vectors along `axisa`.
        x2: vectors along `axisb`.
        axisa: of the first tensor.
        axisb: of the second.
        axisc: of the result.
        axis: all three of these.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = _alike(x1, x2)
    a, b = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    if a.shape[-1] not in (2, 3) or b.shape[-1] not in (2, 3):
        raise ShapeError(
            "cross takes vectors of 2 or 3 components", got=f"{a.shape} and {b.shape}"
        )
    flat = a.shape[-1] == b.shape[-1] == 2
    (a0, a1, a2), (b0, b1, b2) = _components(a), _components(b)
    third = a0 * b1 - a1 * b0
    if flat:
        return third
    return stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, third], axisc)


def _components(x: Tensor) -> list[Tensor]:
    found = [x[..., i] for i in range(x.shape[-1])]
    return found if len(found) == 3 else [*found, found[0] * 0]


@located
def inner(x1: Any, x2: Any) -> Tensor:
    """Sums of products along the last axes of both."""
    a, b = _alike(x1, x2)
    if not a.ndim or not b.ndim:
        return a * b
    rows, columns = reshape(a, (-1, a.shape[-1])), reshape(b, (-1, b.shape[-1]))
    found = rows @ swapaxes(columns, 0, 1)
    return reshape(found, (*a.shape[:-1], *b.shape[:-1]))


def vdot(x1: Any, x2: Any) -> Tensor:
    """The sum of the products of all elements."""
    return inner(ravel(x1), ravel(x2))


@located
def kron(x1: Any, x2: Any) -> Tensor:
    """Every element of `x1` times the whole of `x2`, in the place of the element."""
    a, b = _alike(x1, x2)
    ndim = max(a.ndim, b.ndim)
    left, right = ((1,) * (ndim - x.ndim) + x.shape for x in (a, b))
    a = reshape(a, [n for m in left for n in (m, 1)])
    b = reshape(b, [n for m in right for n in (1, m)])
    return reshape(a * b, [m * n for m, n in zip(left, right, strict=True)])


def identity(n: int, dtype: Any = None) -> Tensor:
    """The n by n matrix with ones on its diagonal."""
    return eye(n, dtype="float32" if dtype is None else dtype)
