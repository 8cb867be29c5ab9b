"""Variables as memory that machine code reads, and writes in place.

A program changes variables where they lie. That is only right where nobody else looks:
an array that is also held by a tensor, a NumPy view, an optimizer's history or another
variable keeps its value, and the variable moves to memory of its own. Python counts
references: an array that only its variable holds has exactly one owner.
"""

from __future__ import annotations

import ctypes
import sys
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wubu.core.graph import Slot
from wubu.core.tensor import Tensor
from wubu.executors.native.machine.placing import LARGE, is_placed, placed

_Word = ctypes.c_size_t
_HEAD = object.__basicsize__
_count = getattr(sys, "getrefcount", lambda thing: sys.maxsize)


def _counts(things: Sequence[Any]) -> list[int]:
    """How many references there are to each, those of this function included."""
    return [_count(thing) for thing in things]


# What `_counts` says of something that a list holds, and one variable.
_LONE = _counts([object()])[0] + 1


def _nothing() -> None:
    """Stands for a weak reference to nothing."""


def _asked(array: np.ndarray) -> int:
    """Where the first element of an array lies, as any Python can tell."""
    return array.__array_interface__["data"][0]


def _read(array: np.ndarray) -> int:
    """The same where an object's id is its address, five times as fast: behind what
    all objects begin with, an array has the pointer, as NumPy's C interface says."""
    return _Word.from_address(id(array) + _HEAD).value


def _found_by() -> Callable[[np.ndarray], int]:
    probe = np.zeros(1)
    readable = sys.implementation.name == "cpython"
    return _read if readable and _read(probe) == _asked(probe) else _asked


address = _found_by()


class Slots:
    """The variables of a program, and where they lie.

    Args:
        places: slot -> the indices in `table` of the pointers to it.
        written: those slots that a run changes.
        table: of pointers.
    """

    def __init__(
        self, places: dict[Slot, list[int]], written: set[Slot], table: Any
    ) -> None:
        values = [slot for slot in places if slot.kind == "value"]
        gradients = [slot for slot in places if slot.kind != "value"]
        slots = values + gradients
        self._values = [slot.variable for slot in values]
        self._gradients = [slot.variable for slot in gradients]
        self._changing = [slot.variable for slot in values if slot in written]
        self._written = [slot in written for slot in slots]
        self._reads_only = not any(self._written)
        self._places = [places[slot] for slot in slots]
        self._seen: list[Any] = [_nothing] * len(slots)
        self._new_gradients: list[Any] = []  # variables that had none before this run
        self._table = table

    def bind(self) -> list[Any]:
        """Writes pointers to the variables into the table, for one run.

        Returns:
            What must stay alive while machine code runs. Afterwards `changed` or
            `unchanged` must be told.
        """
        self._new_gradients.clear()
        arrays: list[Any] = [variable._array for variable in self._values]
        if self._gradients:
            arrays += self._gradient_arrays()
        seen, written = self._seen, self._written
        if self._reads_only:  # nobody minds who else looks
            for i, array in enumerate(arrays):
                if seen[i]() is not array:
                    break
            else:
                return arrays
        counts = _counts(arrays)
        for i, array in enumerate(arrays):
            if seen[i]() is not array or (written[i] and counts[i] != _LONE):
                arrays[i] = self._settle(i, array, counts[i] == _LONE)
        return arrays

    def changed(self) -> None:
        """A run has changed the variables."""
        for variable in self._changing:
            # As `Variable.replace`: tensors that look at old memory have not changed.
            variable._version = [variable._version[0] + 1]

    def unchanged(self) -> None:
        """A run has ended before it changed anything."""
        for variable in self._new_gradients:
            variable._grad = None

    def _gradient_arrays(self) -> list[Any]:
        """Gradients that are written are plain tensors nobody else holds."""
        tensors = [variable._grad for variable in self._gradients]
        counts = _counts(tensors)
        first = len(self._values)
        for i, tensor in enumerate(tensors):
            if not self._written[first + i]:
                continue
            variable = self._gradients[i]
            if tensor is None:
                variable._grad = Tensor(np.zeros(variable.shape, variable.dtype))
                self._new_gradients.append(variable)
            elif (
                counts[i] != _LONE
                or tensor._history is not None
                or tensor._requires_grad
            ):
                variable._grad = Tensor(np.array(tensor._array, order="C"))
        held: list[Any] = [variable._grad for variable in self._gradients]
        return [tensor._array for tensor in held]

    def _settle(self, i: int, array: Any, lone: bool) -> np.ndarray:
        """Memory for a slot that is new, has moved, or is looked at by others."""
        fit = type(array) is np.ndarray and array.flags.carray
        own = lone and fit and (array.flags.owndata or is_placed(array))
        good = own and (array.nbytes < LARGE or is_placed(array))
        if not good and (own or self._written[i]):
            array = placed(array)
            self._place(i, array)
        elif not fit and not is_readable(array):
            # A copy for this run only: the original may change behind our back.
            array = np.array(array, order="C")
            self._seen[i] = _nothing
            self._point(i, array)
            return array
        self._seen[i] = weakref.ref(array)
        self._point(i, array)
        return array

    def _place(self, i: int, array: np.ndarray) -> None:
        first = len(self._values)
        if i < first:
            self._values[i]._array = array
        else:
            tensor = self._gradients[i - first]._grad
            assert tensor is not None
            tensor._array = array

    def _point(self, i: int, array: np.ndarray) -> None:
        at = address(array)
        for place in self._places[i]:
            self._table[place] = at


def is_readable(array: Any) -> bool:
    """Whether machine code can read an array where it lies."""
    return isinstance(array, np.ndarray) and (
        array.flags.c_contiguous and array.flags.aligned
    )
