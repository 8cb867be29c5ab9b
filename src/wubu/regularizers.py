"""Regularizers: what is added to the loss because weights are large.

Read next: `Regularizer`, the base of your own.
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
from wubu.errors import ArgumentError, ShapeError
from wubu.ops.contraction import matmul
from wubu.ops.creation import eye
from wubu.ops.functions import absolute
from wubu.ops.nn import normalize
from wubu.ops.reduction import sum


class Regularizer(Configurable):
    """A penalty on a tensor: a subclass defines `__call__(x) -> scalar tensor`."""

    def __call__(self, x: Any) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} must define __call__(x)")


class L1L2(Regularizer):
    """l1 * sum(|x|) + l2 * sum(x**2)

    Args:
        l1: weight of the absolute values; draws weights to exactly 0.
        l2: weight of the squares; draws large weights most.

    Raises:
        ArgumentError: a weight is negative or no number.

    Example:
        >>> L1L2(l1=1.0, l2=0.5)([3.0, -4.0])
        Tensor(19.5, shape=(), dtype=float32)
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = _factor("l1", l1)
        self.l2 = _factor("l2", l2)

    def __call__(self, x: Any) -> Tensor:
        x = as_tensor(x)
        penalty = as_tensor(0.0, x.dtype)
        if self.l1:
            penalty = penalty + self.l1 * sum(absolute(x))
        if self.l2:
            penalty = penalty + self.l2 * sum(x * x)
        return penalty


class L1(Regularizer):
    """l1 * sum(|x|)

    Example:
        >>> L1(0.5)([3.0, -4.0])
        Tensor(3.5, shape=(), dtype=float32)
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _factor("l1", 0.01 if l1 is None else l1)

    def __call__(self, x: Any) -> Tensor:
        return self.l1 * sum(absolute(x))


class L2(Regularizer):
    """l2 * sum(x**2)

    Example:
        >>> L2(0.5)([3.0, -4.0])
        Tensor(12.5, shape=(), dtype=float32)
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor("l2", 0.01 if l2 is None else l2)

    def __call__(self, x: Any) -> Tensor:
        x = as_tensor(x)
        return self.l2 * sum(x * x)


class OrthogonalRegularizer(Regularizer):
    """factor times the mean of |cos| over all pairs of rows or columns: 0 where they
    are orthogonal to each other.

    Args:
        factor: weight of the penalty.
        mode: "rows" or "columns": which are to be orthogonal.

    Shapes:
        x: (rows, columns).

    Raises:
        ArgumentError: a weight that is negative or no number, or another mode.
        ShapeError: what is penalised is no matrix.

    Source: Brock et al. 2017, section 3.2, of normalized vectors.

    Example:
        >>> OrthogonalRegularizer(1.0)([[1.0, 0.0], [3.0, 4.0]])
        Tensor(0.6, shape=(), dtype=float32)
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _factor("factor", factor)
        if mode not in ("rows", "columns"):
            raise ArgumentError(
                "rows or columns are to be orthogonal",
                expected='"rows" or "columns"',
                got=repr(mode),
            )
        self.mode = mode

    def __call__(self, x: Any) -> Tensor:
        x = as_tensor(x)
        if x.ndim != 2:
            raise ShapeError(
                "only the rows or columns of a matrix can be orthogonal",
                expected="2 axes",
                got=x.shape,
            )
        rows = normalize(x if self.mode == "rows" else x.T, epsilon=epsilon())
        count = rows.shape[0]
        others = 1 - eye(count, dtype=rows.dtype)
        total = sum(absolute(matmul(rows, rows.T)) * others)
        return self.factor * total / max(count * (count - 1), 1)


l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer

_known = {cls.__name__: cls for cls in (L1, L2, L1L2, OrthogonalRegularizer)}


def get(identifier: Any) -> Any:
    """The regularizer that an identifier stands for: a name, class, description,
    instance, or any function of a tensor; None stays None.

    Example:
        >>> type(get("l1_l2")).__name__
        'L1L2'
    """
    return lookup("regularizer", identifier, _known, Regularizer, functions=True)


def serialize(regularizer: Any) -> Any:
    """A regularizer in JSON's terms."""
    return configurable.serialize(regularizer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The regularizer described by `serialize`'s result, or by a name.

    Args:
        config: the description.
        custom_objects: classes and functions of yours by the names they have in it.
    """
    return described(get, config, custom_objects)


def _factor(name: str, value: Any) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value < 0:
        raise ArgumentError(
            f"{name} is the weight of a penalty",
            expected="a number, 0 or above",
            got=repr(value),
        )
    return float(value)
