"""A tensor as something to change in memory.

Derivatives need the values they were computed from, so every change is counted, and
refused where it would make a derivative or a compiled program silently wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wubu.core.conversion import Conversions
from wubu.core.location import caller
from wubu.core.modes import active_trace, is_grad_enabled
from wubu.core.writes import note_write
from wubu.errors import ArgumentError, ShapeError, StaleValueError, TraceError

if TYPE_CHECKING:
    from wubu.core.history import History, Shape
    from wubu.core.tensor import Tensor


class InPlace(Conversions):
    """The part of `Tensor` that writes to its memory."""

    __slots__ = ()

    if TYPE_CHECKING:
        _array: np.ndarray | None
        _shape: Shape
        _history: History | None
        _requires_grad: bool
        _version: list[int]

    def _write(self, key: Any, value: Any) -> Tensor:
        """`self[key] = value` in memory, noticed by every pending derivative."""
        array = self._check_writable(value)
        source = value._known("writing it") if isinstance(value, InPlace) else value
        try:
            with np.errstate(all="ignore"):
                array[key] = source
        except (ValueError, IndexError, TypeError) as error:
            raise ShapeError(
                f"cannot write this here: {error}",
                where=caller(),
                expected=f"an index and a value that fit shape {self._shape}",
                got=f"a value of shape {np.shape(source)}",
            ) from None
        self._version[0] += 1
        note_write(array)
        return self  # type: ignore[return-value]  # Tensor is the one subclass

    def _check_writable(self, value: Any) -> np.ndarray:
        """The memory, if it may be overwritten with something made from `value`."""
        trace = active_trace()
        if self._array is None or trace is not None:
            raise TraceError(
                "a tensor cannot be changed in place inside jit",
                where=caller(),
                fix="make a new tensor (x = x + y, wubu.ops.where, wubu.ops.scatter_"
                "update), or keep state in a wubu.Variable and use its assign()",
            )
        if self._requires_grad and (self._history is not None or is_grad_enabled()):
            raise StaleValueError(
                "a tensor that takes part in derivatives cannot be changed in place",
                where=caller(),
                fix="make a new tensor (x = x + y), or change a leaf inside "
                "`with wubu.no_grad():`",
            )
        if isinstance(value, InPlace) and value._requires_grad and is_grad_enabled():
            raise StaleValueError(
                "writing this value in place would lose its history",
                where=caller(),
                got="a value that requires a gradient, written into a plain tensor",
                fix="make a new tensor (x = x + y), join values with wubu.ops.stack or "
                "concatenate, or write value.detach()",
            )
        if not self._array.flags.writeable:
            raise ArgumentError(
                "the memory of this tensor is read-only",
                where=caller(),
                got="a tensor made by broadcasting, or from a read-only array",
                fix="copy it first: x = x.clone()",
            )
        return self._array

    def copy_(self, value: Any) -> Tensor:
        """Overwrites the value in place and returns the tensor."""
        return self._write(..., value)

    def fill_(self, value: float) -> Tensor:
        """Sets every element in place and returns the tensor."""
        return self._write(..., value)

    def zero_(self) -> Tensor:
        """Sets every element to zero in place and returns the tensor."""
        return self._write(..., 0)
