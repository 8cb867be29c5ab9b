"""Numbers that are not finite: what made them, in words.

`Interpreter` and `apply` ask `check_results` after every operation while `debug_nans`
is on; `origin.py` finds the first such operation of a graph.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.errors import NotFiniteError

FIX = "lower the learning rate, or clip gradients, as by clipnorm=1.0"
_FIXES = {
    "exp": "lower the learning rate, scale the inputs, or use a loss with "
    "from_logits=True",
    "log": "keep what it is taken of above zero, or use a loss with from_logits=True",
    "sqrt": "keep what it is taken of above zero, as by adding 1e-7",
    "pow": "keep its base above zero, as by adding 1e-7",
    "div": "keep what is divided by away from zero, as by adding 1e-7",
}


def check_results(
    name: str, inputs: Sequence[Any], results: Sequence[Any], where: Any
) -> None:
    """Raises a NotFiniteError if an operation has made NaN out of numbers."""
    if any(has_nan(a) for a in results) and not any(has_nan(a) for a in inputs):
        raise NotFiniteError(
            f"{name} makes nan",
            where=where,
            got=made(name, inputs, math.nan),
            fix=fix_for(name),
        )


def fix_for(name: str) -> str:
    """What may help against numbers that are not finite, made by this primitive."""
    return _FIXES.get(name, FIX)


def made(name: str, inputs: Sequence[Any], bad: float) -> str:
    """What an operation did, to which numbers."""
    ranges = [_range(array) for array in inputs if np.asarray(array).size]
    return f"{name} of numbers {' and '.join(ranges)} makes {bad}"


def _range(array: Any) -> str:
    low, high = float(np.min(array)), float(np.max(array))
    return f"from {low:.4g} to {high:.4g}"


def has_nan(array: Any) -> bool:
    array = np.asarray(array)
    return array.dtype.kind == "f" and bool(np.isnan(array).any())


def has_infinity(array: Any) -> bool:
    array = np.asarray(array)
    return array.dtype.kind == "f" and bool(np.isinf(array).any())
