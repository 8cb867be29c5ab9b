"""What metrics have in common: state that grows batch by batch."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from wubu import initializers
from wubu.core import dtypes
from wubu.core.configurable import Configurable
from wubu.core.modes import tracing
from wubu.core.tensor import Tensor, as_tensor
from wubu.core.variable import Variable
from wubu.layers.naming import snake_case


class Metric(Configurable):
    """A number by which people judge a model, collected over many batches.

    A subclass makes its state with `add_variable` in its constructor, adds to it in
    `update_state` and computes the number in `result`, or one for each class. With all
    state in variables, a metric works inside compiled functions too.

    Args:
        dtype: of the state; float32 by default.
        name: in logs; the class' name in small letters by default: TrueNegatives are
            true_negatives.

    Example:
        >>> class Largest(Metric):
        ...     def __init__(self, name="largest", dtype=None):
        ...         super().__init__(name=name, dtype=dtype)
        ...         self.largest = self.add_variable((), name="largest")
        ...
        ...     def update_state(self, values, sample_weight=None):
        ...         self.largest.assign(self.largest.maximum(values.max()))
        ...
        ...     def result(self):
        ...         return self.largest.value
        >>> import wubu
        >>> largest = Largest()
        >>> largest(wubu.tensor([1.0, 3.0])), largest(wubu.tensor([2.0]))
        (Tensor(3., shape=(), dtype=float32), Tensor(3., shape=(), dtype=float32))
    """

    # Whether more is better: "up", "down" or None. Callbacks that compare epochs ask.
    _direction: str | None = None

    _variables: list[Variable]
    _first_values: list[Tensor]
    _built: bool

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.dtype = dtypes.FLOAT32 if dtype is None else dtypes.as_dtype(dtype)
        self._variables = []
        self._first_values = []
        self._built = False

    @property
    def variables(self) -> list[Variable]:
        """The state."""
        return list(self._variables)

    def add_variable(
        self,
        shape: Any = (),
        initializer: Any = "zeros",
        dtype: Any = None,
        name: str | None = None,
    ) -> Variable:
        """A new part of the state, which `reset_state` sets back to its first value."""
        make = initializers.get(initializer)
        first = np.array(make(shape, dtype or self.dtype).numpy())
        variable = Variable(first, trainable=False, name=name)
        variable.path = f"{self.name}/{variable.name}"
        self._variables.append(variable)
        self._first_values.append(as_tensor(first))
        return variable

    def add_weight(
        self,
        shape: Any = (),
        initializer: Any = "zeros",
        dtype: Any = None,
        name: str | None = None,
    ) -> Variable:
        """`add_variable`, by its older name."""
        return self.add_variable(shape, initializer, dtype, name)

    def build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        """Makes the state whose shape depends on those of targets and predictions; a
        subclass that has such state defines it."""

    def ensure_built(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        """Calls `build`, once, outside of any trace. Training does so before its first
        step; an `update_state` that needs such state does when it is first called."""
        if not self._built:
            with tracing(None):
                self.build(y_true_shape, y_pred_shape)
            self._built = True

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Adds a batch."""
        raise NotImplementedError(f"{type(self).__name__} must define update_state()")

    def result(self) -> Tensor:
        """The number, over all batches since the last reset."""
        raise NotImplementedError(f"{type(self).__name__} must define result()")

    def reset_state(self) -> None:
        """Begins anew."""
        for variable, first in zip(self._variables, self._first_values, strict=True):
            variable.assign(first)

    def reset_states(self) -> None:
        """`reset_state`, by its older name, with a note."""
        print("note: Metric.reset_states() is now reset_state()", file=sys.stderr)
        self.reset_state()

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """Adds a batch and gives the number so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"
