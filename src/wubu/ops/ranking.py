"""The largest elements: which they are, and whether one is among them.

Nothing here sorts. `top_k` takes the largest element k times, in a `scan`: k rounds of
`argmax` cost k n operations and the memory of one row, for any k and n, with primitives
that every executor has. A sort would cost a kernel of its own and pay for large k only;
where networks are judged or sampled from, k is small. `in_top_k` counts what is larger,
which needs no order at all.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, DTypeError, ShapeError
from wubu.ops.comparison import where
from wubu.ops.creation import zeros
from wubu.ops.movement import expand_dims, moveaxis
from wubu.ops.prepare import cast_to, whole
from wubu.ops.reduction import any, argmax, count_nonzero, max
from wubu.ops.scan import scan
from wubu.ops.selection import gather, one_hot


@located
def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """The k largest elements along the last axis, and where they are.

    Of equal elements the first comes first; NaN counts as the largest, as for `argmax`.
    Gradients flow through the values.

    Args:
        x: (..., n).
        k: how many, from 1 to n.
        sorted: whether the largest comes first. It does in either case.

    Returns:
        Values and indices, both (..., k); indices are int64.

    Raises:
        ArgumentError: there are no k elements.

    Example:
        >>> values, indices = top_k([3.0, 9.0, 4.0, 9.0], 3)
        >>> values.tolist(), indices.tolist()
        ([9.0, 9.0, 4.0], [1, 3, 2])
    """
    x = as_tensor(x)
    indices, _ = largest(x, k)
    last = x.ndim - 1
    return gather(x, indices, axis=last, batch_dims=last), indices


def largest(x: Any, k: int) -> tuple[Tensor, Tensor]:
    """The places of the k largest elements along the last axis, (..., k), and a mask
    that is True there, in the shape of x."""
    x = as_tensor(x).detach()
    n = _check_k(x, k)
    lowest = _lowest(x.dtype)

    def step(taken: Tensor, _: None) -> tuple[Tensor, Tensor]:
        left = where(taken, lowest, x)
        # Where nothing but the lowest number is left, what was taken looks the same.
        exhausted = max(left, -1) == lowest
        place = where(exhausted, argmax(~taken, -1), argmax(left, -1))
        return taken | one_hot(place, n, dtype="bool"), place

    mask, places = scan(step, zeros(x.shape, dtype="bool"), length=k)
    return moveaxis(places, 0, -1), mask


@located
def in_top_k(targets: Any, predictions: Any, k: int) -> Tensor:
    """Whether the prediction for the target's class is among the k largest: fewer than
    k are larger. NaN is never among them, nor is a target that is no class.

    Args:
        targets: class numbers, (...).
        predictions: (..., classes).
        k: how many, from 1 to the number of classes.

    Returns:
        Bools, (...).

    Example:
        >>> in_top_k([1, 2], [[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]], k=2).tolist()
        [True, False]
    """
    targets, predictions = as_tensor(targets), as_tensor(predictions)
    classes = _check_k(predictions, k)
    if targets.shape != predictions.shape[:-1]:
        raise ShapeError(
            "in_top_k takes one class number for each row of predictions",
            expected=f"targets {predictions.shape[:-1]}, for {predictions.shape}",
            got=targets.shape,
        )
    chosen = one_hot(cast_to(targets, dtypes.INT64), classes, dtype="bool")
    lowest = _lowest(predictions.dtype)
    own = max(where(chosen, predictions, lowest), -1)
    ahead = count_nonzero(~(predictions <= expand_dims(own, -1)), -1)
    return (ahead < k) & any(chosen, -1)


def _check_k(x: Tensor, k: int) -> int:
    """How many elements a row has, if there are k."""
    if x.dtype.kind == "c":
        raise DTypeError("complex numbers have no order", got=x.dtype)
    if not x.ndim:
        raise ShapeError("the largest elements are those of an axis", got="shape ()")
    n = x.shape[-1]
    if not 1 <= whole(k, "k") <= n:
        raise ArgumentError(
            f"there are not {k} elements to choose", expected=f"k from 1 to {n}", got=k
        )
    return n


def _lowest(dtype: np.dtype) -> Any:
    if dtypes.is_float(dtype):
        return -np.inf
    return False if dtype.kind == "b" else int(np.iinfo(dtype).min)
