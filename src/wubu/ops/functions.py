"""Mathematical functions of one variable, elementwise: exp, log, tanh ...

Integers become floats first. In the derivative rules `y` is the result, reused.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wubu.core.primitive import Primitive, primitive
from wubu.core.samples import normal, positive, sample, spread
from wubu.core.tensor import Tensor
from wubu.ops.comparison import equal, where
from wubu.ops.prepare import elementwise, elementwise_float, same

exp = primitive(
    "exp",
    prepare=elementwise_float,
    shape=same,
    evaluate=np.exp,
    vjp=[lambda g, y, x: g * y],
    samples=[sample(normal(2, 5))],
    doc="e to the power of x.",
)

expm1 = primitive(
    "expm1",
    prepare=elementwise_float,
    shape=same,
    evaluate=np.expm1,
    vjp=[lambda g, y, x: g * (y + 1)],
    samples=[sample(normal(2, 5))],
    doc="exp(x) - 1, exact for small x.",
)

log = primitive(
    "log",
    prepare=elementwise_float,
    shape=same,
    evaluate=np.log,
    vjp=[lambda g, y, x: g / x],
    samples=[sample(positive(2, 5))],
    doc="The natural logarithm. -inf at 0, NaN below.",
)

log1p = primitive(
    "log1p",
    prepare=elementwise_float,
    shape=same,
    evaluate=np.log1p,
    vjp=[lambda g, y, x: g / (1 + x)],
    samples=[sample(positive(2, 5))],
    doc="log(1 + x), exact for small x.",
)

sqrt = primitive(
    "sqrt",
    prepare=elementwise_float,
    shape=same,
    evaluate=np.sqrt,
    vjp=[lambda g, y, x: g / (2 * y)],
    samples=[sample(positive(2, 5))],
    doc="The square root. NaN below 0; its derivative at 0 is infinite.",
)

tanh = primitive(
    "tanh",
    prepare=elementwise_float,
    shape=same,
    evaluate=np.tanh,
    vjp=[lambda g, y, x: g * (1 - y * y)],
    samples=[sample(normal(2, 5))],
    doc="The hyperbolic tangent.",
)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    # exp only of what is not positive, so that nothing overflows.
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


sigmoid = primitive(
    "sigmoid",
    prepare=elementwise_float,
    shape=same,
    evaluate=_sigmoid,
    vjp=[lambda g, y, x: g * y * (1 - y)],
    samples=[sample(normal(2, 5))],
    doc="1 / (1 + exp(-x))",
)


def _erf(x: np.ndarray) -> np.ndarray:
    return _erf_series(x.astype(np.float64)).astype(x.dtype)


def _erf_series(x: np.ndarray) -> np.ndarray:
    """erf in float64 to about 1e-15: a power series near 0, a continued fraction of
    erfc beyond 2 (Abramowitz and Stegun, 7.1.6 and 7.1.14)."""
    a = np.minimum(np.abs(x), 6.0)  # erf(6) is 1 in float64
    near = np.minimum(a, 2.0)
    term = total = near * 1.0
    for n in range(1, 40):
        term = term * (2 * near * near / (2 * n + 1))
        total = total + term
    series = 2 / math.sqrt(math.pi) * np.exp(-near * near) * total
    far = np.maximum(a, 2.0)
    tail = np.zeros_like(far)
    for n in range(80, 0, -1):
        tail = (n / 2) / (far + tail)
    fraction = 1 - np.exp(-far * far) / math.sqrt(math.pi) / (far + tail)
    found = np.copysign(np.where(a < 2.0, series, fraction), x)
    return np.where(np.isnan(x), np.nan, found)


erf = primitive(
    "erf",
    prepare=elementwise_float,
    shape=same,
    evaluate=_erf,
    vjp=[lambda g, y, x: g * (2 / math.sqrt(math.pi)) * exp(-x * x)],
    samples=[sample(normal(2, 5))],
    doc="The error function: 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.",
)

sin: Primitive = primitive(
    "sin",
    prepare=elementwise_float,
    shape=same,
    evaluate=np.sin,
    vjp=[lambda g, y, x: g * cos(x)],
    samples=[sample(normal(2, 5))],
    doc="The sine of x in radians.",
)

cos: Primitive = primitive(
    "cos",
    prepare=elementwise_float,
    shape=same,
    evaluate=np.cos,
    vjp=[lambda g, y, x: -g * sin(x)],
    samples=[sample(normal(2, 5))],
    doc="The cosine of x in radians.",
)

sign = primitive(
    "sign",
    prepare=elementwise,
    shape=same,
    evaluate=lambda x: np.sign(x) if x.dtype.kind != "b" else x,
    vjp=[lambda g, y, x: None],
    samples=[sample(spread(2, 5))],
    doc="-1, 0 or 1, in the dtype of x. Its derivative is 0.",
)

absolute = primitive(
    "abs",
    prepare=elementwise,
    shape=same,
    evaluate=np.abs,
    vjp=[lambda g, y, x: g * sign(x)],
    samples=[sample(spread(2, 5))],
    doc="The absolute value. Its derivative at 0 is 0.",
)

floor = primitive(
    "floor",
    prepare=elementwise,
    shape=same,
    evaluate=lambda x: np.floor(x) if x.dtype.kind == "f" else x,
    vjp=[lambda g, y, x: None],
    samples=[sample(spread(2, 5))],
    doc="The largest integer not above x, in the dtype of x. Its derivative is 0.",
)

round = primitive(
    "round",
    prepare=elementwise,
    shape=same,
    evaluate=lambda x: np.rint(x) if x.dtype.kind == "f" else x,
    vjp=[lambda g, y, x: None],
    samples=[sample(spread(2, 5))],
    doc="The nearest integer, the even one at a tie. Its derivative is 0.",
)


def ceil(x: Any) -> Tensor:
    """The smallest integer not below x, in the dtype of x."""
    return -floor(-_tensor(x))


def square(x: Any) -> Tensor:
    """x * x"""
    x = _tensor(x)
    return x * x


def rsqrt(x: Any) -> Tensor:
    """1 / sqrt(x)"""
    return 1 / sqrt(x)


def reciprocal(x: Any) -> Tensor:
    """1 / x"""
    return 1 / _tensor(x)


def log2(x: Any) -> Tensor:
    """The logarithm to base 2."""
    return log(x) * (1 / math.log(2))


def log10(x: Any) -> Tensor:
    """The logarithm to base 10."""
    return log(x) * (1 / math.log(10))


def tan(x: Any) -> Tensor:
    """The tangent of x in radians."""
    return sin(x) / cos(x)


def sinh(x: Any) -> Tensor:
    """The hyperbolic sine."""
    x = _float(x)
    return (expm1(x) - expm1(-x)) / 2


def cosh(x: Any) -> Tensor:
    """The hyperbolic cosine."""
    x = _float(x)
    large = exp(where(x > 0, x, -x))
    return (large + 1 / large) / 2


def logaddexp(a: Any, b: Any) -> Tensor:
    """log(exp(a) + exp(b)) without overflow."""
    (a, b), _ = elementwise_float(a, b)
    # Equal infinities have no difference; any distance will do for them.
    distance = where(equal(a, b) & (absolute(a) == np.inf), 0.0, a - b)
    larger = distance > 0
    # Not -|distance|: this way the derivative at a tie is right.
    return where(larger, a, b) + log1p(exp(where(larger, -distance, distance)))


def clip(x: Any, x_min: Any = None, x_max: Any = None) -> Tensor:
    """x limited to [x_min, x_max]. The gradient is 0 outside and 1 inside and at the
    limits.

    Example:
        >>> clip(Tensor([-2.0, 0.5, 2.0]), 0.0, 1.0)
        Tensor([0.  0.5 1. ], shape=(3,), dtype=float32)
    """
    x = _tensor(x)
    # `where` and not maximum: a value at a limit keeps its whole gradient.
    if x_min is not None:
        x = where(x < x_min, x_min, x)
    if x_max is not None:
        x = where(x > x_max, x_max, x)
    return x


def _tensor(x: Any) -> Tensor:
    return elementwise(x)[0][0]


def _float(x: Any) -> Tensor:
    return elementwise_float(x)[0][0]


# M. Giles, "Approximating the erfinv function" (2010), single precision.
_ERFINV_CENTRE = (
    2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
    -0.00125372503, -0.00417768164, 0.246640727, 1.50140941,
)  # fmt: skip
_ERFINV_TAIL = (
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
    -0.0076224613, 0.00943887047, 1.00167406, 2.83297682,
)  # fmt: skip


def erfinv(x: Any) -> Tensor:
    """The inverse of `erf` on (-1, 1); infinite at the ends, NaN beyond.

    Exact to rounding in float32. In float64 to 1e-13, less within 1e-6 of the ends.

    Source: M. Giles, "Approximating the erfinv function" (2010).
    """
    given = _float(x)
    end = equal(absolute(given), 1)
    x = where(end, 0.0, given)
    w = -log((1.0 - x) * (1.0 + x))
    inner = w < 5.0
    v = where(inner, w - 2.5, sqrt(where(inner, 5.0, w)) - 3.0)
    p = where(inner, _ERFINV_CENTRE[0], _ERFINV_TAIL[0]).astype(x.dtype)
    for centre, tail in zip(_ERFINV_CENTRE[1:], _ERFINV_TAIL[1:], strict=True):
        p = p * v + where(inner, centre, tail).astype(x.dtype)
    y = p * x
    # One step of Newton's method makes it exact to rounding.
    slope = (2 / math.sqrt(math.pi)) * exp(-y * y)
    infinite = where(end, given, 0.0) * np.inf
    return where(end, infinite, y - (erf(y) - x) / slope)
