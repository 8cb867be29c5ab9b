"""Arithmetic primitives: + - * / ** // and relatives, elementwise.

Each is a public function: operands broadcast and dtypes promote (`prepare.py`). In the
derivative rules `g` is the gradient of the result `y`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.dtypes import adapt
from wubu.core.primitive import primitive
from wubu.core.samples import booleans, integers, normal, positive, sample, spread
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.ops.comparison import where
from wubu.ops.functions import log, sqrt
from wubu.ops.prepare import (
    cast_to,
    elementwise,
    elementwise_float,
    elementwise_integer,
    same,
)


def _nothing(g: Tensor, y: Tensor, *inputs: Tensor) -> None:
    """The rule of functions that are constant almost everywhere."""


identity = primitive(
    "identity",
    shape=same,
    evaluate=lambda x: x,
    vjp=[lambda g, y, x: g],
    samples=[sample(normal(2, 3))],
    doc="The same tensor under a new history; graphs leave it out.",
)

stop = primitive(
    "stop_gradient",
    shape=same,
    evaluate=lambda x: x,
    samples=[sample(normal(2, 3))],
    doc="The same tensor, through which no gradient flows: only bodies of `scan` need "
    "it, which are differentiated after they are traced.",
)

add = primitive(
    "add",
    prepare=elementwise,
    shape=same,
    evaluate=np.add,
    vjp=[lambda g, y, a, b: g, lambda g, y, a, b: g],
    samples=[sample(normal(2, 3), normal(2, 3))],
    doc="a + b",
)

subtract = primitive(
    "sub",
    prepare=elementwise,
    shape=same,
    evaluate=lambda a, b: a ^ b if a.dtype == bool else np.subtract(a, b),
    vjp=[lambda g, y, a, b: g, lambda g, y, a, b: -g],
    samples=[sample(normal(2, 3), normal(2, 3))],
    doc="a - b",
)

multiply = primitive(
    "mul",
    prepare=elementwise,
    shape=same,
    evaluate=np.multiply,
    vjp=[lambda g, y, a, b: g * b, lambda g, y, a, b: g * a],
    samples=[sample(normal(2, 3), normal(2, 3))],
    doc="a * b",
)

divide = primitive(
    "div",
    prepare=elementwise_float,
    shape=same,
    evaluate=np.divide,
    vjp=[lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b],
    samples=[sample(normal(2, 3), positive(2, 3))],
    doc="a / b; integers become floats first.",
)

negative = primitive(
    "neg",
    prepare=elementwise,
    shape=same,
    evaluate=lambda x: np.negative(x) if x.dtype != bool else x,
    vjp=[lambda g, y, x: -g],
    samples=[sample(normal(2, 3))],
    doc="-x",
)


def _power_exponent_rule(g: Tensor, y: Tensor, a: Tensor, b: Tensor) -> Tensor:
    # d(a**b)/db = a**b log a; 0 where a <= 0, where no real derivative exists.
    safe = where(a > 0, a, 1.0)
    return g * y * where(a > 0, log(safe), 0.0)


def _power_base_rule(g: Tensor, y: Tensor, a: Tensor, b: Tensor) -> Tensor:
    # d(a**b)/da = b a**(b-1); exactly 0 for b = 0, also at a = 0.
    return g * where(b == 0, 0.0, b * power_primitive(a, where(b == 0, 1.0, b - 1)))


def _pow(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if a.dtype.kind == "i" and b.size and b.min() < 0:
        raise ArgumentError(
            "an integer to the power of a negative one is no integer",
            got=f"an exponent of {b.min()}",
            fix='convert the base: x.astype("float32")',
        )
    return np.power(a, b)


power_primitive = primitive(
    "pow",
    prepare=elementwise,
    shape=same,
    evaluate=_pow,
    vjp=[_power_base_rule, _power_exponent_rule],
    samples=[sample(positive(2, 3), normal(2, 3))],
    doc="a ** b, elementwise.",
)


def power(a: Any, b: Any) -> Tensor:
    """`a ** b`. Small constant exponents become products, roots and quotients.

    Example:
        >>> power(Tensor([2.0, 3.0]), 3)
        Tensor([ 8. 27.], shape=(2,), dtype=float32)
    """
    if isinstance(b, int | float) and isinstance(a, Tensor):
        a = cast_to(a, adapt(b, a.dtype))
        if b == 2:
            return multiply(a, a)
        if b == 1:
            return multiply(a, 1)
        if b == 3:
            return multiply(multiply(a, a), a)
        if b == 0.5:
            return sqrt(a)
        if b < 0:
            return divide(1, power(a, -b))
    return power_primitive(a, b)


maximum = primitive(
    "maximum",
    prepare=elementwise,
    shape=same,
    evaluate=np.maximum,
    vjp=[
        lambda g, y, a, b: g * _larger(a, b),
        lambda g, y, a, b: g * _larger(b, a),
    ],
    samples=[sample(spread(2, 3), spread(2, 3, shift=0.03))],
    doc="The larger of a and b; NaN if either is. Tied, each gets half the gradient.",
)

minimum = primitive(
    "minimum",
    prepare=elementwise,
    shape=same,
    evaluate=np.minimum,
    vjp=[
        lambda g, y, a, b: g * _larger(b, a),
        lambda g, y, a, b: g * _larger(a, b),
    ],
    samples=[sample(spread(2, 3), spread(2, 3, shift=0.03))],
    doc="The smaller of a and b; NaN if either is. Tied, each gets half the gradient.",
)


def _larger(a: Tensor, b: Tensor) -> Tensor:
    """1 where a > b, 1/2 where a = b, else 0."""
    half = where(a == b, 0.5, 0.0).astype(a.dtype)
    return where(a > b, 1.0, half)


floor_divide = primitive(
    "floor_divide",
    prepare=elementwise,
    shape=same,
    evaluate=np.floor_divide,
    vjp=[_nothing, _nothing],
    samples=[
        sample(normal(2, 3), positive(2, 3)),
        sample(integers(4, high=9), integers(4, low=1, high=5)),
    ],
    doc="The largest integer not above a / b, in the operands' dtype.",
)


def mod(a: Any, b: Any) -> Tensor:
    """The remainder of `a // b`, with the sign of `b`, as Python's `%`.

    Example:
        >>> mod(Tensor([7, -7]), 3)
        Tensor([1 2], shape=(2,), dtype=int64)
    """
    a, b = elementwise(a, b)[0]
    quotient = floor_divide(a, b)
    rest = subtract(a, multiply(quotient, b))
    return where(quotient == 0, a, rest)  # b may be infinite


bitwise_and = primitive(
    "bitwise_and",
    prepare=elementwise_integer,
    shape=same,
    evaluate=np.bitwise_and,
    samples=[
        sample(integers(4, high=9), integers(4, high=9)),
        sample(booleans(4), booleans(4)),
    ],
    doc="a & b, for integers and bools.",
)

bitwise_or = primitive(
    "bitwise_or",
    prepare=elementwise_integer,
    shape=same,
    evaluate=np.bitwise_or,
    samples=[
        sample(integers(4, high=9), integers(4, high=9)),
        sample(booleans(4), booleans(4)),
    ],
    doc="a | b, for integers and bools.",
)

bitwise_xor = primitive(
    "bitwise_xor",
    prepare=elementwise_integer,
    shape=same,
    evaluate=np.bitwise_xor,
    samples=[
        sample(integers(4, high=9), integers(4, high=9)),
        sample(booleans(4), booleans(4)),
    ],
    doc="a ^ b, for integers and bools.",
)


def bitwise_not(x: Any) -> Tensor:
    """`~x`: every bit of an integer, or a bool, inverted."""
    (x,), _ = elementwise_integer(x)
    return bitwise_xor(x, np.invert(np.zeros((), x.dtype)))


def left_shift(a: Any, b: Any) -> Tensor:
    """`a << b`: the bits of an integer moved up, in the operands' dtype.

    Example:
        >>> left_shift(Tensor([1, 3]), 2)
        Tensor([ 4 12], shape=(2,), dtype=int64)
    """
    (a, b), _ = elementwise_integer(a, b)
    return multiply(a, power_primitive(np.asarray(2, a.dtype), b))


def right_shift(a: Any, b: Any) -> Tensor:
    """`a >> b`: the bits of an integer moved down; the sign stays.

    Example:
        >>> right_shift(Tensor([12, -3]), 1)
        Tensor([ 6 -2], shape=(2,), dtype=int64)
    """
    (a, b), _ = elementwise_integer(a, b)
    half = floor_divide(b, 2)  # 2**b itself may not fit the dtype, its root does
    for part in (half, subtract(b, half)):
        a = floor_divide(a, power_primitive(np.asarray(2, a.dtype), part))
    return a
