"""What an optimizer keeps for each variable: momenta, averages, sums of gradients."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from wubu.core.dtypes import FLOAT16, FLOAT32
from wubu.core.memory import enough_memory
from wubu.core.variable import Variable
from wubu.errors import ArgumentError


class Slots:
    """Variables that belong to other variables, made when first asked for.

    Their paths are `<optimizer>/<path of the variable>_<slot>`, with "_" for "/", as in
    Keras; a second variable of the same path gets a number.

    Args:
        optimizer: the first part of every path.
    """

    def __init__(self, optimizer: str) -> None:
        self._optimizer = optimizer
        self._of: dict[int, dict[str, Variable]] = {}
        self._keys: dict[str, Variable] = {}

    @property
    def known(self) -> list[Variable]:
        """The variables that have a place here, in the order in which they came."""
        return list(self._keys.values())

    @property
    def variables(self) -> list[Variable]:
        """Every slot."""
        return [slot for slots in self._of.values() for slot in slots.values()]

    def made(self, variable: Variable) -> dict[str, Variable]:
        """The slots a variable has so far, by name."""
        return dict(self._of.get(id(variable), {}))

    def add(self, variables: Iterable[Variable]) -> None:
        """Gives each variable a place, with no slots in it yet."""
        for variable in variables:
            if not isinstance(variable, Variable):
                raise ArgumentError(
                    "an optimizer updates variables",
                    expected="wubu.Variable, such as layer.trainable_variables",
                    got=f"a {type(variable).__name__}",
                )
            if id(variable) not in self._of:
                self._of[id(variable)] = {}
                self._keys[self._unique(variable.path.replace("/", "_"))] = variable

    def of(self, variable: Variable, first: Mapping[str, Any]) -> dict[str, Variable]:
        """The slots of a variable by name.

        Args:
            variable: has a place here.
            first: the names asked for, and what each starts with: a number for every
                element of the variable, or an array of any shape.
        """
        slots = self._of[id(variable)]
        for name, value in first.items():
            if name not in slots:
                # An array, so that it is known at once, also inside a trace.
                shape = value.shape if isinstance(value, np.ndarray) else variable.shape
                dtype = wide(variable.dtype)
                with self._enough_memory(shape, dtype, name, variable):
                    array = np.full(shape, value, dtype)
                    slots[name] = Variable(array, trainable=False, name=name)
                slots[name].path = f"{self._optimizer}/{self._key(variable)}_{name}"
        return {name: slots[name] for name in first}

    def _enough_memory(
        self, shape: tuple[int, ...], dtype: np.dtype, name: str, variable: Variable
    ) -> contextlib.AbstractContextManager[None]:
        return enough_memory(
            math.prod(shape) * dtype.itemsize,
            f"what {self._optimizer} keeps of each weight",
            f"the {name} of {variable.path}",
            lambda: "an optimizer that keeps less, such as SGD(), or a smaller layer",
        )

    def drop(self, *names: str) -> None:
        """Forgets slots of these names."""
        for slots in self._of.values():
            for name in names:
                slots.pop(name, None)

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Slots are found by the identity of variables; those of a copy are others.
        vars(self).update(state)
        pairs = zip(self._keys.values(), state["_of"].values(), strict=True)
        self._of = {id(variable): slots for variable, slots in pairs}

    def _key(self, variable: Variable) -> str:
        return next(key for key, known in self._keys.items() if known is variable)

    def _unique(self, key: str) -> str:
        number = 0
        found = key
        while found in self._keys:
            number += 1
            found = f"{key}_{number}"
        return found


def wide(dtype: np.dtype) -> np.dtype:
    """The dtype that a variable's slots have and its updates are computed in: squares
    of gradients and small steps are lost in float16."""
    return FLOAT32 if dtype == FLOAT16 else dtype
