"""Activations: functions that follow a layer's weighted sum.

Names, arguments and defaults are those of `keras.activations`; most are one line over
`wubu.ops.nn`. Where the derivative jumps (relu at 0), its value there stands in the
docstring. Read next: `ops/nn.py`.

Example:
    >>> import wubu
    >>> get("relu")(wubu.tensor([-1.0, 2.0]))
    Tensor([0. 2.], shape=(2,), dtype=float32)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wubu.core import configurable, dtypes
from wubu.core.diversion import diverted
from wubu.core.lookup import described, lookup
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ShapeError
from wubu.ops import nn
from wubu.ops.comparison import where
from wubu.ops.functions import absolute, clip, exp, sqrt
from wubu.ops.functions import sigmoid as sigmoid_primitive
from wubu.ops.functions import tanh as tanh_primitive
from wubu.ops.movement import expand_dims, split
from wubu.ops.prepare import cast_to, normal_axis
from wubu.ops.reduction import Axis, sum

Activation = Callable[..., Tensor]

_known: dict[str, Activation] = {}


def _activation(function: Activation) -> Activation:
    """Gives a function its place in files and in `get`, and records it where it is
    called on symbols of a model."""
    function = diverted(function, "activations", function.__name__)
    _known[function.__name__] = function
    return configurable.register("activations")(function)


def _float(x: Any) -> Tensor:
    x = as_tensor(x)
    return cast_to(x, dtypes.float_dtype(x.dtype))


# -- without bend ---------------------------------------------------------------------


@_activation
def linear(x: Any) -> Tensor:
    """x itself."""
    return as_tensor(x)


@_activation
def exponential(x: Any) -> Tensor:
    """exp(x)"""
    return exp(x)


@_activation
def sigmoid(x: Any) -> Tensor:
    """1 / (1 + exp(-x)), in (0, 1)."""
    return sigmoid_primitive(x)


@_activation
def log_sigmoid(x: Any) -> Tensor:
    """log(sigmoid(x)) without overflow."""
    return nn.log_sigmoid(x)


@_activation
def tanh(x: Any) -> Tensor:
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)), in (-1, 1)."""
    return tanh_primitive(x)


@_activation
def tanh_shrink(x: Any) -> Tensor:
    """x - tanh(x)"""
    return nn.tanh_shrink(x)


@_activation
def softplus(x: Any) -> Tensor:
    """log(1 + exp(x)) without overflow."""
    return nn.softplus(x)


@_activation
def softsign(x: Any) -> Tensor:
    """x / (1 + |x|), in (-1, 1)."""
    return nn.softsign(x)


@_activation
def squareplus(x: Any, b: float = 4) -> Tensor:
    """(x + sqrt(x**2 + b)) / 2, a softplus without exp.

    Source: Barron 2021, equation 1.
    """
    x = _float(x)
    root = sqrt(x * x + b)
    # Far below 0, x + root would cancel; b / (root - x) is the same number.
    return where(x > 0, (x + root) / 2, b / 2 / (root - where(x > 0, 0, x)))


@_activation
def gelu(x: Any, approximate: bool = False) -> Tensor:
    """x times the normal distribution's cumulative probability at x.

    Args:
        x: any tensor.
        approximate: use tanh instead of erf; differs by less than 0.001.

    Source: Hendrycks and Gimpel 2016.
    """
    return nn.gelu(x, approximate)


@_activation
def silu(x: Any) -> Tensor:
    """x * sigmoid(x), also called swish (Ramachandran et al. 2017)."""
    return nn.silu(x)


@_activation
def mish(x: Any) -> Tensor:
    """x * tanh(softplus(x)) (Misra 2019)."""
    return nn.mish(x)


@_activation
def glu(x: Any, axis: int = -1) -> Tensor:
    """a * sigmoid(b), where a and b are the halves of x along an axis.

    Raises:
        ShapeError: the axis cannot be halved.

    Source: Dauphin et al. 2017, equation 1.
    """
    x = _float(x)
    length = x.shape[normal_axis(axis, x.ndim)]
    if length % 2:
        raise ShapeError("glu halves an axis", expected="an even length", got=length)
    a, b = split(x, 2, axis)
    return a * sigmoid_primitive(b)


# -- bent ones: linear units ----------------------------------------------------------


