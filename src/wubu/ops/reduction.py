"""Reductions: sum, max, argmax, cumulative sum, and what is composed of them.

`axis` is a number, several, or None for all; `keepdims` keeps reduced axes with length
1, so that the result broadcasts against its input.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.dtypes import float_dtype
from wubu.core.location import located
from wubu.core.primitive import Primitive, primitive
from wubu.core.samples import booleans, normal, sample, spread
from wubu.core.tensor import Shape, Tensor, as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.ops.comparison import equal, where
from wubu.ops.functions import absolute, exp, log, sqrt
from wubu.ops.movement import broadcast_to, flatten, flip, pad, reshape, slice_axis
from wubu.ops.prepare import cast_to, normal_axes, normal_axis

Axis = int | Sequence[int] | None


def _prepare_axis(x: Any, axis: Axis = None) -> tuple[list[Tensor], dict]:
    x = as_tensor(x)
    return [x], {"axis": normal_axes(axis, x.ndim)}


def _reduced(x: Any, axis: tuple[int, ...]) -> Shape:
    return tuple(n for a, n in enumerate(x.shape) if a not in axis)


def _restore(reduced: Tensor, shape: Shape, axis: tuple[int, ...]) -> Tensor:
    """A reduced tensor repeated along the axes it lost."""
    kept = [1 if a in axis else n for a, n in enumerate(shape)]
    return broadcast_to(reshape(reduced, kept), shape)


def _keep(reduced: Tensor, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    if not keepdims:
        return reduced
    axes = normal_axes(axis, x.ndim)
    return reshape(reduced, [1 if a in axes else n for a, n in enumerate(x.shape)])


def _sum(x: np.ndarray, axis: tuple[int, ...]) -> np.ndarray:
    # NumPy adds in the order of memory: rounding would depend on how x was made.
    x = x if x.flags.c_contiguous else x.copy()
    return np.sum(x, axis=axis, dtype=x.dtype)


sum_primitive = primitive(
    "sum",
    prepare=_prepare_axis,
    shape=lambda x, axis: (_reduced(x, axis), x.dtype),
    evaluate=_sum,
    vjp=[lambda g, y, x, axis: _restore(g, x.shape, axis)],
    samples=[sample(normal(2, 3, 4), axis=(0, 2)), sample(normal(3), axis=None)],
    doc="The sum over axes, in the dtype of x.",
)


@located
def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum over axes. Bools and integers are counted as int64.

    Example:
        >>> sum(Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1)
        Tensor([3. 7.], shape=(2,), dtype=float32)
    """
    x = _countable(as_tensor(x))
    return _keep(sum_primitive(x, axis=axis), x, axis, keepdims)


def _countable(x: Tensor) -> Tensor:
    """Integers and bools as int64: sums of small ones would soon overflow."""
    small = not dtypes.is_float(x.dtype) and x.dtype.itemsize < 8
    return cast_to(x, dtypes.INT64) if small else x


def _max_gradient(g: Tensor, y: Tensor, x: Tensor, axis: tuple[int, ...]) -> Tensor:
    chosen = cast_to(equal(x, _restore(y, x.shape, axis)), x.dtype)
    share = g / sum_primitive(chosen, axis=axis)
    return chosen * _restore(share, x.shape, axis)


def _max_shape(x: Any, axis: tuple[int, ...]) -> tuple[Shape, np.dtype]:
    if builtins.any(x.shape[a] == 0 for a in axis):
        raise ShapeError("nothing is the largest of no elements", got=x.shape)
    return _reduced(x, axis), x.dtype


max_primitive = primitive(
    "max",
    prepare=_prepare_axis,
    shape=_max_shape,
    evaluate=lambda x, axis: np.max(x, axis=axis),
    vjp=[_max_gradient],
    samples=[sample(spread(2, 3, 4), axis=(0, 2)), sample(spread(3), axis=None)],
    doc="The largest element over axes. Tied elements share the gradient evenly.",
)


