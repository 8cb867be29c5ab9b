"""NumPy-style indexing: integers, slices, None, Ellipsis, index arrays, bool masks.

An index becomes at most four operations: a strided slice, a flip for negative steps, a
reshape for axes that go or come, and a gather for index arrays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core.location import located, user_location
from wubu.core.tensor import Shape, Tensor, as_tensor
from wubu.errors import (
    ArgumentError,
    DTypeError,
    IndexOutOfRangeError,
    ShapeError,
    TraceError,
)
from wubu.ops.movement import flip, reshape, strided_slice, transpose
from wubu.ops.prepare import broadcast_shape
from wubu.ops.selection import check_range, gather, wrap_indices


@located
def getitem(x: Any, key: Any) -> Tensor:
    """`x[key]`, with NumPy's rules.

    Example:
        >>> x = Tensor([[1, 2, 3], [4, 5, 6]])
        >>> getitem(x, (0, [2, 1]))
        Tensor([3 2], shape=(2,), dtype=int64)
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
    return _gather_arrays(x, arrays, _are_apart(parts)) if arrays else x


def _are_apart(parts: Sequence[Any]) -> bool:
    """Whether a slice stands between index arrays. NumPy then puts the picked axes
    first; integers beside index arrays count as arrays here."""
    places = [i for i, p in enumerate(parts) if isinstance(p, int | Tensor)]
    return places[-1] - places[0] >= len(places)


def _expand(parts: tuple[Any, ...], x: Tensor) -> list[Any]:
    """One entry for each axis of x (and each None), plain types, masks as indices."""
    plain = [_plain(part) for part in parts]
    widths = [part.ndim if _is_mask(part) else part is not None for part in plain]
    dots = [i for i, part in enumerate(plain) if part is Ellipsis]
    if len(dots) > 1:
        raise ArgumentError("an index has at most one ellipsis")
    used = sum(widths) - len(dots)
    if used > x.ndim:
        raise IndexOutOfRangeError(
            "too many indices",
            expected=f"at most {x.ndim}, for shape {x.shape}",
            got=used,
        )
    at = dots[0] if dots else len(plain)
    plain[at : at + len(dots)] = [slice(None)] * (x.ndim - used)
    expanded: list[Any] = []
    axis = 0
    for part in plain:
        if _is_mask(part):
            expanded += _places(part, x.shape[axis : axis + part.ndim])
            axis += part.ndim
        else:
            expanded.append(part)
            axis += part is not None
    return expanded


def _is_mask(part: Any) -> bool:
    return isinstance(part, Tensor) and part.dtype == bool


def _places(mask: Tensor, shape: Shape) -> list[Tensor]:
    """The index arrays that pick what a mask picks."""
    if mask.is_traced:
        raise TraceError(
            "how many elements a mask picks is not known while tracing",
            where=user_location(),
            expected="operations whose shapes do not depend on values",
            got=f"x[mask] with a traced mask of shape {mask.shape}",
            fix="use wubu.ops.where(mask, x, 0), which keeps the shape",
        )
    if mask.shape != shape or not mask.ndim:
        raise IndexOutOfRangeError(
            "a mask has the shape of the axes it picks from",
            expected=shape,
            got=mask.shape,
        )
    return [Tensor(places) for places in np.nonzero(mask.numpy())]


def _plain(part: Any) -> Any:
    """None, Ellipsis, a slice, an int, or a tensor of integers or bools."""
    if part is None or part is Ellipsis or isinstance(part, slice):
        return part
    if isinstance(part, int | np.integer) and not isinstance(part, bool | np.bool_):
        return int(part)
    index = as_tensor(part)
    if index.dtype.kind == "f" and not index.size:  # an empty list
        return index.astype("int64")
    if index.dtype.kind not in "biu":
        raise DTypeError("indices are integers, slices or masks", got=index.dtype)
    if index.ndim == 0 and not index.is_traced and index.dtype != bool:
        return int(index.item())
    return index


def _single(index: int, n: int, axis: int) -> tuple[int, int, int]:
    if not -n <= index < n:
        raise IndexOutOfRangeError(
            f"index {index} is outside axis {axis}",
            expected=f"{-n} to {n - 1}" if n else "nothing, the axis is empty",
            got=index,
        )
    return (index % n, index % n + 1, 1)


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
    if len(arrays) == 1 and first == axes[0]:
        indices = wrap_indices(arrays[0][1], x.shape[axes[0]])
        return gather(x, indices, axis=axes[0], batch_dims=0)
    rest = [a for a in range(x.ndim) if a not in axes]
    order = [*rest[:first], *axes, *rest[first:]]
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
        check_range(wrapped, n)
        flat = flat * n + wrapped.astype("int64")
    x = reshape(x, (*x.shape[:first], math.prod(sizes), *x.shape[first + len(axes) :]))
    return gather(x, flat.broadcast_to(shape), axis=first, batch_dims=0)


@located
def setitem(x: Tensor, key: Any, value: Any) -> None:
    """`x[key] = value`, in memory. See `scatter_update` for a new tensor instead.

    Raises:
        StaleValueError: x, or the value, takes part in derivatives.
        TraceError: inside `jit`.
    """
    parts = key if isinstance(key, tuple) else (key,)
    plain = tuple(p.numpy() if isinstance(p, Tensor) else p for p in parts)
    x._write(plain, value)
