"""When memory was last changed through a tensor.

Several tensors may share memory without knowing of each other: two made on one array,
or one made on what another's `numpy()` returned. So changes are noted with the array
that owns the memory, on a clock that every change moves on. Who remembers the moment at
which a value was used can ask whether the value is still the same.

Only changes through tensors are noted. Writing to a NumPy array, or through another
array on memory that NumPy does not own (`np.frombuffer`), goes unseen.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.lib.array_utils import byte_bounds

Bounds = tuple[int, int]

_clock = [0]

# By the id of the owning array: the array, and when which bytes of it were written.
_written: dict[int, tuple[weakref.ref[np.ndarray], dict[Bounds, int]]] = {}


def moment() -> int:
    """The present moment; it passes when memory is changed."""
    return _clock[0]


def note_write(array: np.ndarray) -> None:
    """Notes that the memory of an array has been changed."""
    _clock[0] += 1
    owner = _owner(array)
    key = id(owner)
    if key not in _written or _written[key][0]() is not owner:
        _written[key] = (weakref.ref(owner, lambda gone: _forget(key, gone)), {})
    _written[key][1][byte_bounds(array)] = _clock[0]


def written_since(array: np.ndarray, then: int) -> bool:
    """Whether the memory of an array has been changed after a moment."""
    return _clock[0] != then and Footprint.of(array).written_since(then)


class Footprint(NamedTuple):
    """Where an array lies: in the memory of which array, and which bytes."""

    owner: weakref.ref[np.ndarray]
    bounds: Bounds

    @classmethod
    def of(cls, array: np.ndarray) -> Footprint:
        return cls(weakref.ref(_owner(array)), byte_bounds(array))

    def written_since(self, then: int) -> bool:
        owner = self.owner()
        found = _written.get(id(owner))
        if owner is None or found is None or found[0]() is not owner:
            return False
        low, high = self.bounds
        return any(
            when > then and start < high and low < stop
            for (start, stop), when in list(found[1].items())
        )


class Unchanged:
    """Tells whether values are still what they were when this was made."""

    def __init__(self, footprints: Iterable[Footprint], then: int) -> None:
        # What nobody holds any more cannot change.
        self._footprints = [f for f in footprints if f.owner() is not None]
        self._then = then

    def __bool__(self) -> bool:
        now = _clock[0]  # and no call: every call of a program comes here
        if now != self._then:
            if any(f.written_since(self._then) for f in self._footprints):
                return False
            self._then = now
        return True


def _owner(array: np.ndarray) -> np.ndarray:
    """The array that owns the memory, through any number of views."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _forget(key: int, gone: weakref.ref[np.ndarray]) -> None:
    # Another array may live at the same address by now.
    if key in _written and _written[key][0] is gone:
        del _written[key]
