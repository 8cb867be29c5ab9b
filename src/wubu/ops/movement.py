"""Primitives that move values without computing: reshape, transpose, pad, slice ...

Each one's derivative is another of them. Read next: `joining.py`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core.location import located
from wubu.core.primitive import Primitive, primitive
from wubu.core.samples import normal, sample
from wubu.core.tensor import Shape, Tensor, as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.ops.prepare import (
    broadcast_shape,
    normal_axes,
    normal_axis,
    sizes,
    whole,
)

Spec = tuple[Shape, np.dtype]


# -- reshape --------------------------------------------------------------------------


def _prepare_reshape(x: Any, *lengths: Any, shape: Any = None) -> tuple[list, dict]:
    if shape is None:
        shape = lengths[0] if len(lengths) == 1 else lengths
    found = list(sizes(shape, lowest=-1))
    x = as_tensor(x)
    if found.count(-1) == 1:
        rest = -math.prod(found)
        if rest > 0:
            found[found.index(-1)] = x.size // rest
    return [x], {"shape": tuple(found)}


def _reshape_shape(x: Any, shape: Shape) -> Spec:
    if min(shape, default=0) < 0 or int(np.prod(shape)) != int(np.prod(x.shape)):
        raise ShapeError(
            "reshape keeps the number of elements",
            expected=f"{int(np.prod(x.shape))} elements, as in {x.shape}",
            got=f"{shape}",
            fix="let one axis be -1 and it is worked out",
        )
    return shape, x.dtype


reshape: Primitive = primitive(
    "reshape",
    prepare=_prepare_reshape,
    shape=_reshape_shape,
    evaluate=lambda x, shape: x.reshape(shape),
    vjp=[lambda g, y, x, shape: reshape(g, x.shape)],
    samples=[sample(normal(2, 6), shape=(3, 4)), sample(normal(1, 1), shape=())],
    doc="The same elements in another shape; one axis may be -1.",
)


@located
def expand_dims(x: Any, axis: int | Sequence[int]) -> Tensor:
    """Inserts axes of length 1 at these places of the result."""
    x = as_tensor(x)
    given = tuple(axis) if np.iterable(axis) else (axis,)
    axes = normal_axes(given, x.ndim + len(given))
    shape = list(x.shape)
    for place in axes:
        shape.insert(place, 1)
    return reshape(x, shape)


@located
def squeeze(x: Any, axis: int | Sequence[int] | None = None) -> Tensor:
    """Removes axes of length 1: all of them, or those named."""
    x = as_tensor(x)
    if axis is None:
        return reshape(x, [n for n in x.shape if n != 1])
    axes = normal_axes(axis, x.ndim)
    if any(x.shape[a] != 1 for a in axes):
        raise ShapeError("squeeze removes axes of length 1", got=f"{x.shape}, {axis}")
    return reshape(x, [n for a, n in enumerate(x.shape) if a not in axes])


@located
def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Joins the axes from `start_dim` to `end_dim` into one."""
    x = as_tensor(x)
    if not x.ndim:
        return reshape(x, (1,))
    first, last = normal_axis(start_dim, x.ndim), normal_axis(end_dim, x.ndim)
    joined = int(np.prod(x.shape[first : last + 1]))
    return reshape(x, (*x.shape[:first], joined, *x.shape[last + 1 :]))


# -- transpose ------------------------------------------------------------------------


def _prepare_transpose(x: Any, *order: Any, axes: Any = None) -> tuple[list, dict]:
    x = as_tensor(x)
    if axes is None:
        axes = order[0] if len(order) == 1 else order or None
    if axes is None:
        axes = range(x.ndim)[::-1]
    axes = axes if np.iterable(axes) else (axes,)
    return [x], {"axes": tuple(normal_axis(a, x.ndim) for a in axes)}


def _transpose_shape(x: Any, axes: tuple[int, ...]) -> Spec:
    if sorted(axes) != list(range(len(x.shape))):
        raise ShapeError(
            "transpose names every axis once",
            expected=f"a permutation of {tuple(range(len(x.shape)))}",
            got=axes,
        )
    return tuple(x.shape[a] for a in axes), x.dtype


transpose: Primitive = primitive(
    "transpose",
    prepare=_prepare_transpose,
    shape=_transpose_shape,
    evaluate=lambda x, axes: x.transpose(axes),
    vjp=[lambda g, y, x, axes: transpose(g, [axes.index(a) for a in range(x.ndim)])],
    samples=[sample(normal(2, 3, 4), axes=(2, 0, 1))],
    doc="Axes in another order; reversed when none is given.",
)


