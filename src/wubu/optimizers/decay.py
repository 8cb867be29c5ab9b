"""Weight decay, and which variables it leaves alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable


def decayed(w: Tensor, decay: float | None, learning_rate: Tensor) -> Tensor:
    """w (1 - decay * learning_rate): decay that stands apart from the gradient.

    Source: Loshchilov and Hutter 2019, section 2.
    """
    return w * (1.0 - (decay or 0.0) * learning_rate)


class Undecayed:
    """The variables that weight decay leaves alone.

    Example:
        >>> undecayed = Undecayed()
        >>> undecayed.add([], ["bias"])
        >>> Variable(1.0, name="bias") in undecayed, Variable(1.0) in undecayed
        (True, False)
    """

    def __init__(self) -> None:
        self._variables: list[Variable] = []
        self._patterns: list[str] = []

    def add(self, variables: Iterable[Variable], patterns: Iterable[str]) -> None:
        """These variables, and those in whose paths one of the regular expressions is
        found."""
        self._variables += variables
        self._patterns += patterns

    def __contains__(self, variable: Variable) -> bool:
        if any(variable is v for v in self._variables):
            return True
        return any(re.search(pattern, variable.path) for pattern in self._patterns)
