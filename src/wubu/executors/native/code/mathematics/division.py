"""The largest integer not above a quotient, for floats."""

from __future__ import annotations

import math

from wubu.executors.native.code.mathematics.value import Value, fma, select


def floor_divide(a: Value, b: Value) -> Value:
    """floor(a / b), exact also where the quotient is rounded up to an integer.

    Like NumPy's: a / b for b = 0, NaN for infinite a, 0 or -1 for infinite b.
    """
    quotient = a / b
    whole = quotient.intrinsic("floor")
    rest = fma(-whole, b, a)
    above = ((rest < 0.0) & (b > 0.0)) | ((rest > 0.0) & (b < 0.0))
    found = select(above, whole - 1.0, whole)
    apart = ((a < 0.0) & (b > 0.0)) | ((a > 0.0) & (b < 0.0))
    beside = select(apart, whole.constant(-1.0), 0.0)
    found = select(b.absolute().equals(math.inf), beside, found)
    undefined = a.absolute().equals(math.inf) | a.is_nan() | b.is_nan()
    found = select(undefined, math.nan, found)
    return select(b.equals(0.0), quotient, found)
