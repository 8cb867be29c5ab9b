"""The dtypes of Wubu and how they combine.

The rules are PyTorch's: floats win over integers without growing (`int64` with
`float32` gives `float32`), Python numbers adapt to the tensor they meet, and plain
Python floats are `float32`. Read next: `tensor.py`.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from wubu.errors import DTypeError, UnknownNameError

DType = np.dtype

_NAMES = (
    "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool"
)
DTYPES: dict[str, np.dtype] = {name: np.dtype(name) for name in _NAMES.split()}

FLOAT16, FLOAT32, FLOAT64 = (DTYPES[n] for n in ("float16", "float32", "float64"))
INT32, INT64, UINT32 = DTYPES["int32"], DTYPES["int64"], DTYPES["uint32"]
BOOL = DTYPES["bool"]

_PYTHON_TYPES = {float: FLOAT32, int: INT64, bool: BOOL}
SUPPORTED = frozenset(DTYPES.values())


def as_dtype(dtype: Any) -> np.dtype:
    """The NumPy dtype meant by a name, a Python type or a dtype.

    Raises:
        UnknownNameError: a name that is no dtype.
        DTypeError: a dtype Wubu does not compute with (complex, string, object ...).

    Example:
        >>> as_dtype("float32"), as_dtype(int)
        (dtype('float32'), dtype('int64'))
    """
    if isinstance(dtype, np.dtype) and dtype in SUPPORTED:
        return dtype
    if dtype in _PYTHON_TYPES:
        return _PYTHON_TYPES[dtype]
    if isinstance(dtype, str):
        if dtype not in DTYPES:
            raise UnknownNameError("dtype", dtype, DTYPES)
        return DTYPES[dtype]
    found = np.dtype(dtype).newbyteorder("=")
    if found not in SUPPORTED:
        raise DTypeError(
            f"Wubu does not compute with {found}",
            expected=", ".join(DTYPES),
            got=found,
            fix='convert it first, for instance with array.astype("float32")',
        )
    return found


def is_float(dtype: np.dtype) -> bool:
    """Whether the dtype is a floating-point one: only these have derivatives."""
    return dtype.kind == "f"


@functools.cache
def promote(a: np.dtype, b: np.dtype) -> np.dtype:
    """The dtype of an operation between tensors of two dtypes.

    Example:
        >>> promote(np.dtype("int64"), np.dtype("float32"))
        dtype('float32')
        >>> promote(np.dtype("uint8"), np.dtype("int8"))
        dtype('int16')
    """
    if is_float(a) != is_float(b):
        return a if is_float(a) else b
    both = np.promote_types(a, b)
    # NumPy answers float64 for (uint64, int64): no integer holds both.
    return INT64 if is_float(both) and not is_float(a) else both


def default_dtype(number: bool | int | float) -> np.dtype:
    """The dtype of a Python number that meets no tensor."""
    # np.float64 is a float, and an IntEnum an int: the kind counts, not the type.
    kind = (
        bool if isinstance(number, bool) else int if isinstance(number, int) else float
    )
    return _PYTHON_TYPES[kind]


def adapt(number: bool | int | float, dtype: np.dtype) -> np.dtype:
    """The dtype of a Python number that meets a tensor of `dtype`: the tensor's,
    unless that cannot hold it.

    Example:
        >>> adapt(2, np.dtype("float64")), adapt(0.5, np.dtype("int32"))
        (dtype('float64'), dtype('float32'))
        >>> adapt(200, np.dtype("uint8")), adapt(-1, np.dtype("uint8"))
        (dtype('uint8'), dtype('int64'))
    """
    if isinstance(number, bool) or is_float(dtype):
        return dtype
    if isinstance(number, int) and dtype != BOOL:
        limits = np.iinfo(dtype)
        return dtype if limits.min <= number <= limits.max else INT64
    return default_dtype(number)


def float_dtype(dtype: np.dtype) -> np.dtype:
    """`dtype` if it is a float, else the default float: what `exp` of it has."""
    return dtype if is_float(dtype) else FLOAT32
