"""Movement of lazy values: the same elements, found at other indices."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from wubu.executors.native.code.emitter import Emitter, Index
from wubu.executors.native.planning.lazy import (
    Known,
    Lazy,
    Moved,
    Place,
    Shape,
    View,
    row_major,
)


def transpose(x: Lazy, axes: Sequence[int]) -> Lazy:
    shape = tuple(x.shape[a] for a in axes)
    if isinstance(x, View):
        return x.with_strides(shape, tuple(x.strides[a] for a in axes), x.offset)
    if isinstance(x, Moved) and x.axes is not None:  # turned twice is turned once
        axes = [x.axes[a] for a in axes]
        x = x.source
    inverse = [list(axes).index(i) for i in range(len(axes))]
    if inverse == list(range(len(axes))):
        return x
    found = Moved(x, shape, lambda e, p: tuple(p[i] for i in inverse))
    found.axes = tuple(axes)
    return found


def broadcast(x: Lazy, shape: Shape, places: Sequence[int]) -> Lazy:
    """Axis i of x becomes axis places[i]; axes of length 1 are repeated."""
    if isinstance(x, Known):
        return Known(shape, x.dtype, x.register)
    if isinstance(x, View):
        strides = [0] * len(shape)
        for i, place in enumerate(places):
            strides[place] = x.strides[i] if x.shape[i] == shape[place] else 0
        return x.with_strides(shape, tuple(strides), x.offset)
    fixed = [x.shape[i] == 1 and shape[place] != 1 for i, place in enumerate(places)]

    def move(e: Emitter, p: Place) -> Place:
        return tuple(
            0 if one else p[place] for one, place in zip(fixed, places, strict=True)
        )

    return Moved(x, shape, move)


def strided_slice(x: Lazy, bounds: Sequence[tuple[int, int, int]]) -> Lazy:
    shape = tuple(-(-(stop - start) // step) for start, stop, step in bounds)
    if isinstance(x, View):
        return view_slice(x, bounds)

    def move(e: Emitter, p: Place) -> Place:
        pairs = zip(p, bounds, strict=True)
        return tuple(e.plus(e.times(i, b[2]), b[0]) for i, b in pairs)

    return Moved(x, shape, move)


def view_slice(x: View, bounds: Sequence[tuple[int, int, int]]) -> View:
    """The same for what is in memory."""
    shape = tuple(-(-(stop - start) // step) for start, stop, step in bounds)
    strides = tuple(s * b[2] for s, b in zip(x.strides, bounds, strict=True))
    offset = sum(s * b[0] for s, b in zip(x.strides, bounds, strict=True))
    return x.with_strides(shape, strides, x.offset + offset)


def flip(x: Lazy, axes: Sequence[int]) -> Lazy:
    if isinstance(x, View):
        strides = tuple(-s if a in axes else s for a, s in enumerate(x.strides))
        offset = sum((x.shape[a] - 1) * x.strides[a] for a in axes)
        return x.with_strides(x.shape, strides, x.offset + offset)

    def move(e: Emitter, p: Place) -> Place:
        return tuple(
            e.plus(x.shape[a] - 1, e.times(i, -1)) if a in axes else i
            for a, i in enumerate(p)
        )

    return Moved(x, x.shape, move)


def reshape(x: Lazy, shape: Shape) -> Lazy | None:
    """x in another shape, or None if that needs x in memory without gaps."""
    if shape == x.shape:
        return x
    if isinstance(x, Known):
        return Known(shape, x.dtype, x.register)
    if isinstance(x, View):
        strides = _reshaped_strides(x, shape)
        return None if strides is None else x.with_strides(shape, strides, x.offset)
    old = [n for n in x.shape if n != 1]
    if old != [n for n in shape if n != 1]:
        return None
    kept_old = [i for i, n in enumerate(x.shape) if n != 1]
    kept_new = [i for i, n in enumerate(shape) if n != 1]

    def move(e: Emitter, p: Place) -> Place:
        found: list[Index] = [0] * len(x.shape)
        for i, j in zip(kept_old, kept_new, strict=True):
            found[i] = p[j]
        return tuple(found)

    return Moved(x, shape, move)


def _reshaped_strides(x: View, shape: Shape) -> tuple[int, ...] | None:
    """NumPy's rule: a view exists if each group of axes that is regrouped lies in
    memory     without gaps."""
    if 0 in shape or 0 in x.shape:
        return row_major(shape)
    old = [(n, s) for n, s in zip(x.shape, x.strides, strict=True) if n != 1]
    strides = [0] * len(shape)
    i, j = 0, 0
    while i < len(old) or j < len(shape):
        if j < len(shape) and shape[j] == 1:
            j += 1
            continue
        if i >= len(old):
            return None
        left, first_i, right, first_j = old[i][0], i, shape[j], j
        while left != right:
            if left < right:
                i += 1
                left *= old[i][0]
            else:
                j += 1
                right *= shape[j]
        group = old[first_i : i + 1]
        for (_, s), (n, inner) in itertools.pairwise(group):
            if s != n * inner:
                return None
        stride = group[-1][1]
        for k in range(j, first_j - 1, -1):
            strides[k] = stride
            stride *= shape[k]
        i, j = i + 1, j + 1
    return tuple(strides)
