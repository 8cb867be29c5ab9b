"""Strings are data, not tensors: layers on them are called before a model.

A layer here takes arrays or lists of strings where no tensor is traced, and gives
tensors of numbers: on its own, or in `dataset.map(layer)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wubu.core import tree
from wubu.core.location import user_location
from wubu.core.modes import active_trace
from wubu.errors import DTypeError, TraceError, WubuError
from wubu.layers.input_checks import blame
from wubu.layers.layer import Layer
from wubu.layers.symbol import symbols_in


def array_of(value: Any) -> np.ndarray:
    """An array of anything that holds numbers or strings; lists of strings become
    arrays of objects, so that a long one does not make all of them long."""
    if hasattr(value, "numpy"):
        return np.asarray(value.numpy())
    if isinstance(value, np.ndarray):
        return value
    if isinstance(_first_leaf(value), str | bytes):
        return np.array(value, dtype=object)
    return np.asarray(value)


def holds_strings(value: Any) -> bool:
    """Whether this is a string, or an array or nested list of strings.

    Example:
        >>> holds_strings([["a"]]), holds_strings(np.array("a")), holds_strings([1])
        (True, True, False)
    """
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "USO"
    if getattr(getattr(value, "dtype", None), "kind", "") == "O":  # a column of a table
        return True
    return isinstance(_first_leaf(value), str | bytes)


def _first_leaf(value: Any) -> Any:
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return value


def as_strings(value: Any, encoding: str = "utf-8") -> np.ndarray:
    """Strings as an array of objects; bytes are decoded.

    Raises:
        DTypeError: something in it is no string.

    Example:
        >>> as_strings([["a", b"b"]]).tolist()
        [['a', 'b']]
    """
    array = array_of(value)
    found = np.empty(array.shape, dtype=object)
    for place, item in np.ndenumerate(array):
        found[place] = _decoded(item, place, encoding)
    return found


def _decoded(item: Any, place: tuple[int, ...], encoding: str) -> str:
    if isinstance(item, str):
        return str(item)
    if isinstance(item, bytes):
        return item.decode(encoding, errors="replace")
    ragged = isinstance(item, list | tuple)
    raise DTypeError(
        "this is no string",
        where=f"place {place} of the input" if place else None,
        expected="strings, or an array or equally long lists of strings",
        got=f"{type(item).__name__} {item!r:.40}",
        fix='make all lists equally long, for instance by adding ""'
        if ragged
        else "write numbers as strings: np.asarray(x).astype(str)",
    )


def on_data(
    layer: Layer, compute: Callable[[Any], Any], inputs: Any, what: str = "strings"
) -> Any:
    """What `compute` makes of inputs that have to be data: neither symbols of a model
    nor in code that is compiled.

    Raises:
        TraceError: they are not.
    """
    fix = (
        "apply it to the data first: x = layer(x), or dataset.map(layer); its numbers "
        "are the model's input"
    )
    try:
        traced = any(getattr(t, "is_traced", False) for t in tree.flatten(inputs)[0])
        if symbols_in(inputs):
            raise TraceError(
                f"it works on {what}, which no tensor holds, so it is no part of a "
                "model",
                where=user_location(),
                got=repr(inputs)[:80],
                fix=fix,
            )
        if traced or active_trace() is not None:
            raise TraceError(
                f"it works on {what}, which compiled code cannot hold",
                where=user_location(),
                fix=fix,
            )
        layer.built = True
        return compute(inputs)
    except WubuError as error:
        blame(error, layer)
        raise


class OnStrings(Layer):
    """A layer whose `call` takes data, whatever they are."""

    def __call__(self, inputs: Any, training: bool | None = None) -> Any:
        return on_data(self, self.call, inputs)
