"""Initializers that draw nothing: Zeros, Ones, Constant, Identity."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.tensor import Tensor
from wubu.errors import ShapeError
from wubu.initializers.initializer import Initializer, Shape


class Zeros(Initializer):
    """0 everywhere.

    Example:
        >>> Zeros()((2,))
        Tensor([0. 0.], shape=(2,), dtype=float32)
    """

    def values(self, shape: Shape, dtype: np.dtype) -> Any:
        return np.zeros(shape, dtype)


class Ones(Initializer):
    """1 everywhere."""

    def values(self, shape: Shape, dtype: np.dtype) -> Any:
        return np.ones(shape, dtype)


class Constant(Initializer):
    """The same value everywhere, or an array of values.

    Args:
        value: a number, or what broadcasts to the weight's shape.

    Raises:
        ShapeError: an array that does not broadcast to the weight's shape.

    Example:
        >>> Constant(0.5)((2,))
        Tensor([0.5 0.5], shape=(2,), dtype=float32)
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def values(self, shape: Shape, dtype: np.dtype) -> Any:
        value = self.value.numpy() if isinstance(self.value, Tensor) else self.value
        array = np.asarray(value)
        try:
            return np.broadcast_to(array, shape).astype(dtype)
        except ValueError:
            raise ShapeError(
                "the constant does not fit the weight",
                expected=f"a value that broadcasts to {shape}",
                got=f"shape {array.shape}",
            ) from None


class Identity(Initializer):
    """`gain` on the diagonal of a matrix, 0 elsewhere.

    Example:
        >>> Identity()((2, 2)).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def values(self, shape: Shape, dtype: np.dtype) -> Any:
        if len(shape) != 2:
            raise ShapeError(
                "only a matrix can be an identity", expected="2 axes", got=shape
            )
        return (self.gain * np.eye(*shape)).astype(dtype)
