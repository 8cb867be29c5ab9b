"""The arguments of compiled functions: as a program takes them, and as a trace does.

Plain arrays stay what they are, since every call of a program comes here; tensors are
made of them when a function is traced.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core.dtypes import SUPPORTED
from wubu.core.tensor import Tensor
from wubu.core.variable import Variable


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


def arrays_of(arguments: Sequence[Any]) -> list[np.ndarray]:
    """The values of those that are not static."""
    found = []
    for argument in arguments:
        if type(argument) is np.ndarray:
            found.append(argument)
        elif isinstance(argument, Tensor):
            found.append(argument._known("a call"))
    return found
