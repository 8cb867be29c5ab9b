"""Pooling: the largest, or the sum, of every window, and their transposes.

Tensors are `(batch, *spatial, channels)` in the primitives. Padding never wins a
maximum and is not counted in an average.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core.dtypes import float_dtype
from wubu.core.location import located
from wubu.core.primitive import Primitive, primitive
from wubu.core.samples import normal, sample, spread
from wubu.core.tensor import Shape, Tensor, as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.ops.convolution import is_channels_first
from wubu.ops.movement import moveaxis
from wubu.ops.prepare import cast_to
from wubu.ops.windows import (
    Windows,
    pad_spatial,
    per_axis,
    resolve_padding,
    unpad_spatial,
)

Spec = tuple[Shape, np.dtype]


def _windows(p: dict) -> Windows:
    return Windows(p["size"], p["strides"], p["padding"], (1,) * len(p["size"]))


def _pool_shape(x: Any, *others: Any, **p: Any) -> Spec:
    """(batch, *spatial, channels) -> (batch, *windows, channels)"""
    if len(x.shape) != len(p["size"]) + 2:
        raise ShapeError(
            "pooling takes (batch, *spatial, channels)",
            expected=f"{len(p['size']) + 2} axes",
            got=x.shape,
        )
    count = _windows(p).counts(x.shape[1:-1])
    return (x.shape[0], *count, x.shape[-1]), x.dtype


def _unpool_shape(g: Any, x: Any, **p: Any) -> Spec:
    return _sum_unpool_shape(g, x.shape, **p)


def _sum_unpool_shape(g: Any, shape: Shape, **p: Any) -> Spec:
    count = _windows(p).counts(shape[1:-1])
    expected = (shape[0], *count, shape[-1])
    if g.shape != expected:
        raise ShapeError(
            "a gradient of pooling has the shape of its result",
            expected=expected,
            got=g.shape,
        )
    return shape, g.dtype


def _pick_shape(v: Any, x: Any, **p: Any) -> Spec:
    if v.shape != x.shape:
        raise ShapeError("max_pick takes one shape", expected=x.shape, got=v.shape)
    return _pool_shape(x, **p)[0], v.dtype


def _lowest(dtype: np.dtype) -> float:
    if dtype.kind in "fb":
        return -np.inf if dtype.kind == "f" else False
    return np.iinfo(dtype).min


def _largest_place(x: np.ndarray, p: dict) -> np.ndarray:
    """The number of the first place in each window that holds its maximum."""
    windows = _windows(p)
    count = windows.counts(x.shape[1:-1])
    padded = pad_spatial(x, windows.padding, _lowest(x.dtype))
    best: Any = None
    chosen: Any = None
    for i, (_, offset) in enumerate(windows.offsets()):
        part = padded[(slice(None), *windows.slices(offset, count))]
        if best is None:
            best, chosen = part.copy(), np.zeros(part.shape, np.int64)
            continue
        # NaN wins and stays, as in every reduction.
        better = (part > best) | (np.isnan(part) & ~np.isnan(best))
        np.copyto(best, part, where=better)
        chosen[better] = i
    return chosen


def _max_pool(x: np.ndarray, **p: Any) -> np.ndarray:
    windows = _windows(p)
    count = windows.counts(x.shape[1:-1])
    padded = pad_spatial(x, windows.padding, _lowest(x.dtype))
    parts = (
        padded[(slice(None), *windows.slices(offset, count))]
        for _, offset in windows.offsets()
    )
    best = next(parts).copy()
    for part in parts:
        np.maximum(best, part, out=best)
    return best


def _max_unpool(g: np.ndarray, x: np.ndarray, **p: Any) -> np.ndarray:
    windows = _windows(p)
    chosen = _largest_place(x, p)
    padded = pad_spatial(np.zeros_like(x, dtype=g.dtype), windows.padding)
    for i, (_, offset) in enumerate(windows.offsets()):
        target = (slice(None), *windows.slices(offset, chosen.shape[1:-1]))
        padded[target] += np.where(chosen == i, g, 0)
    return unpad_spatial(padded, windows.padding)


def _max_pick(v: np.ndarray, x: np.ndarray, **p: Any) -> np.ndarray:
    windows = _windows(p)
    chosen = _largest_place(x, p)
    padded = pad_spatial(v, windows.padding)
    out = np.zeros(chosen.shape, v.dtype)
    for i, (_, offset) in enumerate(windows.offsets()):
        part = padded[(slice(None), *windows.slices(offset, chosen.shape[1:-1]))]
        out += np.where(chosen == i, part, 0)
    return out


_MAX_SAMPLES = {"size": (2, 2), "strides": (2, 1), "padding": ((0, 1), (1, 0))}

max_pool_primitive = primitive(
    "max_pool",
    shape=_pool_shape,
    evaluate=_max_pool,
    vjp=[lambda g, y, x, **p: max_unpool(g, x, **p)],
    samples=[sample(spread(2, 3, 4, 2), **_MAX_SAMPLES)],
    doc="The largest element of every window. The first of several takes the gradient.",
)

max_unpool: Primitive = primitive(
    "max_unpool",
    shape=_unpool_shape,
    evaluate=_max_unpool,
    vjp=[lambda g, y, v, x, **p: max_pick(g, x, **p), None],
    samples=[sample(normal(2, 2, 4, 2), spread(2, 3, 4, 2), **_MAX_SAMPLES)],
    doc="The gradient of `max_pool`: each value goes where its window's maximum was.",
)

max_pick: Primitive = primitive(
    "max_pick",
    shape=_pick_shape,
    evaluate=_max_pick,
    vjp=[lambda g, y, v, x, **p: max_unpool(g, x, **p), None],
    samples=[sample(normal(2, 3, 4, 2), spread(2, 3, 4, 2), **_MAX_SAMPLES)],
    doc="From each window of `v`, the element where the same window of `x` is largest.",
)


def _sum_pool(x: np.ndarray, **p: Any) -> np.ndarray:
    windows = _windows(p)
    count = windows.counts(x.shape[1:-1])
    padded = pad_spatial(x, windows.padding)
    out = np.zeros((x.shape[0], *count, x.shape[-1]), x.dtype)
    for _, offset in windows.offsets():
        out += padded[(slice(None), *windows.slices(offset, count))]
    return out


def _sum_unpool(g: np.ndarray, shape: Shape, **p: Any) -> np.ndarray:
    windows = _windows(p)
    padded = pad_spatial(np.zeros(shape, g.dtype), windows.padding)
    for _, offset in windows.offsets():
        padded[(slice(None), *windows.slices(offset, g.shape[1:-1]))] += g
    return unpad_spatial(padded, windows.padding)


sum_pool = primitive(
    "sum_pool",
    shape=_pool_shape,
    evaluate=_sum_pool,
    vjp=[lambda g, y, x, **p: sum_unpool(g, shape=x.shape, **p)],
    samples=[sample(normal(2, 3, 4, 2), **_MAX_SAMPLES)],
    doc="The sum of every window.",
)

sum_unpool: Primitive = primitive(
    "sum_unpool",
    shape=_sum_unpool_shape,
    evaluate=_sum_unpool,
    vjp=[lambda g, y, x, shape, **p: sum_pool(g, **p)],
    samples=[sample(normal(2, 2, 4, 2), shape=(2, 3, 4, 2), **_MAX_SAMPLES)],
    doc="The gradient of `sum_pool`: each value goes to every element of its window.",
)


def _arrange(
    x: Tensor, pool_size: Any, strides: Any, padding: Any, data_format: str | None
) -> tuple[Tensor, dict, bool]:
    first = is_channels_first(data_format)
    x = moveaxis(x, 1, -1) if first else x
    n = x.ndim - 2
    if n < 1:
        raise ShapeError("pooling needs a spatial axis", got=x.shape)
    size = per_axis(pool_size, n, "pool_size")
    steps = size if strides is None else per_axis(strides, n, "strides")
    pairs = resolve_padding(padding, x.shape[1:-1], size, steps, (1,) * n)
    if any(max(pair) >= k for pair, k in zip(pairs, size, strict=True)):
        raise ArgumentError(
            "padding as wide as the window makes windows of padding only",
            expected=f"less than pool_size, {size}",
            got=pairs,
        )
    return x, {"size": size, "strides": steps, "padding": pairs}, first


@located
def max_pool(
    inputs: Any,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str | Sequence[Sequence[int]] = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The largest element of every window, for one, two or three spatial axes.

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial).
        pool_size: the window, one number or one for each spatial axis.
        strides: step of the window; the window's size by default.
        padding: "valid", "same", or (before, after) for each spatial axis.
        data_format: "channels_last" (default) or "channels_first".

    Raises:
        ArgumentError: padding as wide as the window.
        ShapeError: the window is larger than the input.

    Example:
        >>> from wubu.ops import arange
        >>> max_pool(arange(4.0).reshape(1, 4, 1), 2).tolist()
        [[[1.0], [3.0]]]
    """
    x, params, first = _arrange(
        as_tensor(inputs), pool_size, strides, padding, data_format
    )
    y = max_pool_primitive(x, **params)
    return moveaxis(y, -1, 1) if first else y


@located
def average_pool(
    inputs: Any,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str | Sequence[Sequence[int]] = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The mean of every window, padding left out. Arguments as of `max_pool`."""
    x = as_tensor(inputs)
    x = cast_to(x, float_dtype(x.dtype))
    x, params, first = _arrange(x, pool_size, strides, padding, data_format)
    total = sum_pool(x, **params)
    counts = _sum_pool(np.ones((1, *x.shape[1:-1], 1), x.dtype), **params)
    full = np.prod(params["size"])
    y = total / (float(full) if (counts == full).all() else as_tensor(counts))
    return moveaxis(y, -1, 1) if first else y
