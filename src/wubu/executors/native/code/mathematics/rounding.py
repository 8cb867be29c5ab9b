"""Functions that are an instruction or two: sqrt, floor, round, abs, sign.

The last four take integers too.
"""

from __future__ import annotations

from wubu.executors.native.code.mathematics.value import Value, select


def sqrt(x: Value) -> Value:
    """The square root, rounded correctly: NaN below 0; -0 stays."""
    return x.intrinsic("sqrt")


def floor(x: Value) -> Value:
    """The largest integer not above x."""
    return x.intrinsic("floor") if x.dtype.kind == "f" else x


def round(x: Value) -> Value:
    """The nearest integer, the even one at a tie."""
    return x.intrinsic("rint") if x.dtype.kind == "f" else x


def absolute(x: Value) -> Value:
    """|x|; the smallest integer has none, and stays."""
    if x.dtype.kind == "i":
        return select(x < 0, -x, x)
    return x.absolute() if x.dtype.kind == "f" else x


def sign(x: Value) -> Value:
    """-1, 0 or 1; 0 for -0, NaN for NaN."""
    above = select(x > 0, x.constant(1), 0)
    if x.dtype.kind == "u":
        return above
    found = select(x < 0, -1, above)
    return select(x.is_nan(), x, found) if x.dtype.kind == "f" else found
