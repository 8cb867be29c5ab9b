"""A tensor as a Python number, list or array, and as something to copy or pickle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from wubu.core.location import caller
from wubu.core.operators import Operators
from wubu.errors import ArgumentError, DTypeError, ShapeError

if TYPE_CHECKING:
    from wubu.core.tensor import Tensor


class Conversions(Operators):
    """The part of `Tensor` that speaks the protocols of Python and NumPy."""

    __slots__ = ()

    def item(self) -> bool | int | float:
        """The value of a tensor with one element as a Python number."""
        array = self._known("item()")
        if array.size != 1:
            raise ShapeError(
                "only a tensor with one element is a number",
                where=caller(),
                expected="1 element",
                got=f"shape {self._shape}",
                fix="use tolist() or numpy(), or reduce it, for instance with mean()",
            )
        return array.item()

    def tolist(self) -> Any:
        """The value as nested Python lists."""
        return self._known("tolist()").tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __bool__(self) -> bool:
        self._known("a branch on its value (if, while, and, or, not, assert)")
        return bool(self.item())

    def __float__(self) -> float:
        self._known("float()")
        return float(self.item())

    def __int__(self) -> int:
        self._known("int()")
        return int(self.item())

    def __index__(self) -> int:
        array = self._known("using it as a Python index or count")
        if array.dtype.kind not in "iu" or array.size != 1:
            raise DTypeError(
                "only an integer tensor with one element can be an index",
                got=f"{self._dtype} of shape {self._shape}",
            )
        return int(array.item())

    def __len__(self) -> int:
        if not self._shape:
            raise DTypeError("a tensor without axes has no length", got="shape ()")
        return self._shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    # -- copies and pickles ---------------------------------------------------------

    def __reduce__(self) -> Any:
        """For `copy` and `pickle`: the value, the gradient, and whether one is wanted.

        A deep copy is a leaf with memory of its own; a shallow one shares its memory.

        Raises:
            ArgumentError: the tensor was computed from others that require a gradient.
            TraceError: inside `jit`, where there is no value yet.
        """
        return _empty, (type(self),), self.__getstate__()

    def __getstate__(self) -> dict[str, Any]:
        array = self._known("copying or pickling it")
        if self.requires_grad and not self.is_leaf:
            raise ArgumentError(
                "a tensor with a history cannot be copied or pickled",
                got=f"a computed tensor of shape {self.shape}, requires_grad=True",
                fix="copy x.detach(), or use x.clone(), which keeps the history",
            )
        names = ("_requires_grad", "_grad", "_version")
        return {"array": array, **{name: getattr(self, name) for name in names}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        array = state["array"]
        self._set_up(array, array.shape, array.dtype, False)
        for name in ("_requires_grad", "_grad", "_version"):
            setattr(self, name, state[name])


def _empty(kind: type[Tensor]) -> Tensor:
    return kind.__new__(kind)
