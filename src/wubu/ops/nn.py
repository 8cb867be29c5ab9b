"""Functions that layers are made of: activations and softmax.

Plain functions of primitives. Where a formula could overflow or give NaN, the form that
cannot is used.
"""

from __future__ import annotations

import math
from typing import Any

from wubu.core.dtypes import float_dtype
from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.ops.comparison import less_equal, where
from wubu.ops.creation import zeros_like
from wubu.ops.functions import (
    absolute,
    clip,
    erf,
    exp,
    expm1,
    log,
    log1p,
    sigmoid,
    tanh,
)
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import Axis, max, norm, sum


def _float(x: Any) -> Tensor:
    x = as_tensor(x)
    return cast_to(x, float_dtype(x.dtype))


def relu(x: Any) -> Tensor:
    """max(x, 0). Its derivative at 0 is 0. NaN stays NaN.

    Example:
        >>> relu(Tensor([-1.0, 0.0, 2.0]))
        Tensor([0. 0. 2.], shape=(3,), dtype=float32)
    """
    x = as_tensor(x)
    zero = zeros_like(x)
    return where(less_equal(x, zero), zero, x)  # not x > 0: NaN would become 0


def relu6(x: Any) -> Tensor:
    """min(max(x, 0), 6). Its derivative at 0 and at 6 is 0."""
    x = as_tensor(x)
    return where(x <= 0, 0, where(x >= 6, 6, x))


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """x above 0, negative_slope * x below."""
    x = _float(x)
    return where(x > 0, x, x * negative_slope)


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """x above 0, alpha * (exp(x) - 1) below."""
    x = _float(x)
    # The branch that is not taken must stay finite: its gradient is multiplied by 0.
    return where(x > 0, x, alpha * expm1(where(x > 0, 0, x)))


def selu(x: Any) -> Tensor:
    """Scaled ELU (Klambauer et al. 2017): keeps mean 0 and variance 1."""
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    return scale * elu(x, alpha)


def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """x above 0, alpha * (exp(x / alpha) - 1) below."""
    x = _float(x)
    return where(x > 0, x, alpha * expm1(where(x > 0, 0, x) / alpha))


def gelu(x: Any, approximate: bool = True) -> Tensor:
    """x times the normal distribution's cumulative probability at x (Hendrycks and
    Gimpel 2016); by default in its tanh approximation, as in Keras."""
    x = _float(x)
    if approximate:
        inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)
        return 0.5 * x * (1.0 + tanh(inner))
    return 0.5 * x * (1.0 + erf(x / math.sqrt(2)))


def softplus(x: Any) -> Tensor:
    """log(1 + exp(x)) without overflow."""
    x = _float(x)
    positive = x > 0
    # Not -|x|, whose derivative at 0 is missing.
    return where(positive, x, 0) + log1p(exp(where(positive, -x, x)))


def softsign(x: Any) -> Tensor:
    """x / (1 + |x|)"""
    x = _float(x)
    return x / (1.0 + absolute(x))


def silu(x: Any) -> Tensor:
    """x * sigmoid(x), also called swish."""
    x = _float(x)
    return x * sigmoid(x)


swish = silu


def log_sigmoid(x: Any) -> Tensor:
    """log(sigmoid(x)) without overflow."""
    return -softplus(-_float(x))


def mish(x: Any) -> Tensor:
    """x * tanh(softplus(x)) (Misra 2019)."""
    x = _float(x)
    return x * tanh(softplus(x))


def hard_sigmoid(x: Any) -> Tensor:
    """clip(x / 6 + 1/2, 0, 1). Its derivative at -3 and at 3 is 0."""
    return relu6(_float(x) + 3.0) / 6.0


def hard_silu(x: Any) -> Tensor:
    """x * hard_sigmoid(x), also called hard swish."""
    x = _float(x)
    return x * hard_sigmoid(x)


hard_swish = hard_silu


def hard_tanh(x: Any) -> Tensor:
    """x limited to [-1, 1]."""
    return clip(_float(x), -1.0, 1.0)


def tanh_shrink(x: Any) -> Tensor:
    """x - tanh(x)"""
    x = _float(x)
    return x - tanh(x)


@located
def softmax(x: Any, axis: Axis = -1) -> Tensor:
    """exp(x) / sum(exp(x)) over axes, without overflow.

    Example:
        >>> softmax(Tensor([1000.0, 1000.0]))
        Tensor([0.5 0.5], shape=(2,), dtype=float32)
    """
    x = _float(x)
    powers = exp(x - max(x, axis, keepdims=True).detach())
    return powers / sum(powers, axis, keepdims=True)


@located
def log_softmax(x: Any, axis: Axis = -1) -> Tensor:
    """log(softmax(x)) over axes, finite also where softmax rounds to 0.

    Example:
        >>> log_softmax(Tensor([0.0, 1000.0]))
        Tensor([-1000.     0.], shape=(2,), dtype=float32)
    """
    x = _float(x)
    largest = max(x, axis, keepdims=True).detach()
    # Shifted before the logarithm, not after: small differences of large x survive.
    # Infinite x would give inf - inf; they are shifted by 0 instead.
    shifted = x - where(absolute(largest) < math.inf, largest, 0.0)
    return shifted - log(sum(exp(shifted), axis, keepdims=True))


@located
def normalize(
    x: Any, axis: Axis = -1, order: int = 2, epsilon: float = 1e-12
) -> Tensor:
    """x divided by its norm over axes; by epsilon where the norm is smaller.

    Raises:
        ArgumentError: an order other than 1 and 2.

    Example:
        >>> normalize(Tensor([3.0, 4.0]))
        Tensor([0.6 0.8], shape=(2,), dtype=float32)
    """
    if order not in (1, 2):
        raise ArgumentError("normalize knows orders 1 and 2", got=order)
    x = _float(x)
    length = norm(x, order, axis, keepdims=True)
    return x / where(length > epsilon, length, epsilon)
