"""Inverse trigonometric and hyperbolic functions, and what belongs to angles.

All of them rest on `arctan`, which is found from sines and cosines: a guess that is
right to five digits, corrected by the angle between it and x.
"""

from __future__ import annotations

import math
from typing import Any

from wubu.core.location import located
from wubu.core.tensor import Tensor
from wubu.ops.arithmetic import maximum, stop
from wubu.ops.comparison import where
from wubu.ops.functions import absolute, cos, log, log1p, sign, sin, sqrt
from wubu.ops.prepare import elementwise_float

# Abramowitz and Stegun, 4.4.49: the arctangent on [-1, 1] to 1e-5.
_GUESS = (0.0208351, -0.0851330, 0.1801410, -0.3302995, 0.9998660)


def _within_one(x: Tensor) -> Tensor:
    """The arctangent of |x| <= 1.

    With t = tan(arctan(x) - guess), arctan(x) = guess + t - t**3 / 3 + ..., and t is
    below 1e-4. No derivative goes through the guess, and that of t is 1 / (1 + x**2).
    """
    squared = x * x
    guess = squared * 0
    for factor in _GUESS:
        guess = guess * squared + factor
    guess = stop(guess * x)
    sine, cosine = sin(guess), cos(guess)
    t = (x * cosine - sine) / (cosine + x * sine)
    return guess + (t - t * t * t / 3)


@located
def arctan(x: Any) -> Tensor:
    """The angle in (-pi/2, pi/2) that has this tangent.

    Example:
        >>> arctan([0.0, 1.0, float("inf")])
        Tensor([0.        0.7853982 1.5707964], shape=(3,), dtype=float32)
    """
    (x,), _ = elementwise_float(x)
    far = absolute(x) > 1
    found = _within_one(where(far, 1 / where(far, x, 1.0), x))
    return where(far, sign(x) * (math.pi / 2) - found, found)


@located
def arctan2(x1: Any, x2: Any) -> Tensor:
    """The angle in [-pi, pi] of the point (x2, x1), from the first axis.

    Example:
        >>> arctan2([1.0, 0.0], [1.0, -1.0])
        Tensor([0.7853982 3.1415927], shape=(2,), dtype=float32)
    """
    (y, x), _ = elementwise_float(x1, x2)
    a, b = absolute(x), absolute(y)
    steep = b > a
    low, high = where(steep, a, b), where(steep, b, a)
    angle = _within_one(low / where(high == 0, 1.0, high))
    angle = where(steep, math.pi / 2 - angle, angle)
    angle = where(x < 0, math.pi - angle, angle)
    return where(y < 0, -angle, angle)


@located
def arcsin(x: Any) -> Tensor:
    """The angle in [-pi/2, pi/2] that has this sine; NaN where there is none."""
    (x,), _ = elementwise_float(x)
    return 2 * arctan(x / (1 + sqrt((1 - x) * (1 + x))))


@located
def arccos(x: Any) -> Tensor:
    """The angle in [0, pi] that has this cosine; NaN where there is none."""
    (x,), _ = elementwise_float(x)
    return 2 * arctan2(sqrt(1 - x), sqrt(1 + x))


@located
def arcsinh(x: Any) -> Tensor:
    """The number that has this hyperbolic sine."""
    (x,), _ = elementwise_float(x)
    a = absolute(x)
    return sign(x) * log1p(a + a * a / (1 + sqrt(1 + a * a)))


@located
def arccosh(x: Any) -> Tensor:
    """The number >= 0 that has this hyperbolic cosine; NaN below 1."""
    (x,), _ = elementwise_float(x)
    return log(x + sqrt((x - 1) * (x + 1)))


@located
def arctanh(x: Any) -> Tensor:
    """The number that has this hyperbolic tangent; NaN outside [-1, 1]."""
    (x,), _ = elementwise_float(x)
    return (log1p(x) - log1p(-x)) / 2


def deg2rad(x: Any) -> Tensor:
    """Degrees as radians."""
    return elementwise_float(x)[0][0] * (math.pi / 180)


def rad2deg(x: Any) -> Tensor:
    """Radians as degrees."""
    return elementwise_float(x)[0][0] * (180 / math.pi)


@located
def hypot(x1: Any, x2: Any) -> Tensor:
    """sqrt(x1**2 + x2**2) without overflow."""
    (a, b), _ = elementwise_float(x1, x2)
    large = stop(maximum(absolute(a), absolute(b)))
    scale = where(large == 0, 1.0, large)
    return scale * sqrt((a / scale) ** 2 + (b / scale) ** 2)


@located
def sinc(x: Any) -> Tensor:
    """sin(pi x) / (pi x), and 1 at 0."""
    (x,), _ = elementwise_float(x)
    angle = where(x == 0, 1.0, x) * math.pi
    return where(x == 0, 1.0, sin(angle) / angle)
