"""Where large variables lie in memory: from the beginning of a cache line on, and each
at another part of a page.

NumPy's large arrays begin 16 bytes into a page, all of them. So every vector of 64
bytes would lie in two cache lines. And an element of a weight, of its momentum and of
its velocity would have the same place in their pages: such elements push each other out
of the cache, and CPUs take a load from one for a load of what was just stored in
another.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

LARGE = 64 * 1024  # bytes; smaller arrays are left where they are

_PAGE = 4096
_STEP = 11 * 64  # no lines in common with the 64 of a page: all get their turn

_numbers = itertools.count()


class _Room(np.ndarray):
    """Memory that arrays are placed in, told from all other by its type."""


def is_placed(array: np.ndarray) -> bool:
    """Whether `placed` has made this array; views of it are others'."""
    base = array.base
    return isinstance(base, memoryview) and type(base.obj) is _Room


def placed(array: np.ndarray) -> np.ndarray:
    """A copy of an array in memory of its own, in a good place if it is large.

    It lies in a memoryview: views of the copy then refer to the copy, as they would to
    an array that owns its memory, and the number of references still tells whether
    there are any.
    """
    if array.nbytes < LARGE:
        return np.array(array, order="C")
    room: Any = np.empty(array.nbytes + 2 * _PAGE, np.uint8)
    start = -room.ctypes.data % _PAGE + next(_numbers) * _STEP % _PAGE
    part: Any = memoryview(room.view(_Room))[start : start + array.nbytes]
    found = np.asarray(part.cast(array.dtype.char, array.shape))
    found[...] = array
    return found
