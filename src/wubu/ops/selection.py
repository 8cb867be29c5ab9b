"""Picking elements by index, and adding to elements by index.

`gather` and `scatter_add` are each other's derivative.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.location import located
from wubu.core.primitive import Primitive, primitive
from wubu.core.samples import integers, normal, sample
from wubu.core.tensor import Shape, Tensor, as_tensor
from wubu.errors import ArgumentError, DTypeError, IndexOutOfRangeError, ShapeError
from wubu.ops.comparison import equal, where
from wubu.ops.movement import broadcast_to, expand_dims, flatten, moveaxis, reshape
from wubu.ops.prepare import cast_to, normal_axis, whole

Spec = tuple[Shape, np.dtype]


def _gather_shape(x: Any, indices: Any, axis: int, batch_dims: int) -> Spec:
    if indices.dtype.kind not in "iu":
        raise DTypeError("indices are integers", got=indices.dtype)
    if not 0 <= batch_dims <= axis < len(x.shape):
        raise ArgumentError(
            "gather picks along an axis behind its batch axes",
            expected=f"batch_dims <= axis < {len(x.shape)}",
            got=f"batch_dims={batch_dims}, axis={axis}",
        )
    if x.shape[:batch_dims] != indices.shape[:batch_dims]:
        raise ShapeError(
            f"the first {batch_dims} axes of indices are those of the tensor",
            expected=x.shape[:batch_dims],
            got=indices.shape,
        )
    picked = indices.shape[batch_dims:]
    return (*x.shape[:axis], *picked, *x.shape[axis + 1 :]), x.dtype


def check_range(indices: Tensor, size: int) -> None:
    """Refuses indices outside [0, size), if they are known."""
    if not indices.is_traced:
        _check_range(indices.detach().numpy(), size)


def _check_range(indices: np.ndarray, size: int, lowest: int = 0) -> None:
    if indices.size and (indices.min() < lowest or indices.max() >= size):
        bad = np.argwhere((indices < lowest) | (indices >= size))[0]
        raise IndexOutOfRangeError(
            "an index lies outside the axis it picks from",
            expected=f"{lowest} to {size - 1}" if size else "nothing, it is empty",
            got=f"{indices[tuple(bad)]} at place {tuple(int(i) for i in bad)}",
        )


def _locate(indices: np.ndarray, axis: int, batch_dims: int) -> tuple[Any, ...]:
    """A NumPy index that picks `indices` along `axis`, batch axis by batch axis."""
    grids = [
        np.arange(n).reshape([n if a == b else 1 for a in range(indices.ndim)])
        for b, n in enumerate(indices.shape[:batch_dims])
    ]
    return (*grids, *[slice(None)] * (axis - batch_dims), indices)


def _gather(
    x: np.ndarray, indices: np.ndarray, axis: int, batch_dims: int
) -> np.ndarray:
    _check_range(indices, x.shape[axis])
    if not batch_dims:
        return np.take(x, indices, axis=axis)
    found = x[_locate(indices, axis, batch_dims)]
    if axis > batch_dims:  # NumPy moves indexed axes that a slice parts to the front
        picked = range(batch_dims, indices.ndim)
        found = np.moveaxis(found, picked, [axis + i for i in range(len(picked))])
    return found


gather: Primitive = primitive(
    "gather",
    shape=_gather_shape,
    evaluate=_gather,
    vjp=[
        lambda g, y, x, indices, axis, batch_dims: scatter_add(
            indices, g, axis=axis, batch_dims=batch_dims, size=x.shape[axis]
        ),
        None,
    ],
    samples=[
        sample(normal(5, 3), integers(2, 4, high=5), axis=0, batch_dims=0),
        sample(normal(2, 5), integers(3, high=5), axis=1, batch_dims=0),
        sample(normal(3, 5, 2), integers(3, 4, high=5), axis=1, batch_dims=1),
        sample(normal(3, 2, 5), integers(3, 4, high=5), axis=2, batch_dims=1),
    ],
    doc="""Slices of `x` along `axis`, picked by index.

    `x` is (*batch, *before, size, *after), `indices` (*batch, *picked) with as many
    batch axes as `batch_dims`; the result is (*batch, *before, *picked, *after).
    """,
)


def _scatter_shape(indices: Any, g: Any, axis: int, batch_dims: int, size: int) -> Spec:
    picked = len(indices.shape) - batch_dims
    if indices.dtype.kind not in "iu":
        raise DTypeError("indices are integers", got=indices.dtype)
    if g.shape[:batch_dims] != indices.shape[:batch_dims]:
        raise ShapeError(
            f"the first {batch_dims} axes of indices are those of the tensor",
            expected=g.shape[:batch_dims],
            got=indices.shape,
        )
    if g.shape[axis : axis + picked] != indices.shape[batch_dims:]:
        raise ShapeError(
            "scatter_add takes one slice for each index",
            expected=indices.shape[batch_dims:],
            got=g.shape[axis : axis + picked],
        )
    return (*g.shape[:axis], size, *g.shape[axis + picked :]), g.dtype


def _scatter_add(
    indices: np.ndarray, g: np.ndarray, axis: int, batch_dims: int, size: int
) -> np.ndarray:
    _check_range(indices, size)
    shape, dtype = _scatter_shape(indices, g, axis, batch_dims, size)
    out = np.zeros(shape, dtype)
    if batch_dims and axis > batch_dims:
        picked = range(batch_dims, indices.ndim)
        g = np.moveaxis(g, [axis + i for i in range(len(picked))], picked)
    np.add.at(out, _locate(indices, axis, batch_dims), g)
    return out


scatter_add: Primitive = primitive(
    "scatter_add",
    shape=_scatter_shape,
    evaluate=_scatter_add,
    vjp=[
        None,
        lambda g, y, indices, x, axis, batch_dims, size: gather(
            g, indices, axis=axis, batch_dims=batch_dims
        ),
    ],
    samples=[
        sample(integers(2, 4, high=5), normal(2, 4, 3), axis=0, batch_dims=0, size=5),
        sample(integers(3, 4, high=5), normal(3, 4, 2), axis=1, batch_dims=1, size=5),
        sample(integers(3, 4, high=5), normal(3, 2, 4), axis=2, batch_dims=1, size=5),
    ],
    doc="""Zeros, with the slices of a tensor added at indices; `gather` backwards.

    `indices` is (*batch, *picked), the tensor (*batch, *before, *picked, *after); the
    result is (*batch, *before, size, *after).
    """,
)


def wrap_indices(indices: Any, size: int) -> Tensor:
    """Integer indices where negative ones count from the end."""
    indices = as_tensor(indices)
    if indices.dtype.kind not in "iu":
        raise DTypeError(
            "indices are integers", got=indices.dtype, fix='indices.astype("int64")'
        )
    if not indices.is_traced:  # known now: nothing to do in most cases
        known = indices.detach().numpy()
        _check_range(known, size, -size)  # before wrapping: as the user wrote it
        return (
            as_tensor(np.where(known < 0, known + size, known))
            if known.size and known.min() < 0
            else indices
        )
    if indices.dtype.kind == "u":
        return indices
    return where(indices < 0, indices + size, indices)


@located
def take(x: Any, indices: Any, axis: int | None = None) -> Tensor:
    """Slices along an axis (elements of the flat tensor without one), by index.

    Example:
        >>> take(Tensor([10, 20, 30]), [0, -1])
        Tensor([10 30], shape=(2,), dtype=int64)
    """
    x = as_tensor(x)
    if axis is None:
        x, axis = flatten(x), 0
    axis = normal_axis(axis, x.ndim)
    return gather(x, wrap_indices(indices, x.shape[axis]), axis=axis, batch_dims=0)


@located
def take_along_axis(x: Any, indices: Any, axis: int = -1) -> Tensor:
    """For each place of `indices`, the element of `x` whose index along `axis` is
    written there; both agree in all other axes.

    Example:
        >>> take_along_axis(Tensor([[1, 2], [3, 4]]), [[1], [0]], axis=1).tolist()
        [[2], [3]]
    """
    x = as_tensor(x)
    axis = normal_axis(axis, x.ndim)
    indices = wrap_indices(indices, x.shape[axis])
    others = [n for a, n in enumerate(x.shape) if a != axis]
    wide = list(others)
    wide.insert(axis, indices.shape[axis])
    indices = broadcast_to(indices, wide)
    found = gather(
        moveaxis(x, axis, -1),
        moveaxis(indices, axis, -1),
        axis=x.ndim - 1,
        batch_dims=x.ndim - 1,
    )
    return moveaxis(found, -1, axis)


@located
def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = "float32") -> Tensor:
    """1 at the index, 0 elsewhere, along a new axis of length `num_classes`.

    An index outside gives zeros only.

    Example:
        >>> one_hot([1, 0], 3).tolist()
        [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    x = as_tensor(x)
    if x.dtype.kind not in "iu":
        x = cast_to(x, dtypes.INT64)
    axis = normal_axis(axis, x.ndim + 1)
    num_classes = whole(num_classes, "num_classes")
    if num_classes > np.iinfo(x.dtype).max:
        x = cast_to(x, dtypes.INT64)
    shape = [num_classes if a == axis else 1 for a in range(x.ndim + 1)]
    classes = reshape(as_tensor(np.arange(num_classes, dtype=x.dtype)), shape)
    return cast_to(equal(expand_dims(x, axis), classes), dtypes.as_dtype(dtype))


@located
def scatter_update(x: Any, index: Any, value: Any) -> Tensor:
    """`x` with `x[index] = value`, as a new tensor. The index is known (not traced).

    Args:
        x: any tensor.
        index: what may stand between brackets; or, as in Keras, the coordinates of
            places as the rows of a table, (places, axes).
        value: for all these places. Where a place occurs twice, the sum.

    Example:
        >>> scatter_update(Tensor([1, 2, 3]), 1, 20)
        Tensor([ 1 20  3], shape=(3,), dtype=int64)
        >>> scatter_update(Tensor([1, 2, 3]), [[0], [2]], [10, 30])
        Tensor([10  2 30], shape=(3,), dtype=int64)
    """
    x = as_tensor(x)
    if isinstance(index, list | np.ndarray | Tensor) and as_tensor(index).ndim > 1:
        table = as_tensor(index)
        if table.dtype != bool:
            return _update_places(x, table, value)
    places = np.asarray(np.arange(x.size).reshape(x.shape)[index])
    if not places.size:
        return x
    mask = np.zeros(x.size, bool)
    mask[places.reshape(-1)] = True
    value = broadcast_to(as_tensor(value, x.dtype), places.shape)
    source = np.zeros(x.size, np.int64)
    source[places.reshape(-1)] = np.arange(places.size)
    spread = gather(flatten(value), as_tensor(source), axis=0, batch_dims=0)
    return where(mask.reshape(x.shape), reshape(spread, x.shape), x)


def _update_places(x: Tensor, table: Tensor, value: Any) -> Tensor:
    """`x` with values at the coordinates in the rows of a table."""
    axes = table.shape[-1]
    strides = [math.prod(x.shape[a + 1 : axes]) for a in range(axes)]
    flat = flatten((table * np.array(strides)).sum(-1))
    size = math.prod(x.shape[:axes])
    rows = broadcast_to(as_tensor(value, x.dtype), (*table.shape[:-1], *x.shape[axes:]))
    rows = reshape(rows, (flat.size, -1))
    added = scatter_add(flat, rows, axis=0, batch_dims=0, size=size)
    hits = broadcast_to(as_tensor(1), (flat.size,))
    hit = scatter_add(flat, hits, axis=0, batch_dims=0, size=size) > 0
    found = where(expand_dims(hit, 1), added, reshape(x, (size, -1)))
    return reshape(found, x.shape)
