"""Sorting, and what rests on it: medians, quantiles, places in a sorted table.

Values that are known are ordered by NumPy. A compiled function sorts by a network
(Batcher, "Sorting networks and their applications", 1968): log2(n)**2 / 2 rounds in
which every element is compared with one other. It needs no kernel of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.ops.arithmetic import minimum
from wubu.ops.comparison import cast, equal, isnan, where
from wubu.ops.creation import zeros_like
from wubu.ops.functions import floor
from wubu.ops.joining import concatenate
from wubu.ops.movement import expand_dims, flatten, moveaxis, pad
from wubu.ops.prepare import cast_to, normal_axes, normal_axis
from wubu.ops.reduction import any, count_nonzero
from wubu.ops.selection import gather, take_along_axis


@located
def argsort(x: Any, axis: int | None = -1) -> Tensor:
    """The places of the elements in rising order; equal ones in the order they have.

    NaN comes last. Without an axis, the flat tensor is sorted.

    Example:
        >>> argsort([30, 10, 20]).tolist()
        [1, 2, 0]
    """
    x = as_tensor(x)
    if axis is None:
        x, axis = flatten(x), -1
    axis = normal_axis(axis, x.ndim)
    if not x.is_traced:
        return as_tensor(np.argsort(x.detach().numpy(), axis, kind="stable"))
    return moveaxis(_network(moveaxis(x, axis, -1)), -1, axis)


def _network(x: Tensor) -> Tensor:
    """The places of the elements of each row of x, in rising order."""
    n = x.shape[-1]
    width = 1 << (n - 1).bit_length() if n else 0
    last = x.ndim - 1
    filled = np.nan if x.dtype.kind == "f" else _highest(x.dtype)
    x = pad(x, [(0, 0)] * last + [(0, width - n)], constant_values=filled)
    places = as_tensor(np.arange(width)).broadcast_to(x.shape)
    block = 2
    while block <= width:
        step = block // 2
        while step:
            here = np.arange(width)
            there = as_tensor(here ^ step)
            falls = ((here & step) == 0) == ((here & block) == 0)
            other = gather(x, there, axis=last, batch_dims=0)
            places_there = gather(places, there, axis=last, batch_dims=0)
            changes = _after(x, places, other, places_there) == as_tensor(falls)
            x, places = where(changes, other, x), where(changes, places_there, places)
            step //= 2
        block *= 2
    return places[..., :n]


def _after(a: Tensor, i: Tensor, b: Tensor, j: Tensor) -> Tensor:
    """Whether element a, at place i, comes after b at j."""
    if a.dtype.kind != "f":
        return (a > b) | (equal(a, b) & (i > j))
    odd, even = isnan(a), isnan(b)
    tied = equal(a, b) | (odd & even)
    return (a > b) | (odd & ~even) | (tied & (i > j))


def _highest(dtype: np.dtype) -> Any:
    return True if dtype.kind == "b" else int(np.iinfo(dtype).max)


@located
def sort(x: Any, axis: int | None = -1) -> Tensor:
    """The elements in rising order along an axis; gradients flow to their places.

    Example:
        >>> sort([3.0, 1.0, 2.0])
        Tensor([1. 2. 3.], shape=(3,), dtype=float32)
    """
    x = as_tensor(x)
    if axis is None:
        x, axis = flatten(x), -1
    return take_along_axis(x, argsort(x, axis), axis)


@located
def quantile(
    x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """The value below which a share of the elements lies; NaN where one is NaN.

    Args:
        x: any tensor.
        q: the share in [0, 1]: a number, or several, whose axis then comes first.
        axis: one axis or several; None for all.
        method: between two elements "linear", "lower", "higher", "midpoint" or
            "nearest".
        keepdims: keeps reduced axes with length 1.

    Example:
        >>> quantile([1.0, 2.0, 4.0], [0.5, 0.75]).tolist()
        [2.0, 3.0]
    """
    x = cast_to(as_tensor(x), dtypes.float_dtype(as_tensor(x).dtype))
    shares = np.asarray(as_tensor(q, "float64").numpy())
    axes = normal_axes(axis, x.ndim)
    kept = [n for a, n in enumerate(x.shape) if a not in axes]
    rows = moveaxis(x, axes, range(x.ndim - len(axes), x.ndim)).reshape((*kept, -1))
    ordered = sort(rows)
    at = shares.reshape(-1) * (rows.shape[-1] - 1)
    low, weight = _between(at, method)
    high = np.minimum(low + 1, rows.shape[-1] - 1)
    first, second = ordered[..., low], ordered[..., high]
    found = first + (second - first) * weight.astype(x.dtype)
    found = where(expand_dims(any(isnan(rows), -1), -1), np.nan, found)
    found = moveaxis(found, -1, 0)
    if keepdims:
        found = expand_dims(found, [a + 1 for a in axes])
    return found.reshape((*shares.shape, *found.shape[1:]))


def _between(at: np.ndarray, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Which elements a place lies between: the lower one, and how far beyond it."""
    low = np.floor(at).astype(int)
    shares = {
        "linear": at - low,
        "lower": np.zeros_like(at),
        "higher": np.ceil(at) - low,
        "midpoint": np.where(at == low, 0.0, 0.5),
        "nearest": np.rint(at) - low,
    }
    if method not in shares:
        raise ArgumentError("unknown method", expected=", ".join(shares), got=method)
    return low, shares[method]


