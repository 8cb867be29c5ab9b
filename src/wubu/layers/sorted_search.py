"""Places in a sorted table, found by halving: with tensors, so that it compiles."""

from __future__ import annotations

import numpy as np

from wubu import ops
from wubu.core.tensor import Tensor, as_tensor
from wubu.ops.selection import gather


def count_at_most(table: np.ndarray, x: Tensor) -> Tensor:
    """How many numbers of a sorted table are at most x, int64; all of them for NaN.

    Each step halves the rest: log2(len(table)) comparisons for each element.

    Example:
        >>> count_at_most(np.array([1.0, 5.0]), as_tensor([0.0, 1.0, 7.0])).tolist()
        [0, 1, 2]
    """
    bits = len(table).bit_length()
    padded = as_tensor(np.pad(table, (0, 2**bits - len(table)), mode="maximum"))
    place = ops.zeros_like(x, dtype="int64")
    for bit in reversed(range(bits)):
        probe = gather(padded, place + (2**bit - 1), axis=0, batch_dims=0)
        place = ops.where(probe > x, place, place + 2**bit)
    return ops.minimum(place, len(table))
