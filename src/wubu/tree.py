"""Nested structures under the names of `keras.tree`: leaves, and functions of them.

Tuples, named ones too, lists and dictionaries are structure; all else is a leaf.

Example:
    >>> flatten({"a": 1, "b": [2, 3]})
    [1, 2, 3]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wubu.core import tree
from wubu.errors import ArgumentError

__all__ = [
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_structure",
    "pack_sequence_as",
]


def is_nested(structure: Any) -> bool:
    """Whether this is a structure and not a leaf."""
    return isinstance(structure, dict | tuple | list)


def flatten(structure: Any) -> list[Any]:
    """The leaves, in order."""
    return tree.flatten(structure)[0]


def flatten_with_path(structure: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """Every leaf with the keys and places that lead to it.

    Example:
        >>> flatten_with_path({"a": [1]})
        [(('a', 0), 1)]
    """
    if not is_nested(structure):
        return [((), structure)]
    pairs = structure.items() if isinstance(structure, dict) else enumerate(structure)
    return [
        ((key, *path), leaf)
        for key, part in pairs
        for path, leaf in flatten_with_path(part)
    ]


def map_structure(func: Callable[..., Any], *structures: Any) -> Any:
    """A function of every leaf, and of those at the same place in other structures.

    Args:
        func: of as many arguments as there are structures.
        structures: all alike.

    Raises:
        ArgumentError: structures that differ, or none.

    Example:
        >>> map_structure(lambda a, b: a + b, {"x": 1}, {"x": 2})
        {'x': 3}
    """
    if not structures:
        raise ArgumentError("map_structure takes at least one structure", got="none")
    for other in structures[1:]:
        assert_same_structure(structures[0], other)
    return tree.map_structure(func, *structures)


def pack_sequence_as(structure: Any, flat_sequence: Sequence[Any]) -> Any:
    """Leaves put into the form of a structure; the inverse of `flatten`."""
    leaves, form = tree.flatten(structure)
    if len(leaves) != len(flat_sequence):
        raise ArgumentError(
            "there are not as many leaves as places for them",
            expected=len(leaves),
            got=len(flat_sequence),
        )
    return tree.unflatten(form, list(flat_sequence))


def assert_same_structure(a: Any, b: Any) -> None:
    """Sees that two structures differ in their leaves alone.

    Raises:
        ArgumentError: they do not.
    """
    if tree.flatten(a)[1] != tree.flatten(b)[1]:
        raise ArgumentError(
            "two structures differ", expected=f"{a!r:.80}", got=f"{b!r:.80}"
        )


def lists_to_tuples(structure: Any) -> Any:
    """The same with tuples in the place of lists."""
    if isinstance(structure, dict):
        return {key: lists_to_tuples(part) for key, part in structure.items()}
    if isinstance(structure, tuple | list):
        parts = [lists_to_tuples(part) for part in structure]
        named = hasattr(structure, "_fields")
        return type(structure)(*parts) if named else tuple(parts)
    return structure
