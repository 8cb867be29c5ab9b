"""Nested tuples, lists and dictionaries of tensors, taken apart and put together."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

LEAF = "leaf"
_NESTED = dict, tuple, list


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """The leaves of a nested structure, in order, and the structure without them.

    The structure is hashable. Everything but a tuple, list or dictionary is a leaf.

    Example:
        >>> flatten({"a": 1, "b": (2, 3)})
        ([1, 2, 3], ('dict', ('a', 'b'), ('leaf', ('tuple', ('leaf', 'leaf')))))
    """
    leaves: list[Any] = []
    return leaves, _flatten(tree, leaves)


def flatten_call(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Sequence[Any], Any]:
    """The leaves of a call's arguments, and their structure: as `flatten` gives for
    `(args, kwargs)`, and sooner where nothing is nested.

    Example:
        >>> flatten_call((1, 2), {}) == ((1, 2), flatten(((1, 2), {}))[1])
        True
    """
    if not kwargs:
        for part in args:
            if isinstance(part, _NESTED):
                break
        else:
            return args, _structure_of_leaves(len(args))
    return flatten((args, kwargs))


@functools.cache
def _structure_of_leaves(count: int) -> Any:
    return flatten(((None,) * count, {}))[1]


def _flatten(tree: Any, leaves: list[Any]) -> Any:
    if not isinstance(tree, _NESTED):
        leaves.append(tree)
        return LEAF
    found = []
    for part in tree.values() if isinstance(tree, dict) else tree:
        if isinstance(part, _NESTED):
            found.append(_flatten(part, leaves))
        else:  # here and not in a call of its own: half the time
            leaves.append(part)
            found.append(LEAF)
    parts = tuple(found)
    if type(tree) is tuple:
        return ("tuple", parts)
    if isinstance(tree, dict):
        return ("dict", tuple(tree), parts)
    if isinstance(tree, list):
        return ("list", parts)
    return (
        ("named", type(tree), parts) if hasattr(tree, "_fields") else ("tuple", parts)
    )


def unflatten(structure: Any, leaves: Sequence[Any]) -> Any:
    """The inverse of `flatten`.

    Example:
        >>> leaves, structure = flatten([1, {"a": 2}])
        >>> unflatten(structure, [10, 20])
        [10, {'a': 20}]
    """
    if structure == LEAF:
        (tree,) = leaves
        return tree
    rest = iter(leaves)
    tree = _unflatten(structure, rest)
    assert next(rest, LEAF) is LEAF, "more leaves than the structure has places"
    return tree


def _unflatten(structure: Any, leaves: Any) -> Any:
    if structure == LEAF:
        return next(leaves)
    kind, *rest = structure
    parts = [_unflatten(part, leaves) for part in rest[-1]]
    if kind == "dict":
        return dict(zip(rest[0], parts, strict=True))
    if kind == "named":
        return rest[0](*parts)
    return tuple(parts) if kind == "tuple" else parts


def map_structure(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """`function` applied to every leaf, and to those at the same place in `others`.

    Example:
        >>> map_structure(lambda a, b: a + b, {"x": 1}, {"x": 2})
        {'x': 3}
    """
    leaves, structure = flatten(tree)
    columns = [flatten(other)[0] for other in others]
    rows = zip(leaves, *columns, strict=True)
    return unflatten(structure, [function(*row) for row in rows])
