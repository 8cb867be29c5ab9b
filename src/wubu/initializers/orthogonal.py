"""Orthogonal: a random rotation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wubu.core.dtypes import FLOAT64
from wubu.errors import ShapeError
from wubu.initializers.initializer import RandomInitializer, Shape
from wubu.ops import random


class Orthogonal(RandomInitializer):
    """A matrix whose columns (rows, if those are fewer) are orthogonal to each other.

    Axes before the last are taken as one. The matrix is the Q of the QR decomposition
    of a normally distributed one; with the signs of R's diagonal moved to Q, all
    rotations are equally likely.

    Args:
        gain: the length of the columns or rows.
        seed: see `RandomInitializer`.

    Raises:
        ShapeError: fewer than 2 axes.

    Source: Saxe et al. 2014; the signs Mezzadri 2007, section 5.

    Example:
        >>> q = Orthogonal(seed=1)((5, 3))
        >>> bool(np.allclose(q.T @ q, np.eye(3), atol=1e-6))
        True
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def values(self, shape: Shape, dtype: np.dtype) -> Any:
        if len(shape) < 2:
            raise ShapeError(
                "an orthogonal weight is a matrix at least",
                expected="2 axes or more",
                got=shape,
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        drawn = random.normal(tall, dtype=FLOAT64, seed=self.stream).numpy()
        q, r = np.linalg.qr(drawn)
        q = q * np.where(np.diag(r) < 0, -1.0, 1.0)
        q = q if rows >= columns else q.T
        return (self.gain * q).reshape(shape).astype(dtype)
