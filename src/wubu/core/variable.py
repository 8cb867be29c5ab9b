"""`Variable`: a tensor with a place.

Layer weights, optimizer slots, moving averages, metric totals and random counters are
variables. Used like a tensor, a variable is its present value; `assign` replaces it. A
trace records which variables a function reads and which it assigns, so that compiled
functions keep state as eager ones do.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core import dtypes, registry
from wubu.core.convert import to_array
from wubu.core.location import caller
from wubu.core.modes import active_trace, is_grad_enabled
from wubu.core.tensor import Tensor, as_tensor, new_tensor
from wubu.errors import ArgumentError, ShapeError, StaleValueError


class Variable(Tensor):
    """A tensor whose value can be replaced, also by compiled functions.

    Args:
        value: the initial value, copied: anything a `Tensor` can be made of.
        dtype: converts to this dtype.
        trainable: whether optimizers update it. Only floats are.
        name: the last part of its path.
        shape: in the place of a value, beside an initializer.
        initializer: its name, or a function of (shape, dtype); or a value, as in Keras.

    Raises:
        ArgumentError: neither value nor initializer, or both; an initializer without a
            shape.

    Shapes and dtypes stay as they are for life.

    Example:
        >>> count = Variable(0.0, name="count", trainable=False)
        >>> count.assign_add(2.0)
        Variable(2., shape=(), dtype=float32, name="count")
        >>> count + 1
        Tensor(3., shape=(), dtype=float32)
    """

    __slots__ = ("constraint", "name", "path", "regularizer")

    def __init__(
        self,
        value: Any = None,
        dtype: Any = None,
        *,
        trainable: bool = True,
        name: str | None = None,
        shape: Any = None,
        initializer: Any = None,
    ) -> None:
        if value is None or initializer is not None:
            value = _first_value(value, shape, initializer, dtype)
        array = to_array(value, dtype).copy()
        super().__init__(array)
        self.name = name or "variable"
        self.path = self.name
        self.regularizer: Any = None
        self.constraint: Any = None
        self._requires_grad = trainable and dtypes.is_float(self.dtype)

    @property
    def trainable(self) -> bool:
        """Whether derivatives reach it and optimizers update it."""
        return self._requires_grad

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._requires_grad = bool(value) and dtypes.is_float(self.dtype)

    @property
    def is_leaf(self) -> bool:
        return True

    @property
    def value(self) -> Tensor:
        """A snapshot of the present value, which later assignments leave alone. Its
        `grad` is that of the variable."""
        trace = active_trace()
        if trace is not None:
            return Snapshot(self, trace.read(self).detach())
        assert self._array is not None
        copy = new_tensor(self._array.copy(), self.shape, self.dtype, False)
        return Snapshot(self, copy)

    @property
    def grad(self) -> Tensor | None:
        """What `backward()` calls added up, or None before the first and after an
        optimizer's `step()`."""
        trace = active_trace()
        return self._grad if trace is None else trace.read_grad(self)

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        value = None if value is None else as_tensor(value, self.dtype)
        if value is not None and value.shape != self.shape:
            raise ShapeError(
                f'the gradient of "{self.path}" does not have its shape',
                where=caller(),
                expected=self.shape,
                got=value.shape,
            )
        trace = active_trace()
        if trace is None:
            self._grad = value
        else:
            trace.assign_grad(self, value)

    def assign(self, value: Any) -> Variable:
        """Replaces the value and returns the variable.

        Args:
            value: of exactly this shape; converted to this dtype. No gradient flows
                through an assignment.

        Raises:
            ShapeError: another shape.
        """
        trace = active_trace()
        tensor = as_tensor(value)
        if tensor.shape != self.shape:
            raise ShapeError(
                f'"{self.path}" cannot take a value of another shape',
                where=caller(),
                expected=self.shape,
                got=tensor.shape,
            )
        if trace is not None:
            trace.assign(self, tensor)
            return self
        # A new array, not new contents: what was computed from the old one stays.
        self.replace(np.array(tensor._known("assign()"), dtype=self.dtype))
        return self

    def replace(self, array: np.ndarray) -> None:
        """Takes `array`, of this shape and dtype and nobody else's, as the value."""
        self._array = array
        # A new counter: tensors that still look at the old memory have not changed.
        self._version = [self._version[0] + 1]

    def assign_add(self, value: Any) -> Variable:
        """Adds to the value and returns the variable."""
        return self.assign(self.detach_value() + value)

    def assign_sub(self, value: Any) -> Variable:
        """Subtracts from the value and returns the variable."""
        return self.assign(self.detach_value() - value)

    def detach_value(self) -> Tensor:
        """The present value without history."""
        trace = active_trace()
        return self.detach() if trace is None else trace.read(self).detach()

    def detach(self) -> Tensor:
        trace = active_trace()
        return super().detach() if trace is None else trace.read(self).detach()

    def _known(self, action: str) -> np.ndarray:
        # While tracing its value is that of one call, not of every call.
        trace = active_trace()
        return (
            super()._known(action) if trace is None else trace.read(self)._known(action)
        )

    def _write(self, key: Any, value: Any) -> Tensor:
        if self._requires_grad and is_grad_enabled():
            raise StaleValueError(
                f'"{self.path}" takes part in derivatives and cannot be changed here',
                where=caller(),
                fix="use assign(), or change it inside `with wubu.no_grad():`",
            )
        if active_trace() is not None and key is ...:
            return self.assign(as_tensor(value, self.dtype).broadcast_to(self.shape))
        return super()._write(key, value)

    def __getstate__(self) -> dict[str, Any]:
        names = ("name", "path", "regularizer", "constraint")
        return {**super().__getstate__(), **{n: getattr(self, n) for n in names}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for name in ("name", "path", "regularizer", "constraint"):
            setattr(self, name, state[name])

    def __repr__(self) -> str:
        body = super().__repr__()
        return f'{body[:-1]}, name="{self.path}")'.replace(", requires_grad=True", "")


def _first_value(value: Any, shape: Any, initializer: Any, dtype: Any) -> Any:
    """The value that an initializer gives."""
    if (value is None) == (initializer is None):
        raise ArgumentError(
            "a variable has an initial value",
            where=caller(),
            expected="a value, or an initializer and a shape",
            got="neither" if value is None else "both",
        )
    if not isinstance(initializer, str) and not callable(initializer):
        return initializer
    if shape is None:
        raise ArgumentError(
            "an initializer needs a shape", where=caller(), fix="Variable(shape=...)"
        )
    make = registry.room_named("initializers").get(initializer)
    return make(tuple(shape), dtypes.as_dtype(dtype or "float32"))


class Snapshot(Tensor):
    """What a variable was at one moment.

    Scripts for Keras on PyTorch ask for `variable.value.grad`; so the gradient of the
    variable is to be had here too, as long as the snapshot requires none of its own.

    Args:
        variable: the variable.
        value: what it was, without a history.
    """

    __slots__ = ("_variable",)

    def __init__(self, variable: Variable, value: Tensor) -> None:
        self._set_up(value._array, value.shape, value.dtype, False)
        self._version = value._version
        self._history, self._index = value._history, value._index
        self._owner = value._owner
        self._variable = variable

    @property
    def grad(self) -> Tensor | None:
        """The variable's gradient; its own where it requires one."""
        return self._grad if self._requires_grad else self._variable.grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if not self._requires_grad:
            self._variable.grad = value
        else:
            super(Snapshot, type(self)).grad.__set__(self, value)  # type: ignore[attr-defined]

    def __reduce__(self) -> Any:
        return self.detach().__reduce__()  # copies and files know no variable

    def __repr__(self) -> str:
        return super().__repr__().replace("Snapshot", "Tensor", 1)
