"""Initializers whose spread depends on the number of inputs and outputs.

All are `VarianceScaling` with different arguments:

    | | scale | mode | distribution |
    |---|---|---|---|
    | Glorot and Bengio 2010, equation 16 | 1 | fan_avg | uniform or normal |
    | He et al. 2015, equation 10 | 2 | fan_in | uniform or normal |
    | LeCun et al. 1998, equation 16 | 1 | fan_in | uniform or normal |
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.errors import ArgumentError, UnknownNameError
from wubu.initializers.initializer import RandomInitializer, Shape, compute_fans
from wubu.ops import random

# The standard deviation of a standard normal distribution cut at 2.
TRUNCATED_STDDEV = 0.87962566103423978

MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")

Axes = int | Sequence[int] | None


class VarianceScaling(RandomInitializer):
    """Numbers with mean 0 and variance scale / n.

    n is the number of inputs of a unit ("fan_in"), of outputs ("fan_out"), or the mean
    of both ("fan_avg"). Then signals keep their size from layer to layer.

    Args:
        scale: see above.
        mode: what n is.
        distribution: "truncated_normal" (or "normal": cut at two of its standard
            deviations, and widened to make up for it), "untruncated_normal", or
            "uniform" over +-sqrt(3 * scale / n).
        seed: see `RandomInitializer`.
        input_axes: which axes of the weight hold inputs, if not the last but one.
        output_axes: which axes hold outputs, if not the last.

    Raises:
        ArgumentError: a scale that is not positive.
        UnknownNameError: an unknown mode or distribution.

    Example:
        >>> values = VarianceScaling(2.0, distribution="uniform", seed=1)((200, 100))
        >>> print(f"{values.var().item():.4f}")
        0.0100
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Axes = None,
        output_axes: Axes = None,
    ) -> None:
        super().__init__(seed)
        if scale <= 0:
            raise ArgumentError("scale is positive", expected="above 0", got=scale)
        if mode not in MODES:
            raise UnknownNameError("mode", mode, MODES)
        if distribution == "normal":
            distribution = "truncated_normal"
        if distribution not in DISTRIBUTIONS:
            raise UnknownNameError("distribution", distribution, DISTRIBUTIONS)
        self.scale = scale
        self.mode = mode
        self.distribution = distribution
        self.input_axes = input_axes
        self.output_axes = output_axes

    def values(self, shape: Shape, dtype: np.dtype) -> Any:
        stddev = math.sqrt(self.scale / max(1.0, self._fan(shape)))
        if self.distribution == "uniform":
            limit = math.sqrt(3.0) * stddev
            return random.uniform(shape, -limit, limit, dtype, self.stream)
        if self.distribution == "untruncated_normal":
            return random.normal(shape, 0.0, stddev, dtype, self.stream)
        widened = stddev / TRUNCATED_STDDEV
        return random.truncated_normal(shape, 0.0, widened, dtype, self.stream)

    def _fan(self, shape: Shape) -> float:
        inputs, outputs = compute_fans(shape, self.input_axes, self.output_axes)
        fans = {"fan_in": inputs, "fan_out": outputs}
        return fans.get(self.mode, (inputs + outputs) / 2)


class GlorotUniform(VarianceScaling):
    """Uniform over +-sqrt(6 / (fan_in + fan_out)); Keras' default for kernels."""

    def __init__(
        self, seed: Any = None, input_axes: Axes = None, output_axes: Axes = None
    ) -> None:
        super().__init__(1.0, "fan_avg", "uniform", seed, input_axes, output_axes)


class GlorotNormal(VarianceScaling):
    """Truncated normal with standard deviation sqrt(2 / (fan_in + fan_out))."""

    def __init__(
        self, seed: Any = None, input_axes: Axes = None, output_axes: Axes = None
    ) -> None:
        super().__init__(
            1.0, "fan_avg", "truncated_normal", seed, input_axes, output_axes
        )


class HeUniform(VarianceScaling):
    """Uniform over +-sqrt(6 / fan_in); for layers followed by relu."""

    def __init__(
        self, seed: Any = None, input_axes: Axes = None, output_axes: Axes = None
    ) -> None:
        super().__init__(2.0, "fan_in", "uniform", seed, input_axes, output_axes)


class HeNormal(VarianceScaling):
    """Truncated normal with standard deviation sqrt(2 / fan_in); for layers followed by
    relu."""

    def __init__(
        self, seed: Any = None, input_axes: Axes = None, output_axes: Axes = None
    ) -> None:
        super().__init__(
            2.0, "fan_in", "truncated_normal", seed, input_axes, output_axes
        )


class LecunUniform(VarianceScaling):
    """Uniform over +-sqrt(3 / fan_in)."""

    def __init__(
        self, seed: Any = None, input_axes: Axes = None, output_axes: Axes = None
    ) -> None:
        super().__init__(1.0, "fan_in", "uniform", seed, input_axes, output_axes)


class LecunNormal(VarianceScaling):
    """Truncated normal with standard deviation sqrt(1 / fan_in); for selu."""

    def __init__(
        self, seed: Any = None, input_axes: Axes = None, output_axes: Axes = None
    ) -> None:
        super().__init__(
            1.0, "fan_in", "truncated_normal", seed, input_axes, output_axes
        )
