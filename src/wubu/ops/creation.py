"""Tensors from nothing: zeros, ones, ranges, triangles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.location import located
from wubu.core.modes import active_trace
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, DTypeError, ShapeError
from wubu.ops.comparison import where
from wubu.ops.movement import broadcast_to
from wubu.ops.prepare import cast_to, sizes, whole


def _shape(shape: Sequence[Any]) -> tuple[int, ...]:
    return sizes(shape[0] if len(shape) == 1 else shape)


@located
def zeros(
    *size: Any, dtype: Any = None, requires_grad: bool = False, shape: Any = None
) -> Tensor:
    """Zeros of a shape: numbers, as in PyTorch, or one tuple and a dtype, as in Keras.

    Example:
        >>> zeros(2, 3).shape, zeros((2, 3), "int32").dtype, zeros(shape=(2,)).shape
        ((2, 3), dtype('int32'), (2,))
    """
    return _constant(0, size, shape, dtype, requires_grad)


@located
def ones(
    *size: Any, dtype: Any = None, requires_grad: bool = False, shape: Any = None
) -> Tensor:
    """Ones of a shape: numbers, as in PyTorch; a tuple and a dtype, as in Keras."""
    return _constant(1, size, shape, dtype, requires_grad)


def _constant(
    value: Any, size: Sequence[Any], shape: Any, dtype: Any, requires_grad: bool
) -> Tensor:
    size = size if shape is None else (shape, *size)
    if len(size) == 2 and np.iterable(size[0]):  # Keras' (shape, dtype)
        *size, dtype = size
    shape = _shape(size)
    dtype = "float32" if dtype is None else dtype
    if active_trace() is not None:  # one number and its shape, not an array of them
        spread = broadcast_to(as_tensor(value, dtype), shape)
        return spread.requires_grad_() if requires_grad else spread
    array = np.full(shape, value, dtypes.as_dtype(dtype))
    return Tensor(array, requires_grad=requires_grad)


@located
def full(shape: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """One value everywhere."""
    value = as_tensor(fill_value, dtype)
    spread = broadcast_to(value, _shape((shape,)))
    return spread if active_trace() is not None else spread.clone()


def zeros_like(x: Any, dtype: Any = None) -> Tensor:
    """Zeros in the shape (and dtype) of another tensor."""
    x = as_tensor(x)
    return zeros(x.shape, dtype=dtype or x.dtype)


def ones_like(x: Any, dtype: Any = None) -> Tensor:
    """Ones in the shape (and dtype) of another tensor."""
    x = as_tensor(x)
    return ones(x.shape, dtype=dtype or x.dtype)


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """One value in the shape (and dtype) of another tensor."""
    x = as_tensor(x)
    return full(x.shape, fill_value, dtype or x.dtype)


@located
def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Tensor:
    """Numbers from `start` (0 if only one is given) up to `stop`, in steps.

    Example:
        >>> arange(0.0, 1.0, 0.5)
        Tensor([0.  0.5], shape=(2,), dtype=float32)
    """
    start, stop = (0, start) if stop is None else (start, stop)
    start, stop, step = (
        n.item() if isinstance(n, Tensor) else n for n in (start, stop, step)
    )
    bounds = (start, stop, step)
    if not all(isinstance(n, int | float | np.integer | np.floating) for n in bounds):
        raise DTypeError("arange takes numbers", got=bounds)
    if not step:
        raise ArgumentError("arange takes steps other than 0", got=bounds)
    if dtype is None:
        integers = all(isinstance(n, int | np.integer) for n in bounds)
        dtype = dtypes.INT64 if integers else dtypes.FLOAT32
    return Tensor(np.arange(start, stop, step).astype(dtypes.as_dtype(dtype)))


@located
def linspace(
    start: float,
    stop: float,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = "float32",
    axis: int = 0,
) -> Any:
    """`num` evenly spaced numbers from `start` to `stop`.

    Args:
        start: first number, or array of them.
        stop: last number.
        num: how many there are.
        endpoint: whether `stop` belongs to them.
        retstep: also return how far they are apart.
        dtype: of the result.
        axis: along which they lie, where `start` or `stop` are arrays.
    """
    (num,) = sizes(whole(num, "num"), "num")
    first, last = (as_tensor(x).numpy().astype("float64") for x in (start, stop))
    found = np.linspace(first, last, num, endpoint, retstep=True, axis=axis)
    numbers = Tensor(found[0].astype(dtypes.as_dtype(dtype or "float32")))
    return (numbers, float(found[1])) if retstep else numbers


@located
def logspace(
    start: float,
    stop: float,
    num: int = 50,
    endpoint: bool = True,
    base: float = 10,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    """Powers of `base`, whose exponents `linspace` gives."""
    exponents = linspace(start, stop, num, endpoint, False, "float64", axis)
    found = np.power(float(base), exponents.numpy())
    return Tensor(found.astype(dtypes.as_dtype(dtype or "float32")))


@located
def geomspace(
    start: float,
    stop: float,
    num: int = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    """`num` numbers from `start` to `stop`, with one ratio between neighbours."""
    first, last = (as_tensor(x).numpy().astype("float64") for x in (start, stop))
    found = np.geomspace(first, last, whole(num, "num"), endpoint, axis=axis)
    return Tensor(found.astype(dtypes.as_dtype(dtype or "float32")))


@located
def eye(n: int, m: int | None = None, k: int = 0, dtype: Any = "float32") -> Tensor:
    """Ones on a diagonal of an n by m matrix, zeros elsewhere."""
    rows, columns = sizes((n, n if m is None else m))
    return Tensor(np.eye(rows, columns, whole(k, "k"), dtypes.as_dtype(dtype)))


def _triangle(x: Any, k: int, lower: bool) -> Tensor:
    x = as_tensor(x)
    if x.ndim < 2:
        raise ShapeError("a triangle is cut from matrices", got=x.shape)
    rows, columns = x.shape[-2:]
    keep = np.tri(rows, columns, k if lower else k - 1, dtype=bool)
    keep = keep if lower else ~keep
    return where(np.broadcast_to(keep, x.shape).copy(), x, 0)


@located
def tril(x: Any, k: int = 0) -> Tensor:
    """The lower triangle of the last two axes, zeros above diagonal k."""
    return _triangle(x, k, lower=True)


@located
def triu(x: Any, k: int = 0) -> Tensor:
    """The upper triangle of the last two axes, zeros below diagonal k."""
    return _triangle(x, k, lower=False)


def convert_to_tensor(x: Any, dtype: Any = None) -> Tensor:
    """`x` as a tensor (Keras' name), sharing memory where possible."""
    x = as_tensor(x)
    return x if dtype is None else cast_to(x, dtypes.as_dtype(dtype))


def convert_to_numpy(x: Any) -> np.ndarray:
    """A tensor's value as a NumPy array (Keras' name)."""
    return as_tensor(x).detach().numpy()
