"""exp, expm1, tanh and sigmoid, all from one reduction and one polynomial.

x = n log 2 + r with |r| <= log(2) / 2, so exp(x) = 2**n exp(r). The reduction is that
of Cody and Waite ("Software Manual for the Elementary Functions", 1980) with fused
multiply-adds: the first difference is exact. n comes from adding 1.5 * 2**mantissa,
after which the low bits of the sum are n as an integer, ready to become an exponent.

The polynomials are minimax approximations of (exp(r) - 1 - r) / r**2 by Remez' exchange
in 50 digits, the error weighted by |r|. In float32 the coefficients were rounded one by
one from the lowest, the others fitted again each time; in float64 simply rounded. The
error relative to expm1 is 2**-26 in float32 and 2**-55 in float64.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from wubu.executors.native.code.mathematics.double import Sum, quotient, sum_of
from wubu.executors.native.code.mathematics.value import Value, fma, polynomial, select

LOG2_E = 1 / math.log(2)

LN2 = {  # in two parts, each of the dtype's precision
    "float32": (0.6931471824645996, -1.9046542121259336e-09),
    "float64": (0.6931471805599453, 2.3190468138462996e-17),
}

COEFFICIENTS = {
    "float32": (0.5, 0.16666538, 0.041666612, 0.008367298, 0.0013917041),
    "float64": (
        0.5000000000000006, 0.16666666666666688, 0.041666666666571435,
        0.008333333333314149, 0.0013888888933143901, 0.00019841269904081283,
        2.480150347699206e-05, 2.7557226941004108e-06, 2.7626728925567397e-07,
        2.511481470030429e-08,
    ),
}  # fmt: skip

# exp is infinite from a little below `high` on, 0 from a little above `low` down.
LIMITS = {"float32": (-104.0, 89.0), "float64": (-746.0, 710.0)}
# tanh is 1 from here on, and expm1 is -1 from the opposite number down.
_SATURATION = {"float32": 20.0, "float64": 40.0}


class Reduced(NamedTuple):
    """x = n log 2 + high + low."""

    n: Value  # unsigned; only its low (total - mantissa) bits are right
    high: Value
    low: Value


def exp(x: Value) -> Value:
    """e to the power of x: 0 below the denormal numbers, inf above the largest."""
    x = x.limit(*LIMITS[x.dtype.name])
    reduced = reduce(x)
    return scale_far(exp_reduced(reduced), reduced.n)


def expm1(x: Value) -> Value:
    """exp(x) - 1 without cancellation."""
    name = x.dtype.name
    reduced = reduce(x.limit(-_SATURATION[name], LIMITS[name][1]))
    # 2**n itself may be beyond the largest number; half of it never is.
    scale = power_of_two(reduced.n - 1, x)
    large, small = _expm1_terms(scale, reduced, 0.5)
    y = fma(scale, small, large)
    # Keeps -0, and the last bit of denormal numbers.
    return select(x.absolute() < 2.0 ** -(x.format.mantissa + 2), x, y + y)


def tanh(x: Value) -> Value:
    """E / (E + 2) with E = expm1(2 |x|), and the sign of x."""
    double = x.absolute().limit(high=_SATURATION[x.dtype.name] / 2) * 2.0
    reduced = reduce(double)
    scale = power_of_two(reduced.n, x)
    large, small = _expm1_terms(scale, reduced, 1.0)
    numerator = fma(scale, small, large)
    rest = fma(scale, small, large - numerator)
    ratio = quotient(Sum(numerator, rest), sum_of(x.constant(2.0), numerator, rest))
    return ratio.with_sign_of(x)


def sigmoid(x: Value) -> Value:
    """1 / (1 + exp(-x)), from exp(-|x|), which does not overflow."""
    low = LIMITS[x.dtype.name][0]
    reduced = reduce((-x.absolute()).limit(low=low))
    small = scale_down(exp_reduced(reduced), reduced.n)
    return quotient(select(x < 0.0, small, 1.0), sum_of(x.constant(1.0), small))


# -- the parts of them, which power and erf use too -----------------------------------


def reduce(x: Value) -> Reduced:
    """Splits an x whose exp is a number."""
    form, (ln2, ln2_rest) = x.format, LN2[x.dtype.name]
    magic = 1.5 * 2.0**form.mantissa
    shifted = fma(x, LOG2_E, magic)
    n = shifted - magic
    return Reduced(shifted.as_bits(), fma(n, -ln2, x), n * -ln2_rest)


def exp_reduced(reduced: Reduced, coefficients: Sequence[float] | None = None) -> Value:
    """exp(r) = 1 + (r + r**2 p(r)), r = high + low"""
    r = reduced.high + reduced.low
    p = polynomial(r, coefficients or COEFFICIENTS[r.dtype.name])
    return reduced.high + fma(r * r, p, reduced.low) + 1.0


def power_of_two(n: Value, like: Value) -> Value:
    """2**n as a float of the dtype of `like`; only n's low bits count."""
    form = like.format
    one = form.bias << form.mantissa
    return ((n << form.mantissa) + one).as_float(like.dtype)


def scale_far(y: Value, n: Value) -> Value:
    """y * 2**n, where 2**n may be too large or too small for a number of its own.

    The factors are of about the same size; only the last product rounds. They are
    multiplied, not added to the exponent, so that NaN stays NaN.
    """
    half = n >> 1
    return y * power_of_two(half, y) * power_of_two(n - half, y)


def scale_down(y: Value, n: Value) -> Value:
    """y * 2**n for an n that is not above 0, with fewer operations."""
    lift = (y.format.bias + 1) // 2
    return y * power_of_two(n + lift, y) * 2.0**-lift


def _expm1_terms(scale: Value, reduced: Reduced, one: float) -> Sum:
    """one * expm1(x) is high + scale * low, where scale is one * 2**n.

    `reduced.high` is added to scale - one before all that is rounded, so that little is
    lost where both have the same size and opposite signs.
    """
    r = reduced.high + reduced.low
    p = polynomial(r, COEFFICIENTS[r.dtype.name])
    small = fma(r * r, p, reduced.low)
    return Sum(fma(scale, reduced.high, scale - one), small)
