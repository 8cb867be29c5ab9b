"""`Stateful`: an optimizer's state, looked at, saved and taken up again by path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from wubu.core.configurable import Configurable
from wubu.core.location import user_location
from wubu.core.variable import Variable
from wubu.errors import StateError
from wubu.optimizers.decay import Undecayed
from wubu.optimizers.gradients import few
from wubu.optimizers.rate import as_rate
from wubu.optimizers.schedules import LearningRateSchedule
from wubu.optimizers.slots import Slots


class Stateful(Configurable):
    """What an optimizer keeps, for those who save or look at it."""

    name: str
    gradient_accumulation_steps: int | None
    _slots: Slots
    _undecayed: Undecayed
    _count: Variable
    _rate: Any

    def _begin(self, learning_rate: Any) -> None:
        self._slots = Slots(self.name)
        self._undecayed = Undecayed()
        self._count = self._counter("iterations", np.int64(0))
        self._rate = as_rate(learning_rate)
        if not isinstance(self._rate, LearningRateSchedule):
            self._rate = self._counter("learning_rate", np.float32(self._rate))

    def _counter(self, name: str, value: Any) -> Variable:
        variable = Variable(value, trainable=False, name=name)
        variable.path = f"{self.name}/{name}"
        return variable

    @property
    def iterations(self) -> Any:
        """How many updates were made."""
        every = self.gradient_accumulation_steps
        return self._count if every is None else self._count // every

    @property
    def learning_rate(self) -> Any:
        """A variable that can be assigned, or what the schedule gives for now."""
        if isinstance(self._rate, LearningRateSchedule):
            return self._rate(self.iterations)
        return self._rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        rate = as_rate(value)
        scheduled = isinstance(self._rate, LearningRateSchedule)
        if isinstance(rate, LearningRateSchedule) or scheduled:
            raise StateError(
                "a schedule is chosen when the optimizer is made",
                where=user_location(),
                fix="make a new optimizer with learning_rate=..., and compile again",
            )
        self._rate.assign(rate)

    lr = learning_rate

    @property
    def variables(self) -> list[Variable]:
        """All state: the number of steps, the learning rate, then the slots. Every path
        is unique."""
        rate = [] if isinstance(self._rate, LearningRateSchedule) else [self._rate]
        return [self._count, *rate, *self._slots.variables]

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

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments, with what may change as it is now."""
        config = super().get_config()
        if "gradient_accumulation_steps" in config:
            config["gradient_accumulation_steps"] = self.gradient_accumulation_steps
        if isinstance(self._rate, LearningRateSchedule):
            return config | {"learning_rate": self._rate}
        now = np.float32(self._rate.item())
        given = config["learning_rate"]
        if not isinstance(given, int | float) or np.float32(given) != now:
            config["learning_rate"] = float(now)
        return config