@located
def swapaxes(x: Any, axis1: int, axis2: int) -> Tensor:
    """Exchanges two axes."""
    x = as_tensor(x)
    axes = list(range(x.ndim))
    a, b = normal_axis(axis1, x.ndim), normal_axis(axis2, x.ndim)
    axes[a], axes[b] = b, a
    return transpose(x, axes)


@located
def moveaxis(x: Any, source: Any, destination: Any) -> Tensor:
    """Moves axes to other places; the rest keep their order."""
    x = as_tensor(x)
    pairs = (
        ((source,), (destination,))
        if isinstance(source, int)
        else (source, destination)
    )
    sources, places = ([normal_axis(a, x.ndim) for a in part] for part in pairs)
    order = [a for a in range(x.ndim) if a not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return transpose(x, order)


# -- broadcast_to ---------------------------------------------------------------------


def _prepare_broadcast(x: Any, shape: Any) -> tuple[list[Tensor], dict]:
    return [as_tensor(x)], {"shape": sizes(shape)}


def _broadcast_shape(x: Any, shape: Shape) -> Spec:
    if len(shape) < len(x.shape) or broadcast_shape([x.shape, shape]) != shape:
        raise ShapeError("cannot broadcast", expected=shape, got=x.shape)
    return shape, x.dtype


def _sum_to(g: Tensor, shape: Shape) -> Tensor:
    """Sums what broadcasting from `shape` repeated."""
    new = g.ndim - len(shape)
    axes = [a for a in range(g.ndim) if a < new or shape[a - new] != g.shape[a]]
    return reshape(g.sum(axis=axes), shape)


broadcast_to = primitive(
    "broadcast_to",
    prepare=_prepare_broadcast,
    shape=_broadcast_shape,
    evaluate=lambda x, shape: np.broadcast_to(x, shape),
    fold=False,
    vjp=[lambda g, y, x, shape: _sum_to(g, x.shape)],
    samples=[sample(normal(3, 1), shape=(2, 3, 4)), sample(normal(), shape=(2,))],
    doc="Repeats axes of length 1, and adds axes in front, to reach a shape.",
)


# -- pad and slice --------------------------------------------------------------------

Padding = tuple[tuple[int, int, int], ...]


def _pad_shape(x: Any, value: Any, padding: Padding) -> Spec:
    if len(padding) != len(x.shape) or any(n < 0 for part in padding for n in part):
        raise ShapeError(
            "pad takes (before, after, between) of at least 0 for every axis",
            got=padding,
        )
    if value.shape != () or value.dtype != x.dtype:
        raise ShapeError("pad takes one value, of the dtype of what it pads")
    sizes = [
        before + after + n + between * max(n - 1, 0)
        for n, (before, after, between) in zip(x.shape, padding, strict=True)
    ]
    return tuple(sizes), x.dtype


def _pad_window(padding: Padding, shape: Shape) -> tuple[slice, ...]:
    """Where the original elements lie in the padded array."""
    return tuple(
        slice(
            before, before + (n - 1) * (between + 1) + 1 if n else before, between + 1
        )
        for n, (before, _, between) in zip(shape, padding, strict=True)
    )


def _pad(x: np.ndarray, value: np.ndarray, padding: Padding) -> np.ndarray:
    (shape, dtype) = _pad_shape(x, value, padding)
    out = np.full(shape, value, dtype)
    out[_pad_window(padding, x.shape)] = x
    return out


def _unpad(g: Tensor, padding: Padding, shape: Shape) -> Tensor:
    window = _pad_window(padding, shape)
    bounds = tuple((s.start, s.stop, s.step) for s in window)
    return strided_slice(g, bounds=bounds)


pad_primitive = primitive(
    "pad",
    shape=_pad_shape,
    evaluate=_pad,
    vjp=[
        lambda g, y, x, value, padding: _unpad(g, padding, x.shape),
        lambda g, y, x, value, padding: g.sum() - _unpad(g, padding, x.shape).sum(),
    ],
    samples=[
        sample(normal(2, 3), normal(), padding=((1, 0, 0), (0, 2, 1))),
        sample(normal(3), normal(), padding=((0, 0, 2),)),
    ],
    doc="Puts a value before, after and between the elements of every axis.",
)


@located
def pad(
    x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0
) -> Tensor:
    """Pads axes with a constant.

    Args:
        x: any tensor.
        pad_width: one `(before, after)` for all axes, or one for each.
        mode: "constant" is the only one.
        constant_values: what to put there.

    Example:
        >>> pad(Tensor([1, 2]), (1, 2))
        Tensor([0 1 2 0 0], shape=(5,), dtype=int64)
    """
    if mode != "constant":
        raise ArgumentError("pad knows one mode", expected='"constant"', got=mode)
    x = as_tensor(x)
    try:
        pairs = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2)).tolist()
        if not all(isinstance(n, int) for pair in pairs for n in pair):
            raise ValueError(pad_width)
    except ValueError:
        raise ShapeError(
            "pad takes one (before, after), or one for each axis",
            expected=f"{x.ndim} pairs for shape {x.shape}",
            got=pad_width,
        ) from None
    padding = tuple((int(before), int(after), 0) for before, after in pairs)
    return pad_primitive(x, as_tensor(constant_values, x.dtype), padding=padding)


