"""Named arrays as the bytes of a safetensors file, and back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from wubu.errors import FileFormatError

_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
    "BOOL": "bool",
}


def to_bytes(
    arrays: Mapping[str, np.ndarray], metadata: dict[str, str] | None = None
) -> bytes:
    """The arrays as a safetensors file."""
    from safetensors.numpy import save

    # safetensors reads the memory itself, so the elements have to lie in order.
    ready = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    return save(ready, metadata)


def from_bytes(data: bytes, where: str) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file.

    The library checks that the arrays lie inside the file, without gaps or overlaps,
    and are as long as their shapes say.

    Args:
        data: the whole file.
        where: named in errors.

    Raises:
        FileFormatError: damaged, no safetensors, or of a dtype Wubu does not have.
    """
    from safetensors import SafetensorError, deserialize

    try:
        found = deserialize(data)
    except (SafetensorError, ValueError, OverflowError) as error:
        raise FileFormatError(
            "the weights are damaged, or no safetensors file",
            where=where,
            expected="a safetensors file",
            got=str(error)[:200],
        ) from error
    return {name: _array(name, entry, where) for name, entry in found}


def _array(name: str, entry: dict, where: str) -> np.ndarray:
    dtype = _DTYPES.get(entry["dtype"])
    if dtype is None:
        raise FileFormatError(
            f'"{name:.100}" has a dtype that Wubu does not compute with',
            where=where,
            expected=", ".join(_DTYPES),
            got=entry["dtype"],
        )
    little = np.dtype(dtype).newbyteorder("<")
    try:
        found = np.frombuffer(entry["data"], little).reshape(entry["shape"])
    except (ValueError, OverflowError) as error:
        raise FileFormatError(
            f'"{name:.100}" has an impossible shape',
            where=where,
            got=str(entry["shape"])[:100],
        ) from error
    return found.astype(dtype, copy=False)
