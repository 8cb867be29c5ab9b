"""Initializers that draw from one distribution, whatever the shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.errors import ArgumentError
from wubu.initializers.initializer import RandomInitializer, Shape
from wubu.ops import random


class RandomNormal(RandomInitializer):
    """Normally distributed numbers.

    Args:
        mean: of the distribution.
        stddev: its standard deviation.
        seed: see `RandomInitializer`.

    Raises:
        ArgumentError: a negative standard deviation.

    Example:
        >>> RandomNormal(seed=1)((2, 3)).shape
        (2, 3)
    """

    def __init__(
        self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None
    ) -> None:
        super().__init__(seed)
        self.mean = mean
        self.stddev = at_least_0("stddev", stddev)

    def values(self, shape: Shape, dtype: np.dtype) -> Any:
        return random.normal(shape, self.mean, self.stddev, dtype, self.stream)


class TruncatedNormal(RandomInitializer):
    """Normally distributed numbers, none farther than 2 `stddev` from the mean.

    Their own standard deviation is 0.8796 `stddev`.

    Args:
        mean: of the distribution.
        stddev: its standard deviation before it is cut.
        seed: see `RandomInitializer`.

    Raises:
        ArgumentError: a negative standard deviation.
    """

    def __init__(
        self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None
    ) -> None:
        super().__init__(seed)
        self.mean = mean
        self.stddev = at_least_0("stddev", stddev)

    def values(self, shape: Shape, dtype: np.dtype) -> Any:
        return random.truncated_normal(
            shape, self.mean, self.stddev, dtype, self.stream
        )


class RandomUniform(RandomInitializer):
    """Numbers evenly distributed over [minval, maxval).

    Args:
        minval: lower end, included.
        maxval: upper end, not included.
        seed: see `RandomInitializer`.

    Raises:
        ArgumentError: `minval` above `maxval`.
    """

    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None
    ) -> None:
        super().__init__(seed)
        if not minval <= maxval:
            raise ArgumentError(
                "minval is the lower end",
                expected=f"minval <= maxval, which is {maxval}",
                got=minval,
            )
        self.minval = minval
        self.maxval = maxval

    def values(self, shape: Shape, dtype: np.dtype) -> Any:
        return random.uniform(shape, self.minval, self.maxval, dtype, self.stream)


def at_least_0(name: str, value: float) -> float:
    """A number of 0 or above; NaN is none."""
    if not value >= 0:
        raise ArgumentError(f"{name} is not negative", expected="0 or above", got=value)
    return value
