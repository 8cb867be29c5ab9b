"""Numbers as the sum of two, for results that need more than the dtype's precision.

Source: T. Dekker, "A floating-point technique for extending the available precision",
1971; with fused multiply-adds, which give the error of a product at once.
"""

from __future__ import annotations

from typing import NamedTuple

from wubu.executors.native.code.mathematics.value import Value, fma


class Sum(NamedTuple):
    """high + low, where low is at most about the last place of high."""

    high: Value
    low: Value


def product(a: Value, b: Value) -> Sum:
    """a * b without error."""
    high = a * b
    return Sum(high, fma(a, b, -high))


def sum_of(large: Value, small: Value, rest: Value | None = None) -> Sum:
    """large + small without error, if |large| >= |small| or small is a multiple of
    large's last place; and then the rest, which belongs to neither."""
    high = large + small
    low = small - (high - large)
    return Sum(high, low if rest is None else low + rest)


def divide(a: Sum, b: Sum) -> Sum:
    """a / b, exact in about twice the precision. (One division: what its rounding left
    out is found by multiplying back.)"""
    high, error, inverse = _divide(a.high, b)
    return Sum(high, (error + a.low) * inverse)


def quotient(a: Sum | Value, b: Sum) -> Value:
    """a / b, rounded once."""
    high, error, inverse = _divide(a.high if isinstance(a, Sum) else a, b)
    return fma(error + a.low if isinstance(a, Sum) else error, inverse, high)


def _divide(a: Value, b: Sum) -> tuple[Value, Value, Value]:
    """a / b.high, what is left of a then, and 1 / b.high."""
    inverse = 1.0 / b.high
    high = a * inverse
    return high, fma(-high, b.low, fma(-high, b.high, a)), inverse