def percentile(
    x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """`quantile` with shares in percent."""
    return quantile(x, as_tensor(q, "float64") / 100, axis, method, keepdims)


def median(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The value in the middle; of two the mean."""
    return quantile(x, 0.5, axis, "linear", keepdims)


@located
def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Tensor:
    """Where values belong in a sorted vector, int64.

    Each round halves what is left: log2(n) comparisons for each value.

    Args:
        sorted_sequence: (n,), rising.
        values: any tensor.
        side: "left" of equal elements, or "right".

    Example:
        >>> searchsorted([1.0, 3.0, 5.0], [3.0, 9.0], side="right").tolist()
        [2, 3]
    """
    if side not in ("left", "right"):
        raise ArgumentError("unknown side", expected="left or right", got=side)
    table, values = as_tensor(sorted_sequence), as_tensor(values)
    n = table.shape[0]
    place = zeros_like(values, "int64")
    if not n:
        return place
    step = 1 << n.bit_length() - 1
    while step:
        probe = place + (step - 1)
        inside = minimum(probe, n - 1)
        found = gather(table, inside, axis=0, batch_dims=0)
        before = found <= values if side == "right" else found < values
        place = where(before & (probe < n), place + step, place)
        step //= 2
    return place


def digitize(x: Any, bins: Any) -> Tensor:
    """The number of the bin of each value: i where bins[i - 1] <= x < bins[i]."""
    return cast(searchsorted(bins, x, "right"), "int32")


@located
def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Which elements of `x1` are among those of `x2`, or are not if `invert`.

    `assume_unique` is taken as in Keras, and changes nothing.
    """
    x1, x2 = as_tensor(x1), flatten(as_tensor(x2))
    found = any(expand_dims(x1, -1) == x2, -1)
    return ~found if invert else found


@located
def histogram(x: Any, bins: int = 10, range: Any = None) -> tuple[Tensor, Tensor]:
    """How many elements lie in each of several bins of one width, and their edges.

    Args:
        x: any tensor.
        bins: how many.
        range: the lowest and the highest edge; those of x by default.
    """
    x = flatten(as_tensor(x))
    x = cast_to(x, dtypes.float_dtype(x.dtype))
    low, high = (x.min(), x.max()) if range is None else map(as_tensor, range)
    edges = low + (high - low) * as_tensor(np.arange(bins + 1) / bins, x.dtype)
    edges = concatenate([edges[:-1], expand_dims(as_tensor(high, x.dtype), 0)])
    number = minimum(searchsorted(edges, x, "right") - 1, bins - 1)
    inside = (x >= low) & (x <= high)
    counts = count_nonzero(
        (expand_dims(number, 0) == np.arange(bins)[:, None]) & inside, 1
    )
    return cast(counts, "int32"), edges


def argpartition(x: Any, kth: int, axis: int | None = -1) -> Tensor:
    """Places in an order in which the k-th is right and smaller ones come before it.

    They are sorted altogether.
    """
    return argsort(x, axis)


@located
def unravel_index(indices: Any, shape: Any) -> tuple[Tensor, ...]:
    """The coordinates of places in a flat tensor, one tensor for each axis.

    Example:
        >>> [i.tolist() for i in unravel_index([5, 2], (2, 3))]
        [[1, 0], [2, 2]]
    """
    rest = as_tensor(indices)
    found = []
    for n in reversed(tuple(shape)):
        found.append(rest % n)
        rest = floor(rest // n)
    return tuple(reversed(found))
