"""Comparisons, choice and conversion, elementwise."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.primitive import Primitive, primitive
from wubu.core.samples import booleans, integers, normal, sample
from wubu.core.tensor import Shape, Tensor, as_tensor
from wubu.errors import ShapeError
from wubu.ops.prepare import (
    cast_to,
    elementwise,
    same,
    same_bool,
    same_shapes,
    together,
)

equal = primitive(
    "equal",
    prepare=elementwise,
    shape=same_bool,
    evaluate=np.equal,
    samples=[sample(integers(9, high=3), integers(9, high=3))],
    doc="a == b, elementwise. NaN equals nothing.",
)

less = primitive(
    "less",
    prepare=elementwise,
    shape=same_bool,
    evaluate=np.less,
    samples=[
        sample(normal(2, 3), normal(2, 3)),
        sample(integers(9, high=3), integers(9, high=3)),
    ],
    doc="a < b, elementwise.",
)


def greater(a: Any, b: Any) -> Tensor:
    """a > b, elementwise."""
    return less(b, a)


def less_equal(a: Any, b: Any) -> Tensor:
    """a <= b, elementwise. False where either is NaN."""
    return less(a, b) | equal(a, b)


def greater_equal(a: Any, b: Any) -> Tensor:
    """a >= b, elementwise. False where either is NaN."""
    return less_equal(b, a)


def not_equal(a: Any, b: Any) -> Tensor:
    """a != b, elementwise. NaN differs from everything."""
    return ~equal(a, b)


def logical_not(x: Any) -> Tensor:
    """True where x is zero."""
    return equal(x, 0)


def _truth(x: Any) -> Tensor:
    x = as_tensor(x)
    return x if x.dtype == bool else not_equal(x, 0)


def logical_and(a: Any, b: Any) -> Tensor:
    """True where both a and b are nonzero."""
    return _truth(a) & _truth(b)


def logical_or(a: Any, b: Any) -> Tensor:
    """True where a or b is nonzero."""
    return _truth(a) | _truth(b)


def logical_xor(a: Any, b: Any) -> Tensor:
    """True where exactly one of a and b is nonzero."""
    return _truth(a) ^ _truth(b)


def isnan(x: Any) -> Tensor:
    """True where x is not a number."""
    x = as_tensor(x)
    return not_equal(x, x)


def isinf(x: Any) -> Tensor:
    """True where x is infinite."""
    x = as_tensor(x)
    return equal(x, np.inf) | equal(x, -np.inf) if dtypes.is_float(x.dtype) else x != x


def isfinite(x: Any) -> Tensor:
    """True where x is neither infinite nor NaN."""
    return ~(isnan(x) | isinf(x))


def _prepare_where(condition: Any, a: Any, b: Any) -> tuple[list[Tensor], dict]:
    a, b = together([a, b])
    return same_shapes([_truth(condition), a, b]), {}


def _where_shape(condition: Any, a: Any, b: Any) -> tuple[Shape, np.dtype]:
    if condition.dtype != dtypes.BOOL or condition.shape != a.shape:
        raise ShapeError("where takes a bool condition of its operands' shape")
    return same(a, b)


where: Primitive = primitive(
    "where",
    prepare=_prepare_where,
    shape=_where_shape,
    evaluate=np.where,
    vjp=[
        None,
        lambda g, y, condition, a, b: where(condition, g, 0),
        lambda g, y, condition, a, b: where(condition, 0, g),
    ],
    samples=[sample(booleans(2, 3), normal(2, 3), normal(2, 3))],
    doc="a where the condition holds, else b. A NaN that is not chosen does no harm.",
)


def _prepare_cast(x: Any, dtype: Any) -> tuple[list[Tensor], dict]:
    return [as_tensor(x)], {"dtype": dtypes.as_dtype(dtype)}


cast = primitive(
    "cast",
    prepare=_prepare_cast,
    shape=lambda x, dtype: (x.shape, dtype),
    evaluate=lambda x, dtype: x.astype(dtype, copy=False),
    vjp=[
        lambda g, y, x, dtype: cast_to(g, x.dtype) if dtypes.is_float(x.dtype) else None
    ],
    samples=[
        sample(normal(2, 3), dtype=dtypes.FLOAT64),
        sample(integers(4, high=9), dtype=dtypes.FLOAT32),
    ],
    doc="x in another dtype. Floats become integers by dropping their fraction.",
)
