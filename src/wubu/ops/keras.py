"""Names of `keras.ops` that custom layers use and that are a line of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu.core.location import located
from wubu.core.tensor import Shape, Tensor, as_tensor
from wubu.errors import ShapeError
from wubu.ops.arithmetic import identity
from wubu.ops.comparison import equal, logical_and, where
from wubu.ops.creation import eye, zeros, zeros_like
from wubu.ops.functions import absolute
from wubu.ops.joining import concatenate
from wubu.ops.movement import expand_dims, reshape
from wubu.ops.reduction import Axis, all, sum


def shape(x: Any) -> Shape:
    """The length of every axis."""
    return as_tensor(x).shape


def ndim(x: Any) -> int:
    """The number of axes."""
    return as_tensor(x).ndim


def size(x: Any) -> int:
    """The number of elements."""
    return as_tensor(x).size


def array(x: Any, dtype: Any = None) -> Tensor:
    """`x` as a tensor with memory of its own."""
    return copy(as_tensor(x, dtype))


def copy(x: Any) -> Tensor:
    """A copy with memory of its own; gradients flow through it."""
    return as_tensor(x).clone()


def stop_gradient(x: Any) -> Tensor:
    """The same value, through which no gradient flows."""
    return identity(as_tensor(x)).detach()


@located
def average(x: Any, axis: Axis = None, weights: Any = None) -> Tensor:
    """The mean over axes, each element counted with its weight.

    Example:
        >>> average([1.0, 3.0], weights=[3.0, 1.0])
        Tensor(1.5, shape=(), dtype=float32)
    """
    x = as_tensor(x)
    if weights is None:
        return x.mean(axis)
    weights = as_tensor(weights)
    if weights.ndim == 1 and isinstance(axis, int) and x.ndim > 1:
        weights = reshape(
            weights, [-1 if a == axis % x.ndim else 1 for a in range(x.ndim)]
        )
    weights = weights.broadcast_to(x.shape)
    return sum(x * weights, axis) / sum(weights, axis)


@located
def divide_no_nan(x1: Any, x2: Any) -> Tensor:
    """x1 / x2, and 0 where x2 is 0.

    Example:
        >>> divide_no_nan([1.0, 3.0], [0.0, 2.0])
        Tensor([0.  1.5], shape=(2,), dtype=float32)
    """
    x1, x2 = as_tensor(x1), as_tensor(x2)
    return where(x2 == 0, 0.0, x1 / where(x2 == 0, 1.0, x2))


@located
def diag(x: Any, k: int = 0) -> Tensor:
    """A matrix with a vector on diagonal k, zeros elsewhere; of a matrix its diagonal.

    Example:
        >>> diag([1, 2]).tolist(), diag([[1, 2], [3, 4]]).tolist()
        ([[1, 0], [0, 2]], [1, 4])
    """
    x = as_tensor(x)
    if x.ndim == 1:
        wide = x.shape[0] + abs(k)
        rows = concatenate([x[:0].new_zeros(max(-k, 0)), x, x.new_zeros(max(k, 0))])
        return where(eye(wide, wide, k, dtype="bool"), expand_dims(rows, 1), 0)
    if x.ndim != 2:
        raise ShapeError("diag takes a vector or a matrix", got=x.shape)
    count = max(min(x.shape[0] + min(k, 0), x.shape[1] - max(k, 0)), 0)
    first, second = max(-k, 0), max(k, 0)
    return x[list(range(first, first + count)), list(range(second, second + count))]


def isclose(
    x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Whether |x1 - x2| <= atol + rtol * |x2|, or both are the same infinity."""
    x1, x2 = as_tensor(x1), as_tensor(x2)
    finite = absolute(x2) < float("inf")
    near = absolute(x1 - x2) <= atol + rtol * absolute(x2)
    found = logical_and(near, finite) | equal(x1, x2)
    return found | ((x1 != x1) & (x2 != x2)) if equal_nan else found


def allclose(
    x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Whether all elements are close, as `isclose` says."""
    return all(isclose(x1, x2, rtol, atol, equal_nan))


def empty(shape: Any, dtype: Any = None) -> Tensor:
    """A tensor of which nothing but the shape matters; it holds zeros."""
    return zeros(shape, dtype=dtype)


def empty_like(x: Any, dtype: Any = None) -> Tensor:
    """`empty` in the shape (and dtype) of another tensor."""
    return zeros_like(x, dtype)


@located
def hstack(tensors: Sequence[Any]) -> Tensor:
    """Joins along the second axis; vectors and numbers along the first."""
    found = [x if x.ndim else reshape(x, (1,)) for x in map(as_tensor, tensors)]
    return concatenate(found, 0 if found and found[0].ndim == 1 else 1)


@located
def vstack(tensors: Sequence[Any]) -> Tensor:
    """Joins along the first axis; vectors and numbers become rows."""
    found = [x if x.ndim > 1 else reshape(x, (1, -1)) for x in map(as_tensor, tensors)]
    return concatenate(found, 0)
