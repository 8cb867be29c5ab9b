"""Distributions other than the normal and the uniform, and order by chance.

All of them are made of `uniform` and `normal` numbers, so they are the same on every
executor. They stand in `wubu.random`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.ops.comparison import where
from wubu.ops.functions import cos, log, sqrt
from wubu.ops.joining import stack
from wubu.ops.movement import broadcast_to, expand_dims
from wubu.ops.ordering import argsort
from wubu.ops.prepare import cast_to, normal_axis, sizes
from wubu.ops.random import uniform
from wubu.ops.reduction import argmax, sum
from wubu.ops.selection import take

# A draw of `gamma` is refused with a chance below 1 in 20.
_TRIES = 16


@located
def categorical(
    logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None
) -> Tensor:
    """Classes drawn with the probabilities softmax(logits).

    Args:
        logits: (batch, classes).
        num_samples: drawn for each row.
        dtype: of the result.
        seed: see `uniform`.

    Shapes:
        (batch, num_samples).

    Source: Gumbel 1954: the argmax of logits - log(-log(uniform)).

    Example:
        >>> categorical([[0.0, 100.0]], 3, seed=1).tolist()
        [[1, 1, 1]]
    """
    logits = as_tensor(logits)
    if logits.ndim != 2:
        raise ShapeError(
            "categorical draws from rows", expected="(batch, classes)", got=logits.shape
        )
    rows, classes = logits.shape
    u = uniform((rows, num_samples, classes), 1e-30, 1.0, seed=seed)
    noisy = expand_dims(logits, 1) - log(-log(u))
    return cast_to(argmax(noisy, -1), dtypes.as_dtype(dtype))


@located
def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Tensor:
    """The slices along an axis in an order by chance.

    Example:
        >>> sorted(shuffle([1, 2, 3], seed=1).tolist())
        [1, 2, 3]
    """
    x = as_tensor(x)
    axis = normal_axis(axis, x.ndim)
    return take(x, argsort(uniform((x.shape[axis],), seed=seed)), axis)


@located
def gamma(shape: Any, alpha: Any, dtype: Any = "float32", seed: Any = None) -> Tensor:
    """Numbers of the gamma distribution with shape parameter `alpha` and scale 1.

    Args:
        shape: of the result.
        alpha: above 0; broadcasts to `shape`.
        dtype: of the result.
        seed: see `uniform`.

    Source: Marsaglia and Tsang 2000.
    """
    shape, dtype = sizes(shape), dtypes.as_dtype(dtype or "float32")
    alpha = broadcast_to(as_tensor(alpha, dtype), shape)
    small = alpha < 1  # drawn for alpha + 1, and made smaller
    d = where(small, alpha + 1, alpha) - 1 / 3
    # Seeds that are numbers give the same draw twice: one draw, taken apart.
    parts = uniform((*shape[:1], 3 * _TRIES + 1, *shape[1:]), 1e-7, 1.0, dtype, seed)
    axis = 1 if shape else 0
    u = take(parts, np.arange(_TRIES), axis)
    x = _normal_from(parts, axis)
    d, last = expand_dims(d, axis), take(parts, 3 * _TRIES, axis)
    v = (1 + x / sqrt(9 * d)) ** 3
    inside = where(v > 0, v, 1.0)
    fits = (v > 0) & (log(u) < 0.5 * x * x + d - d * v + d * log(inside))
    chosen = expand_dims(argmax(fits.astype("int32"), axis), axis)
    tries = np.arange(_TRIES).reshape([-1 if a == axis else 1 for a in range(x.ndim)])
    found = sum(where(chosen == tries, d * v, 0.0), axis)
    return where(small, found * last ** (1 / alpha), found)


def _normal_from(draws: Tensor, axis: int) -> Tensor:
    """Normal numbers from the second and the last third of uniform ones."""
    first = take(draws, _TRIES + np.arange(_TRIES), axis)
    second = take(draws, 2 * _TRIES + np.arange(_TRIES), axis)
    return sqrt(-2.0 * log(first)) * cos(second * (2 * np.pi))


@located
def beta(
    shape: Any, alpha: Any, beta: Any, dtype: Any = "float32", seed: Any = None
) -> Tensor:
    """Numbers of the beta distribution: a / (a + b) of two of the gamma distribution.

    Args:
        shape: of the result.
        alpha: above 0; broadcasts to `shape`.
        beta: above 0; broadcasts to `shape`.
        dtype: of the result.
        seed: see `uniform`.
    """
    shape = sizes(shape)
    sides = [broadcast_to(as_tensor(side, "float32"), shape) for side in (alpha, beta)]
    pair = gamma((2, *shape), stack(sides), dtype, seed)
    return pair[0] / (pair[0] + pair[1])


@located
def binomial(
    shape: Any,
    counts: Any,
    probabilities: Any,
    dtype: Any = "float32",
    seed: Any = None,
) -> Tensor:
    """How often something of this probability happens in so many trials.

    Args:
        shape: of the result.
        counts: numbers of trials; broadcast to `shape`. They are known, not traced.
        probabilities: in [0, 1]; broadcast to `shape`.
        dtype: of the result.
        seed: see `uniform`.
    """
    shape = sizes(shape)
    counts = as_tensor(counts)
    known = counts.numpy()
    if known.min(initial=0) < 0:
        raise ArgumentError("numbers of trials are at least 0", got=int(known.min()))
    most = int(known.max(initial=0))
    counts = broadcast_to(counts, shape)
    axis = 1 if shape else 0
    draws = uniform((*shape[:1], most, *shape[1:]), seed=seed)
    chance = expand_dims(broadcast_to(as_tensor(probabilities), shape), axis)
    trial = np.arange(most).reshape(
        [-1 if a == axis else 1 for a in range(len(shape) + 1)]
    )
    happens = (draws < chance) & (trial < expand_dims(counts, axis))
    return cast_to(sum(happens, axis), dtypes.as_dtype(dtype or "float32"))
