"""How arguments become tensors that fit a primitive exactly.

Primitives are strict: elementwise ones take tensors of one shape and one dtype. What a
caller may write is wider (numbers, mixed dtypes, shapes that broadcast), and is made to
fit here, with `cast` and `broadcast_to` as operations of their own.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.primitive import get_primitive
from wubu.core.tensor import Shape, Tensor, as_tensor
from wubu.errors import ArgumentError, DTypeError, ShapeError


def cast_to(x: Tensor, dtype: np.dtype) -> Tensor:
    """`x` in this dtype; itself if it has it already."""
    return x if x.dtype == dtype else get_primitive("cast")(x, dtype=dtype)


def broadcast(x: Tensor, shape: Shape) -> Tensor:
    """`x` in this shape; itself if it has it already."""
    return x if x.shape == shape else get_primitive("broadcast_to")(x, shape=shape)


def common_dtype(values: Sequence[Any]) -> np.dtype:
    """The dtype tensors promote to; Python numbers among them adapt."""
    fixed = [_dtype_of(v) for v in values if not isinstance(v, bool | int | float)]
    numbers = [v for v in values if isinstance(v, bool | int | float)]
    if fixed:
        found = fixed[0]
        for dtype in fixed[1:]:
            found = dtypes.promote(found, dtype)
    else:
        found = dtypes.default_dtype(numbers[0])
    for number in numbers:
        found = dtypes.adapt(number, found)
    return found


def _dtype_of(value: Any) -> np.dtype:
    return value.dtype if isinstance(value, Tensor) else as_tensor(value).dtype


def together(values: Sequence[Any]) -> list[Tensor]:
    """Tensors of one dtype and one shape, as NumPy would broadcast them."""
    dtype = common_dtype(values)
    # Straight from what was given: 0.1 as float64 is not what it is as float32.
    tensors = [as_tensor(v, dtype) for v in values]
    return same_shapes(tensors)


def same_shapes(tensors: Sequence[Tensor]) -> list[Tensor]:
    first = tensors[0].shape
    if all(tensor.shape == first for tensor in tensors):
        return list(tensors)
    shape = broadcast_shape([tensor.shape for tensor in tensors])
    return [broadcast(tensor, shape) for tensor in tensors]


def broadcast_shape(shapes: Sequence[Shape]) -> Shape:
    """The shape several shapes broadcast to.

    Example:
        >>> broadcast_shape([(3, 1), (4,)])
        (3, 4)
    """
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise ShapeError(
            "these shapes do not broadcast",
            expected="axes that are equal or 1, counted from the last",
            got=" and ".join(str(shape) for shape in shapes),
            fix="reshape or transpose one of them",
        ) from None


# -- prepare functions of primitives --------------------------------------------------


def elementwise(*values: Any) -> tuple[list[Tensor], dict]:
    return together(values), {}


def elementwise_float(*values: Any) -> tuple[list[Tensor], dict]:
    """Like `elementwise`; integers and bools become floats."""
    tensors = together(values)
    return [cast_to(t, dtypes.float_dtype(t.dtype)) for t in tensors], {}


def elementwise_integer(*values: Any) -> tuple[list[Tensor], dict]:
    tensors = together(values)
    if dtypes.is_float(tensors[0].dtype):
        raise DTypeError(
            "bitwise operations are for integers and bools",
            got=tensors[0].dtype,
            fix="compare first, as in (x > 0) & (x < 1)",
        )
    return tensors, {}


# -- shape rules ----------------------------------------------------------------------


def same(x: Any, *others: Any) -> tuple[Shape, np.dtype]:
    """(*s), (*s) ... -> (*s)"""
    for other in others:
        if other.shape != x.shape or other.dtype != x.dtype:
            raise ShapeError(
                "an elementwise primitive takes one shape and one dtype",
                got=f"{x.dtype}{list(x.shape)} and {other.dtype}{list(other.shape)}",
            )
    return x.shape, x.dtype


def same_bool(x: Any, *others: Any) -> tuple[Shape, np.dtype]:
    """(*s), (*s) -> bool (*s)"""
    return same(x, *others)[0], dtypes.BOOL


# -- sizes and axes -------------------------------------------------------------------


def whole(number: Any, what: str) -> int:
    """`number` as a Python integer; `what` it is, for the error."""
    try:
        return operator.index(number)
    except TypeError:
        raise ArgumentError(
            f"{what} is an integer",
            got=f"{number!r:.60}, a {type(number).__name__}",
        ) from None


def sizes(shape: Any, what: str = "a shape", lowest: int = 0) -> tuple[int, ...]:
    """A shape as a tuple of integers; a single number is one axis."""
    given = tuple(shape) if np.iterable(shape) else (shape,)
    found = tuple([whole(n, f"each number of {what}") for n in given])
    if min(found, default=0) < lowest:
        raise ArgumentError(
            f"{what} holds numbers of at least {lowest}", got=f"{found}"
        )
    return found


def normal_axis(axis: int, ndim: int) -> int:
    """`axis` counted from the front."""
    if not isinstance(axis, int | np.integer) or isinstance(axis, bool):
        raise ArgumentError("an axis is an integer", got=repr(axis))
    if not -ndim <= axis < ndim:
        raise ArgumentError(
            f"there is no axis {axis}",
            expected=f"{-ndim} to {ndim - 1}" if ndim else "a tensor with axes",
            got=f"axis {axis} of a tensor with {ndim} axes",
        )
    return int(axis) % ndim


def normal_axes(axis: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    """Sorted axes counted from the front; None means all of them."""
    if axis is None:
        return tuple(range(ndim))
    given = tuple(axis) if np.iterable(axis) else (axis,)
    axes = tuple(sorted(normal_axis(a, ndim) for a in given))
    if len(set(axes)) != len(axes):
        raise ArgumentError("an axis is named twice", got=repr(axis))
    return axes
