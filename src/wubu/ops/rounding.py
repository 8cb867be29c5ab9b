"""Small elementwise functions: truncation, remainders, signs, what replaces NaN."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.ops.arithmetic import maximum, minimum, stop
from wubu.ops.comparison import equal, isnan, where
from wubu.ops.functions import absolute, clip, exp, floor, log1p, round, sign
from wubu.ops.prepare import cast_to, elementwise, elementwise_float


@located
def trunc(x: Any) -> Tensor:
    """The integer next to x on the side of 0, in the dtype of x."""
    (x,), _ = elementwise(x)
    return sign(x) * floor(absolute(x))


@located
def fmod(x1: Any, x2: Any) -> Tensor:
    """The remainder of a division, with the sign of `x1`; `mod` has that of `x2`.

    Example:
        >>> fmod([-7, 7], 3).tolist()
        [-1, 1]
    """
    (a, b), _ = elementwise(x1, x2)
    if a.dtype.kind != "f":
        return sign(a) * (absolute(a) % absolute(b))
    rest = stop(sign(a) * (absolute(a) % absolute(b)))
    times = stop(round((a - rest) / b))
    # The value is the exact rest; the derivatives are those of a - times * b.
    return rest + ((a - stop(a)) - times * (b - stop(b)))


@located
def fmax(x1: Any, x2: Any) -> Tensor:
    """The larger number; where one is NaN the other."""
    (a, b), _ = elementwise(x1, x2)
    return where(isnan(a), b, where(isnan(b), a, maximum(a, b)))


@located
def fmin(x1: Any, x2: Any) -> Tensor:
    """The smaller number; where one is NaN the other."""
    (a, b), _ = elementwise(x1, x2)
    return where(isnan(a), b, where(isnan(b), a, minimum(a, b)))


def fabs(x: Any) -> Tensor:
    """The absolute value, as a float."""
    return absolute(elementwise_float(x)[0][0])


def exp2(x: Any) -> Tensor:
    """2 to the power of x."""
    return exp(elementwise_float(x)[0][0] * math.log(2))


@located
def cbrt(x: Any) -> Tensor:
    """The cube root, also of negative numbers."""
    (x,), _ = elementwise_float(x)
    return sign(x) * absolute(x) ** (1 / 3)


def heaviside(x1: Any, x2: Any) -> Tensor:
    """0 below 0, 1 above, and `x2` at 0."""
    (x, middle), _ = elementwise_float(x1, x2)
    return where(x == 0, middle, where(x > 0, 1.0, where(isnan(x), x, 0.0)))


@located
def logaddexp2(x1: Any, x2: Any) -> Tensor:
    """log2(2**x1 + 2**x2) without overflow."""
    (a, b), _ = elementwise_float(x1, x2)
    larger = where(a > b, a, b)
    return larger + log1p(exp2(where(a > b, b - a, a - b))) / math.log(2)


def ldexp(x1: Any, x2: Any) -> Tensor:
    """x1 * 2**x2"""
    (x,), _ = elementwise_float(x1)
    return x * exp2(x2).astype(x.dtype)


def isposinf(x: Any) -> Tensor:
    """Where a number is +infinity."""
    return equal(elementwise_float(x)[0][0], np.inf)


def isneginf(x: Any) -> Tensor:
    """Where a number is -infinity."""
    return equal(elementwise_float(x)[0][0], -np.inf)


def signbit(x: Any) -> Tensor:
    """Where a number is negative, -0 included."""
    (x,), _ = elementwise(x)
    if x.dtype.kind != "f":
        return x < 0
    return where(x == 0, 1 / x < 0, x < 0)


@located
def nan_to_num(
    x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """x with numbers in the place of NaN and infinities.

    Args:
        x: any tensor.
        nan: for NaN.
        posinf: for infinity; the largest number of the dtype by default.
        neginf: for minus infinity; the lowest number by default.

    Example:
        >>> nan_to_num([float("nan"), float("-inf"), 2.0], neginf=-9.0).tolist()
        [0.0, -9.0, 2.0]
    """
    (x,), _ = elementwise(x)
    if x.dtype.kind != "f":
        return x
    limits = np.finfo(x.dtype)
    x = where(x == np.inf, limits.max if posinf is None else posinf, x)
    x = where(x == -np.inf, limits.min if neginf is None else neginf, x)
    return where(isnan(x), nan, x)


@located
def saturate_cast(x: Any, dtype: Any) -> Tensor:
    """x in another dtype, numbers beyond its ends at these ends.

    Example:
        >>> saturate_cast([-3.0, 300.0], "uint8").tolist()
        [0, 255]
    """
    x, dtype = as_tensor(x), dtypes.as_dtype(dtype)
    if dtype.kind in "iu" and x.dtype.kind in "iuf":
        ends = np.iinfo(dtype)
        low, high = int(ends.min), int(ends.max)
        if x.dtype.kind in "iu":
            own = np.iinfo(x.dtype)
            low, high = max(low, int(own.min)), min(high, int(own.max))
        x = clip(x, low, high)
    return cast_to(x, dtype)


@located
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """At each place the choice of the first condition that holds there.

    Args:
        condlist: boolean tensors.
        choicelist: as many tensors.
        default: where no condition holds.

    Raises:
        ArgumentError: not as many choices as conditions.
    """
    if len(condlist) != len(choicelist) or not condlist:
        raise ArgumentError(
            "select takes a choice for each condition",
            expected=f"{len(condlist)} choices" if condlist else "a condition",
            got=len(choicelist),
        )
    found = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        found = where(condition, choice, found)
    return found
