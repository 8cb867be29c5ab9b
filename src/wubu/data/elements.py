"""Elements of a dataset: single samples or batches, as nested tuples and dictionaries.

An element is what `for element in dataset` gives: an array, a number or a string, or a
tuple or dictionary of elements, as in `(picture, label)`. A list is not a structure
here: it becomes an array. `stack` makes a batch of elements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from wubu.data.convert import as_array
from wubu.errors import DataError


def stack(elements: Sequence[Any]) -> Any:
    """A batch: the same structure, whose arrays have a new first axis.

    Strings make an array of objects, of any lengths.

    Raises:
        DataError: elements of differing structure or shape; names the first at fault.

    Example:
        >>> x, y = stack([(np.zeros(3), 1), (np.ones(3), 0)])
        >>> x.shape, y
        ((2, 3), array([1, 0]))
    """
    first = elements[0]
    if isinstance(first, tuple | dict):
        _check_alike(elements)
    if isinstance(first, tuple):
        return tuple(stack(column) for column in zip(*elements, strict=True))
    if isinstance(first, dict):
        return {key: stack([element[key] for element in elements]) for key in first}
    return stack_leaves([as_leaf(element) for element in elements])


def stack_leaves(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Arrays of one shape, one upon the other; strings as an array of objects."""
    if arrays[0].dtype.kind in "USO":
        joined = np.empty(len(arrays), dtype=object)
        for i, array in enumerate(arrays):
            joined[i] = array.item() if array.ndim == 0 else array
        return joined
    for i, array in enumerate(arrays):
        if array.shape != arrays[0].shape:
            raise DataError(
                "elements of different shapes make no batch",
                where=f"element {i} of the batch",
                expected=f"shape {arrays[0].shape}, as element 0",
                got=f"shape {array.shape}",
                fix="bring them to one shape with map; pictures with image_size=, "
                "sequences with wubu.utils.pad_sequences",
            )
    return np.stack(arrays)


def as_leaf(value: Any) -> np.ndarray:
    """What a function returned, or a source gave, as an array."""
    if isinstance(value, str | bytes):
        leaf = np.empty((), dtype=object)
        leaf[()] = value
        return leaf
    return as_array(value, "the element")


def leaves_of(element: Any) -> list[Any]:
    """The arrays, numbers and strings of an element, in the order of its structure."""
    if isinstance(element, tuple):
        return [leaf for part in element for leaf in leaves_of(part)]
    if isinstance(element, dict):
        return [leaf for part in element.values() for leaf in leaves_of(part)]
    return [element]


def refilled(element: Any, leaves: Iterator[Any]) -> Any:
    """The structure of an element with other leaves, in the order of `leaves_of`."""
    if isinstance(element, tuple):
        return tuple(refilled(part, leaves) for part in element)
    if isinstance(element, dict):
        return {key: refilled(part, leaves) for key, part in element.items()}
    return next(leaves)


def apply(function: Callable[..., Any], element: Any, **more: Any) -> Any:
    """`function(x, y)` for a tuple, `function(element)` for anything else."""
    if isinstance(element, tuple):
        return function(*element, **more)
    return function(element, **more)


def parts_of(element: Any) -> tuple[Any, ...]:
    """x, y and sample weights, as far as the element has them."""
    return element if isinstance(element, tuple) else (element,)


def _check_alike(elements: Sequence[Any]) -> None:
    first = _form(elements[0])
    for i, element in enumerate(elements):
        if _form(element) != first:
            raise DataError(
                "elements of different structures make no batch",
                where=f"element {i} of the batch",
                expected=f"{first}, as element 0",
                got=_form(element),
            )


def _form(element: Any) -> str:
    if isinstance(element, tuple):
        return f"a tuple of {len(element)}"
    if isinstance(element, dict):
        return "a dictionary of " + ", ".join(f'"{key}"' for key in element)
    return "an array"
