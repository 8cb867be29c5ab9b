"""Constraints: what weights have to be after every update.

An optimizer gives a weight its new value and then, if the weight has a constraint, the
constraint's: `Dense(8, kernel_constraint="non_neg")`. Names and arguments are those of
`keras.constraints`.

Example:
    >>> get("max_norm")([[3.0], [4.0]]).numpy().round(3).tolist()  # 5 long, then 2
    [[1.2...], [1.6...]]

Read next: `Constraint`, the base of your own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from wubu.core import configurable
from wubu.core.config import epsilon
from wubu.core.configurable import Configurable
from wubu.core.lookup import described, lookup
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.ops.comparison import where
from wubu.ops.functions import clip
from wubu.ops.reduction import Axis, norm


class Constraint(Configurable):
    """What a weight becomes: a subclass defines `__call__(w) -> tensor of its shape`.

    Example:
        >>> class Rounded(Constraint):
        ...     def __call__(self, w):
        ...         return as_tensor(w).round()
        >>> Rounded()([0.2, 1.7])
        Tensor([0. 2.], shape=(2,), dtype=float32)
    """

    def __call__(self, w: Any) -> Tensor:
        return as_tensor(w)


class NonNeg(Constraint):
    """max(w, 0): no weight is negative.

    Example:
        >>> NonNeg()([-1.0, 2.0])
        Tensor([0. 2.], shape=(2,), dtype=float32)
    """

    def __call__(self, w: Any) -> Tensor:
        w = as_tensor(w)
        return where(w > 0, w, 0)


class MinMaxNorm(Constraint):
    """w made so long that its norm n lies between two bounds: w m / (n + 1e-7), where
    m = rate clip(n, min_value, max_value) + (1 - rate) n.

    Args:
        min_value: the smallest norm.
        max_value: the largest norm.
        rate: how far a norm outside is moved towards its bound by one update; 1 is all
            the way.
        axis: over which the norm is taken: 0 for the weights of each unit of `Dense`,
            (0, 1, 2) for each filter of `Conv2D`.

    Raises:
        ArgumentError: a bound that is negative or no number, min_value above max_value,
            or a rate outside 0 to 1.

    Example:
        >>> MinMaxNorm(max_value=1.0)([[3.0, 0.5], [4.0, 0.0]]).numpy().round(3)
        array([[0.6, 0.5],
               [0.8, 0. ]], dtype=float32)
    """

    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: Axis = 0,
    ) -> None:
        self.min_value = _bound("min_value", min_value)
        self.max_value = _bound("max_value", max_value)
        self.rate = _bound("rate", rate)
        self.axis = axis
        if self.min_value > self.max_value or self.rate > 1:
            raise ArgumentError(
                "a norm lies between bounds, and goes there at a rate",
                expected="min_value <= max_value, and rate from 0 to 1",
                got=f"{min_value}, {max_value}, and {rate}",
            )

    def __call__(self, w: Any) -> Tensor:
        w = as_tensor(w)
        length = norm(w, axis=self.axis, keepdims=True)
        wanted = clip(length, self.min_value, self.max_value)
        if self.rate != 1:
            wanted = self.rate * wanted + (1 - self.rate) * length
        return w * (wanted / (epsilon() + length))


class MaxNorm(MinMaxNorm):
    """w made shorter where its norm n is too large: w min(n, max_value) / (n + 1e-7).

    Args:
        max_value: the largest norm.
        axis: over which the norm is taken; see `MinMaxNorm`.

    Raises:
        ArgumentError: a bound that is negative or no number.

    Source: Srivastava et al. 2014, section 5.1.

    Example:
        >>> MaxNorm(1.0)([[3.0, 0.5], [4.0, 0.0]]).numpy().round(3)
        array([[0.6, 0.5],
               [0.8, 0. ]], dtype=float32)
    """

    def __init__(self, max_value: float = 2, axis: Axis = 0) -> None:
        super().__init__(0.0, max_value, 1.0, axis)


class UnitNorm(MinMaxNorm):
    """w made 1 long: w / (n + 1e-7), where n is its norm.

    Args:
        axis: over which the norm is taken; see `MinMaxNorm`.

    Example:
        >>> UnitNorm()([[3.0], [4.0]]).numpy().round(3).tolist()
        [[0.6...], [0.8...]]
    """

    def __init__(self, axis: Axis = 0) -> None:
        super().__init__(1.0, 1.0, 1.0, axis)


max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm

_known = {cls.__name__: cls for cls in (MaxNorm, MinMaxNorm, NonNeg, UnitNorm)}


def get(identifier: Any) -> Any:
    """The constraint that an identifier stands for: a name, class, description,
    instance, or any function of a tensor; None stays None.

    Example:
        >>> type(get("non_neg")).__name__
        'NonNeg'
    """
    return lookup("constraint", identifier, _known, Constraint, functions=True)


def serialize(constraint: Any) -> Any:
    """A constraint in JSON's terms."""
    return configurable.serialize(constraint)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The constraint described by `serialize`'s result, or by a name.

    Args:
        config: the description.
        custom_objects: classes and functions of yours by the names they have in it.
    """
    return described(get, config, custom_objects)


def _bound(name: str, value: Any) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value < 0:
        raise ArgumentError(f"{name} is a number, 0 or above", got=repr(value))
    return value
