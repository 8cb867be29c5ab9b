"""Sample inputs that stand beside every primitive and drive the generic tests.

A sample says how inputs look, not what they are: values are drawn when a test runs, so
that importing Wubu computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Input(NamedTuple):
    """One input of a sample: `draw(random, shape)` gives its values."""

    shape: tuple[int, ...]
    draw: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]

    def array(self, random: np.random.Generator) -> np.ndarray:
        return self.draw(random, self.shape)


class Sample(NamedTuple):
    """Inputs and parameters a primitive can be applied to."""

    inputs: tuple[Input, ...]
    params: dict[str, Any]


def sample(*inputs: Input, **params: Any) -> Sample:
    return Sample(inputs, params)


def normal(*shape: int) -> Input:
    """Normally distributed float64 values."""
    return Input(shape, lambda random, shape: random.standard_normal(shape))


def positive(*shape: int) -> Input:
    """Values in [0.5, 2): away from the poles of log, sqrt and division."""
    return Input(shape, lambda random, shape: random.uniform(0.5, 2, shape))


def spread(*shape: int, shift: float = 0.0) -> Input:
    """Values at least 0.1 apart from each other and 0.05 from zero: no ties, and no
    kink within reach of a finite difference. Two inputs need different shifts."""

    def draw(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        size = int(np.prod(shape))
        ladder = 0.1 * (np.arange(size) - size // 2) + 0.05 + shift
        return random.permutation(ladder).reshape(shape)

    return Input(shape, draw)


def integers(*shape: int, high: int, low: int = 0) -> Input:
    """int64 values in [low, high)."""
    return Input(shape, lambda random, shape: random.integers(low, high, shape))


def booleans(*shape: int) -> Input:
    return Input(shape, lambda random, shape: random.integers(0, 2, shape) > 0)