@located
def max(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest element over axes; NaN if there is one. Tied elements share the
    gradient evenly.

    Raises:
        ShapeError: there are no elements to choose from.

    Example:
        >>> max(Tensor([[1, 5], [4, 2]]), axis=0)
        Tensor([4 5], shape=(2,), dtype=int64)
    """
    x = as_tensor(x)
    return _keep(max_primitive(x, axis=axis), x, axis, keepdims)


@located
def min(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest element over axes; NaN if there is one."""
    x = as_tensor(x)
    if not dtypes.is_float(x.dtype):  # -x would overflow for the smallest integer
        return ~max(~x, axis, keepdims)
    return -max(-x, axis, keepdims)


def _prepare_one_axis(x: Any, axis: int | None = None) -> tuple[list[Tensor], dict]:
    x = as_tensor(x)
    if axis is None:
        return [flatten(x)], {"axis": 0}
    return [x], {"axis": normal_axis(axis, x.ndim)}


def _argmax_shape(x: Any, axis: int) -> tuple[Shape, np.dtype]:
    return _max_shape(x, (axis,))[0], dtypes.INT64


argmax_primitive = primitive(
    "argmax",
    prepare=_prepare_one_axis,
    shape=_argmax_shape,
    evaluate=lambda x, axis: np.argmax(x, axis=axis),
    samples=[sample(normal(3, 4), axis=1), sample(booleans(4), axis=0)],
    doc="The place of the first largest element along an axis, as int64.",
)


@located
def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The place of the largest element along an axis (of the flat tensor without one),
    the first of several, as int64.

    Example:
        >>> argmax(Tensor([[1, 5], [4, 2]]), axis=1)
        Tensor([1 0], shape=(2,), dtype=int64)
    """
    x = as_tensor(x)
    return _keep(argmax_primitive(x, axis=axis), x, axis, keepdims)


@located
def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The place of the smallest element; see `argmax`."""
    x = as_tensor(x)
    return argmax(-x if dtypes.is_float(x.dtype) else ~x, axis, keepdims)


def _prepare_cumsum(x: Any, axis: int | None = None) -> tuple[list[Tensor], dict]:
    return _prepare_one_axis(_countable(as_tensor(x)), axis)


cumsum: Primitive = primitive(
    "cumsum",
    prepare=_prepare_cumsum,
    shape=lambda x, axis: (x.shape, x.dtype),
    evaluate=lambda x, axis: np.cumsum(x, axis=axis, dtype=x.dtype),
    vjp=[lambda g, y, x, axis: flip(cumsum(flip(g, axis), axis), axis)],
    samples=[sample(normal(2, 4), axis=1)],
    doc="Sums of the elements so far along an axis (of the flat tensor without one).",
)


@located
def any(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether any element is nonzero."""
    return max(as_tensor(x) != 0, axis, keepdims)


@located
def all(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether every element is nonzero."""
    return min(as_tensor(x) != 0, axis, keepdims)


def count_nonzero(x: Any, axis: Axis = None) -> Tensor:
    """How many elements are nonzero."""
    return sum(as_tensor(x) != 0, axis)


@located
def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean over axes. Integers become floats; float16 is added up in float32.

    Example:
        >>> mean(Tensor([[1, 2], [3, 4]]), axis=0)
        Tensor([2. 3.], shape=(2,), dtype=float32)
    """
    x = _as_float(x)
    if x.dtype == dtypes.FLOAT16:
        return cast_to(mean(cast_to(x, dtypes.FLOAT32), axis, keepdims), x.dtype)
    axes = normal_axes(axis, x.ndim)
    count = math.prod(x.shape[a] for a in axes)
    return sum(x, axis, keepdims) / count


@located
def var(x: Any, axis: Axis = None, keepdims: bool = False, ddof: int = 0) -> Tensor:
    """The variance over axes: sum of squared distances from the mean, over n - ddof.

    Example:
        >>> var(Tensor([1.0, 3.0])), var(Tensor([1.0, 3.0]), ddof=1)
        (Tensor(1., shape=(), dtype=float32), Tensor(2., shape=(), dtype=float32))
    """
    x = _as_float(x)
    if x.dtype == dtypes.FLOAT16:
        wide = var(cast_to(x, dtypes.FLOAT32), axis, keepdims, ddof)
        return cast_to(wide, x.dtype)
    axes = normal_axes(axis, x.ndim)
    count = math.prod(x.shape[a] for a in axes)
    distance = x - mean(x, axis, keepdims=True)
    return sum(distance * distance, axis, keepdims) / (count - ddof)


@located
def std(x: Any, axis: Axis = None, keepdims: bool = False, ddof: int = 0) -> Tensor:
    """The standard deviation over axes: the root of `var`. Its derivative where all
    elements are equal is 0."""
    return _root(var(x, axis, keepdims, ddof))


def moments(x: Any, axes: Axis, keepdims: bool = False) -> tuple[Tensor, Tensor]:
    """Mean and variance over axes."""
    return mean(x, axes, keepdims), var(x, axes, keepdims)


@located
def prod(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The product over axes. Its gradient is exact also where factors are zero.

    Example:
        >>> prod(Tensor([2, 3, 4]))
        Tensor(24, shape=(), dtype=int64)
    """
    x = _countable(as_tensor(x))
    axes = normal_axes(axis, x.ndim)
    kept = [a for a in range(x.ndim) if a not in axes]
    count = math.prod(x.shape[a] for a in axes)
    rows = reshape(x.transpose([*kept, *axes]), [x.shape[a] for a in kept] + [count])
    while rows.shape[-1] > 1:  # halves multiplied: exact, and log2(n) operations
        n = rows.shape[-1]
        widths = [(0, 0)] * (rows.ndim - 1) + [(0, n % 2)]
        rows = pad(rows, widths, constant_values=1) if n % 2 else rows
        half = (n + 1) // 2
        last = rows.ndim - 1
        rows = slice_axis(rows, last, 0, half) * slice_axis(rows, last, half, 2 * half)
    result = (
        sum(rows, -1) if count else broadcast_to(as_tensor(1, x.dtype), rows.shape[:-1])
    )
    return _keep(result, x, axis, keepdims)


@located
def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """log(sum(exp(x))) without overflow.

    Example:
        >>> logsumexp(Tensor([1000.0, 1000.0]))
        Tensor(1000.6932, shape=(), dtype=float32)
    """
    x = _as_float(x)
    largest = max(x, axis, keepdims=True).detach()
    # Infinite logits would give inf - inf; they are shifted by 0 instead.
    largest = where(absolute(largest) < np.inf, largest, 0.0)
    total = log(sum(exp(x - largest), axis, keepdims=True)) + largest
    return total if keepdims else reshape(total, _reduced(x, normal_axes(axis, x.ndim)))


@located
def norm(x: Any, ord: Any = 2, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The vector norm over axes: ord 1, 2 ("fro"), or infinity.

    The derivative of the 2-norm at 0 is 0.

    Raises:
        ArgumentError: another ord.

    Example:
        >>> norm(Tensor([3.0, 4.0]))
        Tensor(5., shape=(), dtype=float32)
    """
    x = _as_float(x)
    if ord in (1, "1"):
        return sum(absolute(x), axis, keepdims)
    if ord == np.inf:
        return max(absolute(x), axis, keepdims)
    if ord not in (2, "2", "fro"):
        raise ArgumentError("unknown norm", expected='1, 2, "fro" or inf', got=ord)
    return _root(sum(x * x, axis, keepdims))


def _root(x: Tensor) -> Tensor:
    """The square root, with derivative 0 at 0 instead of infinity."""
    zero = x == 0  # not x > 0: NaN stays NaN
    return where(zero, 0.0, sqrt(where(zero, 1.0, x)))


def _as_float(x: Any) -> Tensor:
    x = as_tensor(x)
    return cast_to(x, float_dtype(x.dtype))
