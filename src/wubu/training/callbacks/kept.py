"""Values of variables, kept to be put back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from wubu.core.variable import Variable


class Kept:
    """The values that variables have now.

    Example:
        >>> w = Variable(1.0)
        >>> kept = Kept([w])
        >>> w.assign(2.0).item()
        2.0
        >>> kept.put_back()
        >>> w.item()
        1.0
    """

    def __init__(self, variables: Iterable[Variable]) -> None:
        self._variables = list(variables)
        # Copies: compiled steps change variables where they lie.
        self.values = [np.array(v.detach().numpy()) for v in self._variables]

    def put_back(self, values: Sequence[Any] | None = None) -> None:
        """Gives the variables these values again, or others that were kept of them."""
        kept = self.values if values is None else values
        for variable, value in zip(self._variables, kept, strict=True):
            variable.assign(value)
