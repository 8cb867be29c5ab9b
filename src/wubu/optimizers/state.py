"""An optimizer's state as arrays by path, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wubu.core.variable import Variable
from wubu.errors import StateError
from wubu.optimizers.gradients import few


def as_arrays(variables: Sequence[Variable]) -> dict[str, np.ndarray]:
    """The value of each variable, in memory of its own, by path."""
    return {v.path: np.array(v.detach().numpy()) for v in variables}


def take_up(variables: Sequence[Variable], state: Mapping[str, Any]) -> None:
    """Gives variables the values that stand under their paths.

    Raises:
        StateError: paths are missing or too many; nothing was changed.
        ShapeError: a value has another shape.
    """
    own = {variable.path: variable for variable in variables}
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
