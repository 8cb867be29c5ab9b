"""Normalisation: to mean 0 and variance 1 over axes, then scaled and shifted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.ops.functions import rsqrt
from wubu.ops.movement import reshape
from wubu.ops.prepare import normal_axes
from wubu.ops.reduction import mean, var


@located
def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    axis: int = -1,
    offset: Any = None,
    scale: Any = None,
    epsilon: float = 1e-3,
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset, for each index of `axis`.

    Args:
        x: any float tensor.
        mean: (channels,), as are variance, offset and scale.
        variance: see mean.
        axis: where the channels are.
        offset: added at the end, if given.
        scale: multiplied, if given.
        epsilon: keeps the root away from zero.

    Source: Ioffe and Szegedy 2015, algorithm 1.
    """
    x = as_tensor(x)
    place = normal_axes(axis, x.ndim)[0]
    shape = [n if a == place else 1 for a, n in enumerate(x.shape)]
    factor = rsqrt(as_tensor(variance) + epsilon)
    if scale is not None:
        factor = factor * scale
    shift = -as_tensor(mean) * factor
    if offset is not None:
        shift = shift + offset
    return x * reshape(factor, shape) + reshape(shift, shape)


@located
def layer_normalization(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    axis: int | Sequence[int] = -1,
    epsilon: float = 1e-3,
) -> Tensor:
    """Every sample normalised over `axis`, then times gamma plus beta.

    Args:
        x: any float tensor.
        gamma: the lengths of the normalised axes, if given.
        beta: like gamma.
        axis: what is normalised together.
        epsilon: keeps the root away from zero.

    Source: Ba, Kiros and Hinton 2016, equation 4.
    """
    x = as_tensor(x)
    axes = normal_axes(axis, x.ndim)
    shape = [n if a in axes else 1 for a, n in enumerate(x.shape)]
    centred = x - mean(x, axes, keepdims=True)
    y = centred * rsqrt(var(x, axes, keepdims=True) + epsilon)
    if gamma is not None:
        y = y * reshape(gamma, shape)
    return y if beta is None else y + reshape(beta, shape)
