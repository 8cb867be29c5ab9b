"""sin and cos.

|x| = n pi/2 + r with |r| <= pi/4, by three-part reduction (Cody and Waite, "Software
Manual for the Elementary Functions", 1980). The parts of pi/2 each have the full
precision of the dtype; with fused multiply-adds the first difference is exact. That is
enough for |x| up to 1e5 in float32 and 1e14 in float64. Beyond, where neighbouring
numbers are soon farther apart than a period, results are no longer exact, but stay in
[-1, 1].

The polynomials are minimax approximations of (sin(r) - r) / r**3 and
(cos(r) - 1 + r**2/2) / r**4 as functions of r**2, made like those in `exponential.py`;
their errors relative to sin and cos are 2**-28 in float32, 2**-58 in float64.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from wubu.executors.native.code.mathematics.value import Value, fma, polynomial, select

HALF_PI = {
    "float32": (1.570796251296997, 7.549789415861596e-08, 5.390302529957765e-15),
    "float64": (1.5707963267948966, 6.123233995736765e-17, 1.0828566739219139e-32),
}

SIN = {
    "float32": (-0.16666655, 0.008332187, -0.0001951781),
    "float64": (
        -0.1666666666666663, 0.008333333333321796, -0.0001984126982929194,
        2.755731350632287e-06, -2.5050728107701645e-08, 1.5895005692378343e-10,
    ),
}  # fmt: skip

COS = {
    "float32": (0.041666646, -0.0013887301, 2.4430676e-05),
    "float64": (
        0.041666666666666595, -0.0013888888888873303, 2.480158728894695e-05,
        -2.75573141917619e-07, 2.08757007022455e-09, -1.1358443428668952e-11,
    ),
}  # fmt: skip


class Reduced(NamedTuple):
    """|x| = n pi/2 + r"""

    n: Value  # unsigned; only its low bits are right
    r: Value


def sin(x: Value) -> Value:
    """The sine of x in radians; NaN at infinity."""
    n, r = _reduce(x.absolute())
    y = select(_is_odd(n), _cos(r), _sin(r))
    sign = x.as_bits() ^ _sign_bit_of_half_turns(n)
    return _change_sign(y, sign)


def cos(x: Value) -> Value:
    """The cosine of x in radians; NaN at infinity."""
    n, r = _reduce(x.absolute())
    y = select(_is_odd(n), _sin(r), _cos(r))
    return _change_sign(y, _sign_bit_of_half_turns(n + 1))


def _reduce(x: Value) -> Reduced:
    magic = 1.5 * 2.0**x.format.mantissa
    shifted = fma(x, 2 / math.pi, magic)
    n = shifted - magic
    r = x
    for part in HALF_PI[x.dtype.name]:
        r = fma(n, -part, r)
    # Only for huge x, where r means nothing, is it beyond 1.
    return Reduced(shifted.as_bits(), r.limit(-1.0, 1.0))


def _sin(r: Value) -> Value:
    z = r * r
    return fma(z * r, polynomial(z, SIN[r.dtype.name]), r)


def _cos(r: Value) -> Value:
    z = r * r
    p = polynomial(z, COS[r.dtype.name])
    return fma(z * z, p, fma(z, -0.5, 1.0))


def _is_odd(n: Value) -> Value:
    return (n & 1).equals(1)


def _sign_bit_of_half_turns(n: Value) -> Value:
    """The second bit of n in the place of the sign."""
    return (n >> 1) << (8 * n.dtype.itemsize - 1)


def _change_sign(y: Value, sign: Value) -> Value:
    """-y where the top bit of `sign` is set."""
    top = sign & (1 << (8 * sign.dtype.itemsize - 1))
    return (y.as_bits() ^ top).as_float(y.dtype)