@_activation
def relu(
    x: Any,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> Tensor:
    """max(x, 0), and its variants.

        max_value                           where x >= max_value
        x                                   where threshold < x < max_value
        negative_slope * (x - threshold)    elsewhere

    Args:
        x: any tensor.
        negative_slope: the derivative below the threshold; also at it.
        max_value: where the function stops to rise; never if None.
        threshold: up to which values are damped.

    Source: Nair and Hinton 2010; the leaky form Maas et al. 2013.
    """
    x = as_tensor(x)
    if negative_slope != 0 or max_value is not None or threshold != 0:
        x = cast_to(x, dtypes.float_dtype(x.dtype))
    above = where(x > threshold, x, 0)
    if max_value is not None:
        above = clip(above, 0, max_value)
    if negative_slope == 0:
        return above
    return above + where(x > threshold, 0, (x - threshold) * negative_slope)


@_activation
def relu6(x: Any) -> Tensor:
    """min(max(x, 0), 6). Its derivative at 0 and at 6 is 0."""
    return nn.relu6(x)


@_activation
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """x above 0, negative_slope * x elsewhere."""
    return nn.leaky_relu(x, negative_slope)


@_activation
def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """x above 0, alpha * (exp(x) - 1) below (Clevert et al. 2016)."""
    return nn.elu(x, alpha)


@_activation
def selu(x: Any) -> Tensor:
    """1.0507 * elu(x, 1.67326): keeps mean 0 and variance 1 through layers whose
    weights start with "lecun_normal" (Klambauer et al. 2017)."""
    return nn.selu(x)


@_activation
def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """x above 0, alpha * (exp(x / alpha) - 1) below (Barron 2017)."""
    return nn.celu(x, alpha)


@_activation
def threshold(x: Any, threshold: float, default_value: float) -> Tensor:
    """x above the threshold, default_value elsewhere."""
    x = _float(x)
    return where(x > threshold, x, default_value)


# -- bent ones: pieces of lines and parabolas -----------------------------------------


@_activation
def hard_sigmoid(x: Any) -> Tensor:
    """clip(x / 6 + 1/2, 0, 1)"""
    return nn.hard_sigmoid(x)


@_activation
def hard_silu(x: Any) -> Tensor:
    """x * hard_sigmoid(x), also called hard swish (Howard et al. 2019)."""
    return nn.hard_silu(x)


@_activation
def hard_tanh(x: Any) -> Tensor:
    """x limited to [-1, 1]."""
    return nn.hard_tanh(x)


@_activation
def hard_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """x where |x| > threshold, 0 elsewhere."""
    x = _float(x)
    return where(absolute(x) > threshold, x, 0)


@_activation
def soft_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """x moved towards 0 by the threshold; 0 where |x| <= threshold."""
    x = _float(x)
    below = where(x < -threshold, x + threshold, 0)
    return where(x > threshold, x - threshold, below)


@_activation
def sparse_plus(x: Any) -> Tensor:
    """0 up to -1, (x + 1)**2 / 4 up to 1, then x."""
    x = _float(x)
    middle = (x + 1) * (x + 1) / 4
    return where(x > -1, where(x < 1, middle, x), 0)


@_activation
def sparse_sigmoid(x: Any) -> Tensor:
    """0 up to -1, (x + 1) / 2 up to 1, then 1."""
    return clip((_float(x) + 1) / 2, 0, 1)


# -- over an axis ---------------------------------------------------------------------


@_activation
def softmax(x: Any, axis: Axis = -1) -> Tensor:
    """exp(x) / sum(exp(x)) over an axis: positive, with sum 1; never overflows."""
    return nn.softmax(x, axis)


@_activation
def log_softmax(x: Any, axis: Axis = -1) -> Tensor:
    """log(softmax(x)), finite also where softmax rounds to 0."""
    return nn.log_softmax(x, axis)


@_activation
def sparsemax(x: Any, axis: int = -1) -> Tensor:
    """The nearest point of the probability simplex: max(x - tau, 0), with sum 1.

    Source: Martins and Astudillo 2016, algorithm 1.

    Example:
        >>> sparsemax([1.0, 0.5, -1.0])
        Tensor([0.75 0.25 0.  ], shape=(3,), dtype=float32)
    """
    x = _float(x)
    axis = normal_axis(axis, x.ndim)
    here, other = expand_dims(x, axis + 1), expand_dims(x, axis)
    # Every element against every other, instead of sorting: element i is in the
    # support if 1 + (how many reach it) * x_i exceeds the sum of those.
    reaches = cast_to(other >= here, x.dtype)
    support = 1 + sum(reaches, axis + 1) * x > sum(reaches * other, axis + 1)
    support = cast_to(support, x.dtype)
    count = sum(support, axis, keepdims=True)
    tau = (sum(support * x, axis, keepdims=True) - 1) / count
    return where(x > tau, x - tau, 0)


swish = silu
hard_swish = hard_silu
_known |= {"swish": silu, "hard_swish": hard_silu}


# -- by name --------------------------------------------------------------------------


def get(identifier: Any) -> Activation:
    """The activation that an identifier stands for.

    Args:
        identifier: a name, a function (also a layer), what `serialize` returned, or
            None for `linear`.

    Raises:
        UnknownNameError: no activation has this name; suggests the nearest.

    Example:
        >>> get("rleu")
        Traceback (most recent call last):
        ...
        wubu.errors.UnknownNameError: there is no activation named "rleu"...
    """
    if identifier is None:
        return linear
    return lookup("activation", identifier, _known, None, functions=True)


def serialize(activation: Any) -> Any:
    """An activation in JSON's terms."""
    return configurable.serialize(activation)


def deserialize(
    config: Any, custom_objects: Mapping[str, Any] | None = None
) -> Activation:
    """The activation described by `serialize`'s result, or by a name.

    Args:
        config: the description.
        custom_objects: classes and functions of yours by the names they have in it.
    """
    return described(get, config, custom_objects)
