"""`Stateful`: an optimizer's state, looked at, saved and taken up again by path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from wubu.core.configurable import Configurable
from wubu.core.variable import Variable
from wubu.errors import StateError
from wubu.optimizers.decay import Undecayed
from wubu.optimizers.gradients import few
from wubu.optimizers.slots import Slots


class Stateful(Configurable):
    """What an optimizer keeps, for those who save or look at it."""

    _slots: Slots
    _undecayed: Undecayed

    @property
    def variables(self) -> list[Variable]:
        """All state. Every path is unique."""
        raise NotImplementedError

    @property
    def known_variables(self) -> list[Variable]:
        """The variables it updates, in the order in which it came to know them."""
        return self._slots.known

    @property
    def built(self) -> bool:
        """Whether it knows variables to update."""
        return bool(self._slots.known)

    def slot_variables(self, variable: Variable) -> dict[str, Variable]:
        """What is kept for a variable, by name; empty before the first update, and
        for a variable that it does not know.

        Example:
            >>> import wubu
            >>> w = wubu.Variable(1.0)
            >>> optimizer = wubu.optimizers.SGD(0.1, momentum=0.9)
            >>> optimizer.build([w])
            >>> sorted(optimizer.slot_variables(w))
            ['momentum']
        """
        return self._slots.made(variable)

    def decays(self, variable: Variable) -> bool:
        """Whether weight decay applies to a variable."""
        return self.decay_of(variable) is not None and variable not in self._undecayed

    def decay_of(self, variable: Variable) -> float | None:
        """The weight decay of variables of this kind."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, np.ndarray]:
        """All state by path, as arrays of its own."""
        return {v.path: np.array(v.detach().numpy()) for v in self.variables}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes up what `state_dict` gave; `build` comes before.

        Raises:
            StateError: paths are missing or too many; nothing was changed.
            ShapeError: a value has another shape.
        """
        own = {variable.path: variable for variable in self.variables}
        if set(own) != set(state):
            missing, extra = set(own) - set(state), set(state) - set(own)
            raise StateError(
                "this state belongs to another optimizer or to other variables",
                expected=f"{len(own)} paths; missing: {few(missing)}",
                got=f"{len(state)} paths; unknown: {few(extra)}",
                fix="build the optimizer with the same variables first",
            )
        for path, variable in own.items():
            variable.assign(state[path])
