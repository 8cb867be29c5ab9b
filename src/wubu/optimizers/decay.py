"""Weight decay, and which variables it leaves alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wubu.core.tensor import Tensor
from wubu.core.variable import Variable


class WeightDecay:
    """w <- w (1 - decay * learning_rate), apart from the gradient.

    Args:
        decay: None for none at all.

    Source: Loshchilov and Hutter 2019, section 2.
    """

    def __init__(self, decay: float | None) -> None:
        self._decay = decay
        self._variables: list[Variable] = []
        self._patterns: list[str] = []

    def exclude(self, variables: Iterable[Variable], patterns: Iterable[str]) -> None:
        """Leaves variables alone: these, and those in whose paths one of the regular
        expressions is found."""
        self._variables += variables
        self._patterns += patterns

    def applies_to(self, variable: Variable) -> bool:
        """Whether a variable is decayed."""
        if self._decay is None or any(variable is v for v in self._variables):
            return False
        return not any(re.search(pattern, variable.path) for pattern in self._patterns)

    def __call__(self, w: Tensor, learning_rate: Tensor) -> Tensor:
        """A value after decay."""
        return w * (1.0 - (self._decay or 0.0) * learning_rate)
