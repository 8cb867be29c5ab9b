"""Sums and products with conditions: past NaN, by segments, along the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.ops import reduction
from wubu.ops.comparison import equal, isnan, where
from wubu.ops.functions import sqrt
from wubu.ops.movement import expand_dims, flatten, moveaxis
from wubu.ops.prepare import cast_to, normal_axis
from wubu.ops.scan import scan
from wubu.ops.selection import scatter_add

Axis = reduction.Axis


@located
def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Products of all elements so far along an axis (of the flat tensor without one).

    Example:
        >>> cumprod([1, 2, 3]).tolist()
        [1, 2, 6]
    """
    x = as_tensor(x, dtype)
    if axis is None:
        x, axis = flatten(x), 0
    rows = moveaxis(x, axis, 0)
    if not rows.shape[0]:
        return x
    _, found = scan(lambda c, v: (c * v, c * v), rows[0] * 0 + 1, rows)
    return moveaxis(found, 0, axis)


def ptp(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest element less the smallest."""
    return reduction.max(x, axis, keepdims) - reduction.min(x, axis, keepdims)


def _filled(x: Any, value: Any) -> tuple[Tensor, Tensor]:
    """x with a value in the place of NaN, and where it was."""
    x = as_tensor(x)
    if x.dtype.kind != "f":
        return x, as_tensor(np.zeros(x.shape, bool))
    odd = isnan(x)
    return where(odd, value, x), odd


def nansum(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum of what is not NaN."""
    return reduction.sum(_filled(x, 0)[0], axis, keepdims)


def nanprod(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The product of what is not NaN."""
    return reduction.prod(_filled(x, 1)[0], axis, keepdims)


def nancumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Sums of all elements so far, NaN counted as 0."""
    return reduction.cumsum(cast_to(_filled(x, 0)[0], _dtype(x, dtype)), axis)


def nancumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Products of all elements so far, NaN counted as 1."""
    return cumprod(_filled(x, 1)[0], axis, _dtype(x, dtype))


def _dtype(x: Any, dtype: Any) -> Any:
    return as_tensor(x).dtype if dtype is None else np.dtype(dtype)


@located
def nanmean(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean of what is not NaN; NaN where nothing is.

    Example:
        >>> nanmean([1.0, float("nan"), 3.0])
        Tensor(2., shape=(), dtype=float32)
    """
    filled, odd = _filled(x, 0)
    count = reduction.sum((~odd).astype("float32"), axis, keepdims)
    return reduction.sum(filled, axis, keepdims) / count.astype(filled.dtype)


@located
def nanvar(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The variance of what is not NaN."""
    filled, odd = _filled(x, 0)
    apart = where(odd, 0, filled - nanmean(x, axis, keepdims=True))
    count = reduction.sum((~odd).astype(apart.dtype), axis, keepdims)
    return reduction.sum(apart * apart, axis, keepdims) / count


def nanstd(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The standard deviation of what is not NaN."""
    return sqrt(nanvar(x, axis, keepdims))


def _extreme(
    x: Any, axis: Axis, keepdims: bool, beyond: float, function: Callable[..., Tensor]
) -> Tensor:
    filled, odd = _filled(x, beyond)
    if filled.dtype.kind != "f":
        return function(filled, axis, keepdims)
    found = function(filled, axis, keepdims)
    return where(reduction.all(odd, axis, keepdims), np.nan, found)


@located
def nanmax(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest of what is not NaN."""
    return _extreme(x, axis, keepdims, -np.inf, reduction.max)


@located
def nanmin(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest of what is not NaN."""
    return _extreme(x, axis, keepdims, np.inf, reduction.min)


@located
def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the largest is that is not NaN; -1 where all are."""
    filled, odd = _filled(x, -np.inf)
    found = reduction.argmax(filled, axis, keepdims)
    return where(reduction.all(odd, axis, keepdims), -1, found)


@located
def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the smallest is that is not NaN; -1 where all are."""
    filled, odd = _filled(x, np.inf)
    found = reduction.argmin(filled, axis, keepdims)
    return where(reduction.all(odd, axis, keepdims), -1, found)


# -- by segments ----------------------------------------------------------------------


@located
def segment_sum(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Sums of the slices of each segment.

    Args:
        data: (n, ...).
        segment_ids: (n,), the number of the segment of each slice. Slices whose number
            is below 0 or beyond the last count nowhere.
        num_segments: how many there are; where it is None, the largest number tells.
        sorted: taken as in Keras; changes nothing.

    Example:
        >>> segment_sum([1, 2, 4], [0, 1, 0]).tolist()
        [5, 2]
    """
    data, ids, count = _segments(data, segment_ids, num_segments)
    return scatter_add(ids, data, axis=0, batch_dims=0, size=count + 1)[:count]


def _segments(data: Any, ids: Any, count: int | None) -> tuple[Tensor, Tensor, int]:
    """Data, the places of its slices, those without one at the end, and the number."""
    data, ids = as_tensor(data), as_tensor(ids)
    if count is None:
        known = ids.numpy()  # says so where it is traced
        count = int(known.max(initial=-1)) + 1
    return data, where((ids < 0) | (ids >= count), count, ids), count


def segment_max(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """The largest elements of the slices of each segment; -infinity where none is."""
    return _segment_extreme(data, segment_ids, num_segments, reduction.max)


def segment_min(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """The smallest elements of the slices of each segment; infinity where none is."""
    return _segment_extreme(data, segment_ids, num_segments, reduction.min)


@located
def _segment_extreme(
    data: Any, segment_ids: Any, num_segments: int | None, function: Any
) -> Tensor:
    data, ids, count = _segments(data, segment_ids, num_segments)
    beyond: Any = -np.inf if function is reduction.max else np.inf
    if data.dtype.kind != "f":
        ends = np.iinfo(data.dtype)
        beyond = int(ends.min if function is reduction.max else ends.max)
    own = equal(expand_dims(ids, 0), np.arange(count)[:, None])
    own = own.reshape((count, data.shape[0], *[1] * (data.ndim - 1)))
    return function(where(own, expand_dims(data, 0), beyond), 1)


@located
def bincount(
    x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False
) -> Tensor:
    """How often each number occurs, from 0 on; or the sum of its weights.

    Args:
        x: whole numbers, (n,) or (rows, n). In a compiled function none may reach
            `minlength`: there it alone tells how long the result is.
        weights: of each, in the shape of x.
        minlength: of the result, at least.
        sparse: not supported.

    Example:
        >>> bincount([1, 3, 1]).tolist()
        [0, 2, 0, 1]
    """
    if sparse:
        raise ArgumentError("there are no sparse tensors", fix="sparse=False")
    x = as_tensor(x)
    count = minlength
    if not x.is_traced:
        count = max(count, int(x.numpy().max(initial=-1)) + 1)
    if weights is None:
        counted = as_tensor(np.ones((), "int32")).broadcast_to(x.shape)
    else:
        counted = as_tensor(weights).broadcast_to(x.shape)
    batch = normal_axis(-1, x.ndim)
    return scatter_add(x, counted, axis=batch, batch_dims=batch, size=count)
