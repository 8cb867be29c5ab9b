"""What initializers have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.configurable import Configurable
from wubu.core.modes import no_grad, tracing
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.ops.random import SeedGenerator

Shape = tuple[int, ...]


class Initializer(Configurable):
    """First values of weights: a subclass defines `values(shape, dtype)`.

    Calling an initializer gives a tensor. Also inside a compiled function it is a value
    that is known at once: first values are no part of a program.

    Example:
        >>> class Half(Initializer):
        ...     def values(self, shape, dtype):
        ...         return np.full(shape, 0.5, dtype)
        >>> Half()((2,))
        Tensor([0.5 0.5], shape=(2,), dtype=float32)
    """

    def values(self, shape: Shape, dtype: np.dtype) -> Any:
        """An array or tensor of this shape and dtype."""
        raise NotImplementedError(f"{type(self).__name__} must define values()")

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """First values.

        Args:
            shape: of the weight.
            dtype: of the weight; float32 if None.
        """
        wanted = dtypes.FLOAT32 if dtype is None else dtypes.as_dtype(dtype)
        with tracing(None), no_grad():
            found = self.values(as_shape(shape), wanted)
        return found if isinstance(found, Tensor) else Tensor(found)


class RandomInitializer(Initializer):
    """An initializer that draws numbers.

    Args:
        seed: None draws other numbers at every call; they depend on
            `wubu.set_random_seed` and on how many random layers and initializers were
            made before. An integer gives always the same numbers for a shape, in every
            call and every initializer with this seed. A `SeedGenerator` is drawn from.
    """

    def __init__(self, seed: Any = None) -> None:
        whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
        if not (seed is None or whole or isinstance(seed, SeedGenerator)):
            raise ArgumentError(
                "a seed is an integer, a SeedGenerator or None", got=repr(seed)
            )
        self.seed = seed
        self.stream: Any = SeedGenerator() if seed is None else seed


def as_shape(shape: Any) -> Shape:
    """A shape given as a number or a sequence of numbers.

    Raises:
        ShapeError: a length is negative or no integer.
    """
    lengths = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    if not all(isinstance(n, int | np.integer) and n >= 0 for n in lengths):
        raise ShapeError("a shape holds lengths, 0 or above", got=repr(shape))
    return tuple(int(n) for n in lengths)


def compute_fans(
    shape: Shape,
    input_axes: int | Sequence[int] | None = None,
    output_axes: int | Sequence[int] | None = None,
) -> tuple[int, int]:
    """How many inputs feed each unit, and how many units each input feeds.

    The last axis holds the outputs, the one before it the inputs, and all axes before
    that the positions of a window, which count for both.

    Args:
        shape: of the weight.
        input_axes: the axes of the inputs, if they are others.
        output_axes: the axes of the outputs, if they are others.

    Example:
        >>> compute_fans((300, 200)), compute_fans((3, 3, 8, 16))
        ((300, 200), (72, 144))
        >>> compute_fans((4, 5, 6), input_axes=(0,), output_axes=(1, 2))
        (4, 30)
    """
    if len(shape) < 2 and input_axes is None and output_axes is None:
        length = shape[0] if shape else 1
        return length, length
    inputs = _axes(len(shape), input_axes, -2)
    outputs = _axes(len(shape), output_axes, -1)
    window = [n for a, n in enumerate(shape) if a not in inputs and a not in outputs]
    positions = math.prod(window)
    fan_in = positions * math.prod(shape[a] for a in inputs)
    fan_out = positions * math.prod(shape[a] for a in outputs)
    return fan_in, fan_out


def _axes(ndim: int, axes: Sequence[int] | int | None, usual: int) -> set[int]:
    given = (usual,) if axes is None else (axes,) if isinstance(axes, int) else axes
    for axis in given:
        if not -ndim <= axis < ndim:
            raise ShapeError(
                "an axis of the inputs or outputs is not there",
                expected=f"{-ndim} to {ndim - 1}",
                got=axis,
            )
    return {axis % ndim for axis in given}