Bounds = tuple[tuple[int, int, int], ...]


def _slice_shape(x: Any, bounds: Bounds) -> Spec:
    if len(bounds) != len(x.shape):
        raise ShapeError("slice has bounds for every axis", got=bounds)
    for n, (start, stop, step) in zip(x.shape, bounds, strict=True):
        if not (0 <= start <= stop <= n and step >= 1):
            raise ShapeError("slice bounds lie outside", expected=x.shape, got=bounds)
    return tuple(-(-(stop - start) // step) for start, stop, step in bounds), x.dtype


def _unslice(g: Tensor, bounds: Bounds, shape: Shape) -> Tensor:
    padding = []
    for size, n, (start, _, step) in zip(shape, g.shape, bounds, strict=True):
        covered = start + (n - 1) * step + 1 if n else start
        padding.append((start, size - covered, step - 1))
    return pad_primitive(g, as_tensor(0, g.dtype), padding=tuple(padding))


strided_slice = primitive(
    "slice",
    shape=_slice_shape,
    evaluate=lambda x, bounds: x[tuple(slice(*bound) for bound in bounds)],
    vjp=[lambda g, y, x, bounds: _unslice(g, bounds, x.shape)],
    samples=[
        sample(normal(4, 5), bounds=((1, 3, 1), (0, 5, 2))),
        sample(normal(6), bounds=((1, 6, 3),)),
    ],
    doc="Elements from start (0 or more) up to stop, every step-th (1 or more).",
)


def _prepare_flip(x: Any, axis: Any = None) -> tuple[list[Tensor], dict]:
    x = as_tensor(x)
    return [x], {"axis": normal_axes(axis, x.ndim)}


flip: Primitive = primitive(
    "flip",
    prepare=_prepare_flip,
    shape=lambda x, axis: (x.shape, x.dtype),
    evaluate=lambda x, axis: np.flip(x, axis),
    vjp=[lambda g, y, x, axis: flip(g, axis)],
    samples=[sample(normal(2, 3), axis=(1,))],
    doc="Elements in reverse order along axes; along all of them by default.",
)


def slice_axis(x: Tensor, axis: int, start: int, stop: int) -> Tensor:
    """`x[:, ..., start:stop]` along one axis."""
    bounds = [(0, n, 1) for n in x.shape]
    bounds[axis] = (start, stop, 1)
    return strided_slice(x, bounds=tuple(bounds))


@located
def split(
    x: Any, indices_or_sections: int | Sequence[int], axis: int = 0
) -> list[Tensor]:
    """Cuts an axis into equal sections (a number) or at indices (a list).

    Raises:
        ArgumentError: sections that are not equal, or indices out of order.
    """
    x = as_tensor(x)
    axis = normal_axis(axis, x.ndim)
    n = x.shape[axis]
    if not np.iterable(indices_or_sections):
        indices_or_sections = whole(indices_or_sections, "a number of sections")
        if indices_or_sections < 1 or n % indices_or_sections:
            raise ArgumentError(
                "split makes equal sections",
                expected=f"a divisor of {n}",
                got=indices_or_sections,
            )
        cuts = list(range(0, n + 1, n // indices_or_sections))
    else:
        cuts = [0, *sizes(indices_or_sections, "a list of indices"), n]
        if cuts != sorted(cuts):
            raise ArgumentError(
                "split cuts at indices in order",
                expected=f"ascending numbers from 0 to {n}",
                got=list(indices_or_sections),
            )
    return [slice_axis(x, axis, a, b) for a, b in itertools.pairwise(cuts)]


@located
def unstack(x: Any, axis: int = 0) -> list[Tensor]:
    """The slices along an axis, without it."""
    x = as_tensor(x)
    axis = normal_axis(axis, x.ndim)
    return [squeeze(part, axis) for part in split(x, x.shape[axis], axis)]
