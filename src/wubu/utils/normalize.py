"""Arrays of length 1 along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.tensor import Tensor
from wubu.ops.nn import normalize as normalize_tensor


def normalize(x: Any, axis: int = -1, order: Any = 2) -> Any:
    """x divided by its norm along an axis; zeros stay zeros.

    Args:
        x: an array, or a tensor.
        axis: along which the result has norm 1.
        order: of the norm: 2 for the length, 1 for the sum of absolute values; for
            arrays others too.

    Returns:
        A tensor if x is one, else an array.

    Example:
        >>> normalize(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
        [[0.6, 0.8], [0.0, 0.0]]
    """
    if isinstance(x, Tensor):
        return normalize_tensor(x, axis=axis, order=order)
    x = np.asarray(x)
    norm = np.linalg.norm(x, order, axis, keepdims=True)
    return x / np.where(norm == 0, 1, norm)
