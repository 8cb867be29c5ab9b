"""pow: a to the power of b, as exp(b log |a|), then the cases that C and NumPy define.

The error of a logarithm is multiplied by its size, up to 104 in float32 and 745 in
float64, so it is needed far more exactly than the result. For float32 everything is
computed in float64, with shorter polynomials (errors 2**-38 and 2**-32). For float64
the logarithm is a sum of two numbers (`double.py`): with q = (m - 1) / (m + 1),

    log(m) = 2 q + (2/3) q**3 + 2 q**5 T(q**2)

where q and q**3 are such sums too, and T is a minimax approximation with an error of
2**-66 relative to log(m). It is made like the polynomials in `exponential.py`.
"""

from __future__ import annotations

import math

import numpy as np

from wubu.executors.native.code.mathematics.double import Sum, divide, product, sum_of
from wubu.executors.native.code.mathematics.exponential import (
    LIMITS,
    Reduced,
    exp_reduced,
    power_of_two,
    reduce,
    scale_far,
)
from wubu.executors.native.code.mathematics.logarithm import scale_denormal, split
from wubu.executors.native.code.mathematics.value import Value, fma, polynomial, select

_FLOAT64 = np.dtype("float64")

_EXP = (
    0.5000000047224074, 0.16666666819827794, 0.04166635103278768,
    0.008333272340985565, 0.00139413111694987, 0.00019914591365182324,
)  # fmt: skip
_LOG = (
    -0.4999999999377261, 0.33333333425218487, -0.25000002005429295,
    0.19999987381034862, -0.1666649055076851, 0.14286209026255578,
    -0.12506609740464703, 0.11105777510252239, -0.09880589559248121,
    0.09030039160558377, -0.09317624604674697, 0.09174344869854653,
    -0.04840936892085106,
)  # fmt: skip
_T = (
    0.20000000000001172, 0.14285714285027282, 0.11111111264163019,
    0.09090891801197326, 0.0769339690034745, 0.06627970959829617,
    0.06602342780255568,
)  # fmt: skip

# e times the first part is exact for every exponent e.
_LN2 = (0.6931471805592082, 7.371002565167799e-13)
_TWO_THIRDS = (0.6666666666666666, 3.700743415417188e-17)

# Any power of a number other than 1 is 0 or inf with exponents beyond these.
_LARGEST_EXPONENT = {"float32": 2.0**40, "float64": 2.0**66}


def power(a: Value, b: Value) -> Value:
    """a ** b

    Anything to the power of 0 and 1 to the power of anything are 1, NaN included. A
    negative base takes integers for exponents only, and gives NaN otherwise.
    """
    limit = _LARGEST_EXPONENT[a.dtype.name]
    magnitude = _magnitude64 if a.dtype == _FLOAT64 else _magnitude32
    y = magnitude(a.absolute(), b.limit(-limit, limit))
    return _edges(a, b, y)


def _magnitude32(a: Value, b: Value) -> Value:
    """a ** b for positive a in float32."""
    e, m, _ = split(a.resize(_FLOAT64))
    f = m - 1.0
    log = fma(e, math.log(2), fma(f * f, polynomial(f, _LOG), f))
    product = (b.resize(_FLOAT64) * log).limit(-200.0, 200.0)
    reduced = reduce(product)
    y = exp_reduced(reduced, _EXP) * power_of_two(reduced.n, log)
    return y.resize(a.dtype)


def _magnitude64(a: Value, b: Value) -> Value:
    """a ** b for positive a in float64."""
    log = _log_sum(a)
    high, low = product(b, log.high)
    low = fma(b, log.low, low)
    within = high.limit(*LIMITS["float64"])
    low = select(within.equals(high), low, 0.0)
    reduced = reduce(within)
    reduced = Reduced(reduced.n, reduced.high, reduced.low + low)
    return scale_far(exp_reduced(reduced), reduced.n)


def _edges(a: Value, b: Value, y: Value) -> Value:
    """The cases that exp(b log |a|) does not know (C11, F.10.4.4)."""
    size = a.absolute()
    end = size.equals(0.0) | size.equals(math.inf)
    to_infinity = (size > 1.0) ^ (b < 0.0)
    y = select(end, select(to_infinity, y.constant(math.inf), 0.0), y)
    integer = b.intrinsic("trunc").equals(b)
    half = b * 0.5
    even = half.intrinsic("trunc").equals(half)
    y = select(integer & ~even, y.with_sign_of(a), y)
    undefined = (a < 0.0) & (size < math.inf) & ~integer
    y = select(undefined | a.is_nan() | b.is_nan(), math.nan, y)
    return select(a.equals(1.0) | b.equals(0.0), 1.0, y)


def _log_sum(a: Value) -> Sum:
    """log(a) to about 2**-64."""
    normal, shift = scale_denormal(a)
    e, m, _ = split(normal)
    e = e + shift
    q = divide(Sum(m - 1.0, m.constant(0.0)), sum_of(m.constant(1.0), m))
    square = product(q.high, q.high)
    square_low = fma(q.high + q.high, q.low, square.low)
    cube = product(q.high, square.high)
    cube_low = fma(q.high, square_low, fma(q.low, square.high, cube.low))
    second = product(cube.high, cube.high.constant(_TWO_THIRDS[0]))
    second_low = fma(cube_low, _TWO_THIRDS[0], second.low)
    second_low = fma(cube.high, _TWO_THIRDS[1], second_low)
    fifth = (cube.high + cube.high) * square.high
    tail = fma(fifth, polynomial(square.high, _T), second_low)
    log_m = sum_of(q.high + q.high, second.high)
    log_a = sum_of(e * _LN2[0], log_m.high)
    low = fma(q.low, 2.0, tail) + log_m.low + log_a.low
    return sum_of(log_a.high, fma(e, _LN2[1], low))
