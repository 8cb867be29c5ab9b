"""Arrays of lists in `.npz` files, read without executing what the file says.

NumPy keeps an array of Python lists as a pickle, and to load a pickle is to run it.
Here the pickle may name only what an array of objects is made of, and each of these
names gets a stand-in that remembers its list and does nothing else: neither NumPy nor
any other code is called by the file.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from typing import Any

import numpy as np

from wubu.errors import FileFormatError


def read_ragged(content: bytes | bytearray, where: object) -> dict[str, Any]:
    """The arrays of an `.npz` file by name; arrays of lists as lists of lists.

    Args:
        content: of the file.
        where: what errors name as the place.

    Raises:
        FileFormatError: damaged, or a pickle that names anything else.

    Example:
        >>> file = io.BytesIO()
        >>> lists = np.array([[1, 2], [3]], dtype=object)
        >>> np.savez(file, x=lists, y=np.array([0, 1]))
        >>> read_ragged(file.getvalue(), "example")
        {'x': [[1, 2], [3]], 'y': array([0, 1])}
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [n for n in archive.namelist() if n.endswith(".npy")]
            return {n.removesuffix(".npy"): _array(archive.read(n)) for n in names}
    except FileFormatError as error:
        error.where = str(where)
        raise
    except Exception as error:  # a damaged pickle may raise anything
        raise FileFormatError(
            "this file does not hold arrays", where=where, got=str(error)
        ) from error


def _array(member: bytes) -> Any:
    file = io.BytesIO(member)
    version = np.lib.format.read_magic(file)
    read_header = getattr(np.lib.format, f"read_array_header_{version[0]}_{version[1]}")
    _, _, dtype = read_header(file)
    if not dtype.hasobject:
        file.seek(0)
        return np.lib.format.read_array(file, allow_pickle=False)
    found = _Unpickler(file).load()
    items = getattr(found, "items", None)
    if not isinstance(items, list) or not all(_is_words(item) for item in items):
        raise FileFormatError(
            "this file does not hold lists of whole numbers",
            expected="an array of lists of whole numbers",
        )
    return items


def _is_words(item: Any) -> bool:
    return type(item) is list and all(type(number) is int for number in item)


class _StandIn:
    """Takes the place of an array or a dtype while a pickle is read."""

    items: Any = None

    def __init__(self, *args: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        self.items = state[-1] if isinstance(state, tuple) and state else None


class _Unpickler(pickle.Unpickler):
    _NAMES = frozenset(
        {
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
        }
    )

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in self._NAMES:
            return _StandIn
        raise FileFormatError(
            "this file wants to execute code",
            expected="arrays of lists of whole numbers, and nothing else",
            got=f"the name {module}.{name}",
            fix="do not use it; fetch the file from where it was published",
        )
