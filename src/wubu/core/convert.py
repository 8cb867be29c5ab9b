"""What may become a tensor: numbers, arrays, nested lists. Everything else is refused
with a reason. Memory is shared where the value already is an array."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.location import located
from wubu.errors import ArgumentError, DTypeError, ShapeError, TraceError

_ARRAYS = np.ndarray, np.generic


@located
def to_array(value: Any, dtype: Any = None) -> np.ndarray:
    """`value` as an array of a supported dtype, sharing memory where possible.

    Raises:
        ArgumentError: an integer too large for the dtype.
        DTypeError: the value holds no numbers.
        ShapeError: nested lists of different lengths.
        TraceError: the value is, or holds, a tensor that is only being traced.
    """
    wanted = None if dtype is None else dtypes.as_dtype(dtype)
    if isinstance(value, _ARRAYS):
        array = np.asarray(value)
    elif isinstance(value, bool | int | float):
        array = _from_number(value, wanted or dtypes.default_dtype(value))
    elif hasattr(value, "_known"):
        array = value._known("making a new tensor of it")
    else:
        array = _from_sequence(value, wanted)
    found = wanted or dtypes.as_dtype(array.dtype)
    if array.dtype == found:
        return array
    with np.errstate(all="ignore"):  # overflow gives inf, as everywhere
        return array.astype(found)


def _from_number(value: bool | int | float, dtype: np.dtype) -> np.ndarray:
    with np.errstate(all="ignore"):
        try:
            return np.asarray(value, dtype)
        except OverflowError:
            raise ArgumentError(
                f"an integer is too large for {dtype}", got=str(value)[:60]
            ) from None


def _from_sequence(value: Any, wanted: np.dtype | None) -> np.ndarray:
    if isinstance(value, list | tuple) and any(
        getattr(part, "is_traced", False) for part in value
    ):
        raise TraceError(
            "a list of traced tensors is not an array yet",
            fix="join them with wubu.ops.stack(tensors)",
        )
    try:
        array = np.asarray(value)
    except ValueError:
        raise ShapeError(
            "nested lists of different lengths are no tensor",
            got=f"{type(value).__name__} of length {len(value)}",
            fix="make all rows equally long, for instance by padding",
        ) from None
    if array.dtype.kind not in "biuf":
        raise DTypeError(
            f"a {type(value).__name__} cannot become a tensor",
            expected="real numbers, arrays, or nested lists of them",
            got=repr(value)[:60],
        )
    # Python's floats are float32 here; arrays and their elements keep their dtype.
    holds_arrays = hasattr(value, "__array__") or _first_leaf_is_numpy(value)
    if wanted is None and array.dtype == dtypes.FLOAT64 and not holds_arrays:
        with np.errstate(all="ignore"):
            return array.astype(dtypes.FLOAT32)
    return array


def _first_leaf_is_numpy(value: Any) -> bool:
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return hasattr(value, "dtype")
