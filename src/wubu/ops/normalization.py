"""Normalisation: to mean 0 and variance 1 over axes, then scaled and shifted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.ops.functions import rsqrt
from wubu.ops.movement import pad, reshape
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


@located
def rms_normalization(
    x: Any,
    scale: Any = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
) -> Tensor:
    """x / sqrt(mean(x**2) + epsilon) * scale, the mean over `axis`.

    Args:
        x: any float tensor.
        scale: the lengths of the normalised axes, if given.
        axis: what is normalised together.
        epsilon: keeps the root away from zero; 1e-7 by default.

    Source: Zhang and Sennrich 2019, equation 4.
    """
    x = as_tensor(x)
    axes = normal_axes(axis, x.ndim)
    tiny = 1e-7 if epsilon is None else epsilon
    y = x * rsqrt(mean(x * x, axes, keepdims=True) + tiny)
    if scale is None:
        return y
    return y * reshape(scale, [n if a in axes else 1 for a, n in enumerate(x.shape)])


@located
def local_response_normalization(
    x: Any,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    axis: int = -1,
) -> Tensor:
    """x / (bias + alpha * sum of the squares of the channels around)**beta, with
    `depth_radius` channels on each side, at the rim fewer.

    Args:
        x: any float tensor.
        depth_radius: how many channels on each side count.
        bias: keeps the divisor away from zero.
        alpha: weight of the sum of squares.
        beta: the exponent.
        axis: where the channels are.

    Source: Krizhevsky, Sutskever and Hinton 2012, section 3.3.
    """
    x = as_tensor(x)
    place = normal_axes(axis, x.ndim)[0]
    channels = x.shape[place]
    rim = [(depth_radius,) * 2 if a == place else (0, 0) for a in range(x.ndim)]
    squares = pad(x * x, rim)

    def shifted(start: int) -> Tensor:
        part = [slice(None)] * place + [slice(start, start + channels)]
        return squares[tuple(part)]

    total = shifted(0)
    for start in range(1, 2 * depth_radius + 1):
        total = total + shifted(start)
    return x * (bias + alpha * total) ** -beta
