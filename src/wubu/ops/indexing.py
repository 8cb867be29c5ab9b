"""NumPy-style indexing: integers, slices, None, Ellipsis, index arrays, bool masks.

An index becomes at most four operations: a strided slice, a flip for negative steps, a
reshape for axes that go or come, and a gather for index arrays.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, DTypeError, ShapeError, TraceError
from wubu.ops.movement import flip, reshape, strided_slice, transpose
from wubu.ops.prepare import broadcast_shape
from wubu.ops.selection import gather, wrap_indices


def getitem(x: Any, key: Any) -> Tensor:
    """`x[key]`, with NumPy's rules.

    Example:
        >>> x = Tensor([[1, 2, 3], [4, 5, 6]])
        >>> getitem(x, (0, slice(None, None, -1)))
        Tensor([3 2 1], shape=(3,), dtype=int64)
        >>> getitem(x, (..., [0, 2]))
        Tensor([[1 3]
                [4 6]],
               shape=(2, 2), dtype=int64)
    """
    x = as_tensor(x)
    parts = _expand(key if isinstance(key, tuple) else (key,), x)
    bounds, flips, arrays, shape = [], [], [], []
    axis = 0
    for part in parts:
        if part is None:
            shape.append(1)
            continue
        n = x.shape[axis]
        if isinstance(part, slice):
            bound, flipped = _bounds(part, n)
            if flipped:
                flips.append(axis)
            shape.append(-(-(bound[1] - bound[0]) // bound[2]))
        elif isinstance(part, int):
            bound = _single(part, n, axis)
        else:
            bound = (0, n, 1)
            arrays.append((len(shape), part))
            shape.append(n)
        bounds.append(bound)
        axis += 1
    if any(bound != (0, n, 1) for bound, n in zip(bounds, x.shape, strict=True)):
        x = strided_slice(x, bounds=tuple(bounds))
    x = flip(x, flips) if flips else x
    x = x if x.shape == tuple(shape) else reshape(x, shape)
    if not arrays:
        return x
    separated = any(
        b - a > 1 for (a, _), (b, _) in zip(arrays, arrays[1:], strict=False)
    )
    return _gather_arrays(x, arrays, to_front=separated)


def _expand(parts: tuple[Any, ...], x: Tensor) -> list[Any]:
    """One entry for each axis of x (and each None), plain types, masks as indices."""
    plain: list[Any] = []
    for part in parts:
        plain += _plain(part)
    used = sum(part is not None and part is not Ellipsis for part in plain)
    if used > x.ndim:
        raise ArgumentError(
            "too many indices",
            expected=f"at most {x.ndim}, for shape {x.shape}",
            got=used,
        )
    if sum(part is Ellipsis for part in plain) > 1:
        raise ArgumentError("an index has at most one ellipsis")
    fill = [slice(None)] * (x.ndim - used)
    if not any(part is Ellipsis for part in plain):
        return plain + fill
    at = next(i for i, part in enumerate(plain) if part is Ellipsis)
    return plain[:at] + fill + plain[at + 1 :]


def _plain(part: Any) -> list[Any]:
    if part is None or part is Ellipsis or isinstance(part, slice):
        return [part]
    if isinstance(part, int | np.integer) and not isinstance(part, bool | np.bool_):
        return [int(part)]
    index = as_tensor(part)
    if index.dtype == bool:
        if index.is_traced:
            raise TraceError(
                "how many elements a mask picks is not known while tracing",
                fix="use wubu.ops.where(mask, x, 0), which keeps the shape",
            )
        return [Tensor(places) for places in np.nonzero(index.numpy())]
    if index.dtype.kind not in "iu":
        raise DTypeError("indices are integers, slices or masks", got=index.dtype)
    if index.ndim == 0 and not index.is_traced:
        return [int(index.item())]
    return [index]


def _single(index: int, n: int, axis: int) -> tuple[int, int, int]:
    if not -n <= index < n:
        # IndexError too: iteration over a tensor ends by it.
        raise _OutOfRange(
            f"index {index} is outside axis {axis}",
            expected=f"{-n} to {n - 1}" if n else "nothing, the axis is empty",
            got=index,
        )
    return (index % n, index % n + 1, 1)


class _OutOfRange(ArgumentError, IndexError):
    """Also an IndexError, by which Python's own protocols recognise it."""


def _bounds(part: slice, n: int) -> tuple[tuple[int, int, int], bool]:
    """(start, stop, step) with a positive step, and whether to flip afterwards."""
    start, stop, step = part.indices(n)
    count = len(range(start, stop, step))
    if not count:
        return (0, 0, 1), False
    if step > 0:
        return (start, start + (count - 1) * step + 1, step), False
    last = start + (count - 1) * step
    return (last, start + 1, -step), True


def _gather_arrays(
    x: Tensor, arrays: list[tuple[int, Tensor]], to_front: bool
) -> Tensor:
    """Picks with index arrays; several of them are joined to one flat index."""
    axes = [axis for axis, _ in arrays]
    first = 0 if to_front else axes[0]
    if len(arrays) == 1:
        indices = wrap_indices(arrays[0][1], x.shape[axes[0]])
        return gather(x, indices, axis=axes[0], batch_dims=0)
    rest = [a for a in range(x.ndim) if a not in axes]
    order = [a for a in rest if a < first] + axes + [a for a in rest if a >= first]
    x = transpose(x, order) if order != list(range(x.ndim)) else x
    sizes = x.shape[first : first + len(axes)]
    try:
        shape = broadcast_shape([index.shape for _, index in arrays])
    except ShapeError as error:
        error.what = "index arrays that do not broadcast against each other"
        raise
    flat: Any = 0
    for (_, index), n in zip(arrays, sizes, strict=True):
        wrapped = wrap_indices(index, n)
        if not wrapped.is_traced and wrapped.size and int(wrapped.numpy().max()) >= n:
            raise ArgumentError("an index lies outside its axis", expected=f"below {n}")
        flat = flat * n + wrapped.astype("int64")
    x = reshape(x, (*x.shape[:first], math.prod(sizes), *x.shape[first + len(axes) :]))
    return gather(x, flat.broadcast_to(shape), axis=first, batch_dims=0)


def setitem(x: Tensor, key: Any, value: Any) -> None:
    """`x[key] = value`, in memory. See `scatter_update` for a new tensor instead."""
    parts = key if isinstance(key, tuple) else (key,)
    plain = tuple(p.numpy() if isinstance(p, Tensor) else p for p in parts)
    x._write(plain, value)
