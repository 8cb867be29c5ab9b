"""The arguments of compiled functions: as a program takes them, and as a trace does.

Plain arrays stay what they are, since every call of a program comes here, and are
looked at once; tensors are made of them when a function is traced.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core.dtypes import SUPPORTED
from wubu.core.location import caller
from wubu.core.tensor import Tensor, as_tensor
from wubu.core.variable import Variable
from wubu.errors import ArgumentError


class each:  # noqa: N801 - reads as a word: step.run_steps(x, y, each(indices))
    """Marks an argument of `run_steps` whose first axis runs over the steps."""

    def __init__(self, value: Any) -> None:
        self.value = as_tensor(value)


def as_argument(leaf: Any) -> Any:
    """An array that programs take as it is, a tensor, or what is static."""
    if type(leaf) is np.ndarray and leaf.dtype in SUPPORTED:
        return leaf
    if isinstance(leaf, Variable):
        return leaf.detach()
    if isinstance(leaf, np.ndarray | np.generic):
        return Tensor(leaf)
    return leaf


def as_tensors(arguments: Sequence[Any]) -> list[Any]:
    """Tensors in the place of arrays."""
    return [Tensor(a) if type(a) is np.ndarray else a for a in arguments]


def look_at(arguments: Sequence[Any]) -> tuple[list[np.ndarray], tuple[Any, ...]]:
    """The arrays of those that are not static, and the signature of all: what programs
    are found by."""
    arrays: list[np.ndarray] = []
    signature: list[Any] = []
    for argument in arguments:
        if type(argument) is np.ndarray:
            signature.append((argument.shape, argument.dtype, False))
            arrays.append(argument)
            continue
        argument = as_argument(argument)
        if isinstance(argument, Tensor):
            shape, dtype = argument._shape, argument._dtype
            signature.append((shape, dtype, argument._requires_grad))
            arrays.append(argument._known("a call"))
        else:
            signature.append(_static(argument))
    return arrays, tuple(signature)


def _static(leaf: Any) -> tuple[type, Any]:
    """What a program is found by, of a value that is compiled into it."""
    if isinstance(leaf, each):
        raise ArgumentError(
            "each(...) marks arguments of run_steps, not of a single call",
            where=caller(),
            fix="call function.run_steps(...), or pass the array itself",
        )
    try:
        hash(leaf)
    except TypeError:
        raise ArgumentError(
            "an argument of a compiled function is neither an array nor hashable",
            where=caller(),
            expected="arrays, tensors, numbers, strings, or nested lists, tuples and "
            "dictionaries of these",
            got=f"a {type(leaf).__name__}",
        ) from None
    # 0.0 equals -0.0, and NaN not even itself; programs go by the bits.
    return (type(leaf), leaf.hex() if isinstance(leaf, float) else leaf)
