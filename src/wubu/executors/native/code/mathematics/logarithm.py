"""log and log1p.

x = 2**e m with m in [sqrt(1/2), sqrt(2)), so log(x) = e log 2 + log(1 + f), f = m - 1.
m and e come from the bits of x (as in Arm's optimized routines, `logf.c`); f is exact.
A polynomial takes the place of the usual quotient f / (2 + f), because a division
costs as much as all of its terms.

The polynomials are minimax approximations of (log(1 + f) - f) / f**2, made like those
in `exponential.py`; their error relative to log(1 + f) is 2**-27 in float32 and 2**-55
in float64.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from wubu.executors.native.code.mathematics.exponential import LN2
from wubu.executors.native.code.mathematics.value import Value, fma, polynomial, select

COEFFICIENTS = {
    "float32": (
        -0.49999988, 0.33333322, -0.2500161, 0.20002225, -0.16608614, 0.14176309,
        -0.13240707, 0.1293567, -0.076628245,
    ),
    "float64": (
        -0.5000000000000003, 0.33333333333333026, -0.24999999999974934,
        0.20000000000085383, -0.16666666671354385, 0.14285714279604506,
        -0.12499999604543165, 0.1111111109966363, -0.10000017938435868,
        0.09090927427364943, -0.08332864069007073, 0.07691433381651093,
        -0.07149938075654744, 0.0668593241648805, -0.06194358129602168,
        0.05658980255140974, -0.05678151295447161, 0.06529530765626146,
        -0.060060164191993774, 0.026173311310509456,
    ),
}  # fmt: skip

_SQRT_HALF_BITS = {"float32": 0x3F3504F3, "float64": 0x3FE6A09E667F3BCD}


class Parts(NamedTuple):
    """x = 2**e m for a positive, normal x. For others the parts are of no use."""

    e: Value
    m: Value  # in [sqrt(1/2), sqrt(2))
    exponent: Value  # the bits that a float's exponent e would have


def log(x: Value) -> Value:
    """The natural logarithm: -inf at 0, NaN below."""
    normal, shift = scale_denormal(x)
    parts = split(normal)
    return _at_the_ends(x, _log_sum(parts.e + shift, parts.m - 1.0))


def log1p(x: Value) -> Value:
    """log(1 + x): -inf at -1, NaN below.

    1 + x is used to find e only: f = 2**-e x + (2**-e - 1) is rounded once, and is x
    itself where e = 0. 2**(2 - e) is used, as 2**-e may be too small.
    """
    form = x.format
    u = x + 1.0
    parts = split(u)
    top = (2 * form.bias + 2) << form.mantissa
    scale = (parts.exponent.constant(top) - parts.exponent).as_float(x.dtype)
    f = fma(x * 0.25, scale, fma(scale, 0.25, -1.0))
    y = _at_the_ends(u, _log_sum(parts.e, f))
    # Keeps -0, and the last bit of denormal numbers.
    return select(x.absolute() < 2.0 ** -(form.mantissa + 2), x, y)


def _log_sum(e: Value, f: Value) -> Value:
    """e log 2 + log(1 + f), the small terms first."""
    ln2, ln2_rest = LN2[f.dtype.name]
    p = polynomial(f, COEFFICIENTS[f.dtype.name])
    small = fma(f * f, p, e * ln2_rest)
    return fma(e, ln2, f) + small


def _at_the_ends(x: Value, y: Value) -> Value:
    """y for positive numbers, and what the logarithm is of all others."""
    positive = (x > 0.0) & (x < math.inf)
    below = select(x < 0.0, math.nan, x)  # inf and NaN stay
    return select(positive, y, select(x.equals(0.0), -math.inf, below))


# -- the parts of them, which power uses too ------------------------------------------


def scale_denormal(x: Value) -> tuple[Value, Value]:
    """A normal number, and the exponent to add to its own."""
    form = x.format
    denormal = x < form.smallest
    places = form.mantissa + 1
    return (
        select(denormal, x * 2.0**places, x),
        select(denormal, x.constant(-places), x.constant(0)),
    )


def split(x: Value) -> Parts:
    """Finds e and m. (e as an integer is turned into a float by putting it into the
    low bits of a large one, which every vector unit can do.)"""
    form, sqrt_half = x.format, _SQRT_HALF_BITS[x.dtype.name]
    one = form.bias << form.mantissa
    moved = x.as_bits() + (one - sqrt_half)
    number = moved >> form.mantissa
    magic = 2.0**form.mantissa
    bits = number | ((form.bias + form.mantissa) << form.mantissa)
    m = (moved & ((1 << form.mantissa) - 1)) + sqrt_half
    return Parts(
        e=bits.as_float(x.dtype) - (magic + form.bias),
        m=m.as_float(x.dtype),
        exponent=moved & ((1 << 8 * x.dtype.itemsize) - (1 << form.mantissa)),
    )
