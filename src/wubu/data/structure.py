"""Structures of arrays: one array, a list or tuple of them, or a dictionary.

A model with one input is fed an array; with several, a list in the order of its inputs
or a dictionary keyed by their names. One level is all there is: the elements of a list
or dictionary are arrays. These helpers let the rest of `wubu.data` treat the three
forms alike. Read `convert.py` next: it makes structures of what the user holds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

Structure: TypeAlias = (
    np.ndarray | list[np.ndarray] | tuple[np.ndarray, ...] | dict[str, np.ndarray]
)


def leaves(structure: Structure | None, name: str) -> list[tuple[str, np.ndarray]]:
    """The arrays of a structure, each with the name it has in the user's code.

    Args:
        structure: one array, a list, tuple or dictionary of arrays, or None.
        name: what the whole is called, for instance `"x"`.

    Example:
        >>> ages, sizes = np.zeros(3), np.ones(3)
        >>> [name for name, _ in leaves({"age": ages, "size": sizes}, "x")]
        ['x["age"]', 'x["size"]']
        >>> [name for name, _ in leaves([ages, sizes], "x")]
        ['x[0]', 'x[1]']
    """
    if structure is None:
        return []
    if isinstance(structure, dict):
        return [(f'{name}["{key}"]', leaf) for key, leaf in structure.items()]
    if isinstance(structure, list | tuple):
        return [(f"{name}[{i}]", leaf) for i, leaf in enumerate(structure)]
    return [(name, structure)]


def map_leaves(function: Callable[[Any], Any], structure: Any) -> Any:
    """The same structure with `function` applied to every array; None stays None.

    Example:
        >>> map_leaves(np.sum, {"a": np.ones(3), "b": np.ones(2)})
        {'a': np.float64(3.0), 'b': np.float64(2.0)}
    """
    if structure is None:
        return None
    if isinstance(structure, dict):
        return {key: function(leaf) for key, leaf in structure.items()}
    if isinstance(structure, list | tuple):
        # A named tuple cannot be rebuilt from one list: a plain one takes its place.
        kind = list if isinstance(structure, list) else tuple
        return kind(function(leaf) for leaf in structure)
    return function(structure)


def describe(structure: Structure | None) -> str:
    """The form of a structure in words, without its sizes.

    Two structures feed the same network exactly when their descriptions are equal.

    Example:
        >>> describe({"age": np.zeros(3)}), describe((np.zeros(3), np.zeros(3)))
        ('a dictionary of "age"', '2 arrays')
    """
    if structure is None:
        return "nothing"
    if isinstance(structure, dict):
        keys = ", ".join(f'"{key}"' for key in sorted(structure))
        return f"a dictionary of {keys}"
    if isinstance(structure, list | tuple):
        count = len(structure)
        return f"{count} array{'s' if count != 1 else ''}"
    return "an array"
