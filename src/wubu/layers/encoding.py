"""Output modes of layers on categories: indices as they are, one-hot, or counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu import ops
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.layers.arguments import one_of
from wubu.ops.selection import scatter_add

OUTPUT_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
_OLD_SPELLINGS = {"binary": "multi_hot", "tf-idf": "tf_idf"}


def output_mode(value: Any, allowed: Sequence[str] = OUTPUT_MODES) -> str:
    """An `output_mode` argument, old spellings translated.

    Example:
        >>> output_mode("binary")
        'multi_hot'
    """
    return one_of("output_mode", _OLD_SPELLINGS.get(str(value), value), allowed)


def dense_only(**flags: bool) -> None:
    """Refuses `sparse=True` and `ragged=True`."""
    for name, value in flags.items():
        if value:
            raise ArgumentError(
                f"{name} tensors are not among Wubu's",
                expected=f"{name}=False",
                got=f"{name}={value!r}",
                fix="leave it out: the result is a plain tensor",
            )


def encode(
    indices: Tensor,
    mode: str,
    depth: int,
    dtype: Any,
    *,
    count_weights: Tensor | None = None,
    idf: np.ndarray | None = None,
) -> Tensor:
    """Indices in an output mode; one outside [0, depth) counts nowhere.

    Args:
        indices: integers.
        mode: of `OUTPUT_MODES`.
        depth: how many categories there are.
        dtype: of the result; that of "int" is the one of the indices.
        count_weights: what each index counts, for "count".
        idf: a factor for each category, for "tf_idf".

    Shapes:
        (..., places) -> the same for "int"; (..., places, depth) for "one_hot", places
        of 1 left out; (..., depth) for the others.

    Example:
        >>> encode(as_tensor([[2, 0, 2]]), "count", 3, "float32").tolist()
        [[1.0, 0.0, 2.0]]
    """
    if mode == "int":
        return indices
    if mode == "one_hot":
        if indices.ndim > 1 and indices.shape[-1] == 1:
            indices = ops.squeeze(indices, axis=-1)
        return ops.one_hot(indices, depth, dtype=dtype)
    if indices.ndim == 0:
        indices = ops.reshape(indices, (1,))
    counts = _counts(indices, depth, dtype, count_weights)
    if mode == "multi_hot":
        return ops.cast(counts > 0, dtype)
    return counts if idf is None else counts * as_tensor(idf, dtype)


def _counts(
    indices: Tensor, depth: int, dtype: Any, count_weights: Tensor | None
) -> Tensor:
    indices = ops.cast(indices, "int64")
    inside = (indices >= 0) & (indices < depth)
    weights = ops.ones_like(indices, dtype=dtype)
    if count_weights is not None:
        weights = ops.broadcast_to(ops.cast(count_weights, dtype), indices.shape)
    axis = indices.ndim - 1
    places = ops.where(inside, indices, depth)  # one more, which is left out
    counts = scatter_add(places, weights, axis=axis, batch_dims=axis, size=depth + 1)
    return counts[..., :depth]
