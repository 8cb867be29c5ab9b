"""Checks of constructor arguments that several layers share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from wubu import constraints, initializers, regularizers
from wubu.core import config
from wubu.errors import ArgumentError, ShapeError


def positive_integer(name: str, value: Any) -> int:
    """`value` as an int, if it is an integer above 0.

    Example:
        >>> positive_integer("units", 3)
        3
        >>> positive_integer("units", 0)
        Traceback (most recent call last):
        ...
        wubu.errors.ArgumentError: units is a positive integer
          expected  1, 2, 3 ...
          got       0
    """
    # 64.0 comes out of a division that was meant to be `//`, and means 64.
    whole = isinstance(value, int | np.integer) or (
        isinstance(value, float) and value.is_integer()
    )
    if not whole or isinstance(value, bool) or value < 1:
        raise ArgumentError(
            f"{name} is a positive integer", expected="1, 2, 3 ...", got=repr(value)
        )
    return int(value)


def fraction(name: str, value: Any) -> float:
    """`value` as a float, if it lies in [0, 1)."""
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or not 0 <= value < 1:
        raise ArgumentError(
            f"{name} is a share, at least 0 and below 1",
            expected="0 <= rate < 1, for instance 0.5",
            got=repr(value),
            fix=f"{value}% is written {value / 100:g}"
            if number and 1 < value < 100
            else None,
        )
    return float(value)


def one_of(name: str, value: Any, allowed: Sequence[str]) -> str:
    """`value` in lower case, if it is one of these words."""
    word = value.lower() if isinstance(value, str) else value
    if word not in allowed:
        raise ArgumentError(
            f"unknown {name}",
            expected=" or ".join(f'"{choice}"' for choice in allowed),
            got=repr(value),
        )
    return word


def padding_mode(value: Any) -> str:
    """A `padding` argument: "valid" or "same"."""
    return one_of("padding", value, ("valid", "same"))


def image_format(value: Any) -> str:
    """A `data_format` argument; `config.image_data_format()` by default."""
    return config.standardize_data_format(value)


def known_length(shape: Sequence[int | None], axis: int, meaning: str) -> int:
    """The length of an axis that weights depend on, so that it cannot be None."""
    length = shape[axis]
    if length is None:
        raise ShapeError(
            f"the number of {meaning} has to be known, since weights depend on it",
            expected=f"a number at axis {axis}",
            got=str(tuple(shape)),
            fix="give it to Input(shape)",
        )
    return length


def weight_shape(shape: Any) -> tuple[int, ...]:
    """The shape of a weight as a tuple of lengths.

    Example:
        >>> weight_shape("kernel")
        Traceback (most recent call last):
        ...
        wubu.errors.ArgumentError: the shape of a weight is a tuple of lengths
          expected  add_weight((3, 4), name="kernel")
          got       'kernel'
          fix       the shape comes first now, and the name by its name
    """
    if isinstance(shape, list | tuple):
        whole = [isinstance(n, int | np.integer) and n >= 0 for n in shape]
        if all(whole):
            return tuple(int(n) for n in shape)
    raise ArgumentError(
        "the shape of a weight is a tuple of lengths",
        expected='add_weight((3, 4), name="kernel")',
        got=repr(shape)[:60],
        fix="the shape comes first now, and the name by its name"
        if isinstance(shape, str)
        else f"write ({shape},)"
        if isinstance(shape, int)
        else None,
    )


_ROOMS: dict[str, Any] = {
    "initializer": initializers,
    "regularizer": regularizers,
    "constraint": constraints,
}
_OF_WEIGHTS = re.compile("(.+)_(initializer|regularizer|constraint)")


def weight_properties(arguments: Iterable[str]) -> dict[str, property]:
    """`kernel_initializer` and the like as attributes: what the layer keeps in
    `kernel_options`. Set, they are those of a weight that is there already, too."""
    found = (_OF_WEIGHTS.fullmatch(name) for name in arguments)
    return {
        match[0]: _weight_property(match[1], match[2])
        for match in found
        if match and match[1] != "activity"
    }


# Where a layer keeps the weight its arguments call so.
_PLACES = {
    "recurrent": ("recurrent_kernel",),
    "depthwise": ("depthwise_kernel", "kernel"),
    "pointwise": ("pointwise_kernel",),
}


def _weight_property(weight: str, kind: str) -> property:
    def get(layer: Any) -> Any:
        return getattr(layer, f"{weight}_options")[kind]

    def change(layer: Any, value: Any) -> None:
        value = _ROOMS[kind].get(value)
        options = getattr(layer, f"{weight}_options")
        # Another dictionary, so that compiled steps of a model notice.
        setattr(layer, f"{weight}_options", {**options, kind: value})
        variables = [vars(layer).get(name) for name in _PLACES.get(weight, (weight,))]
        for variable in variables:
            if variable is not None and kind != "initializer":
                setattr(variable, kind, value)

    return property(get, change, doc=f"The {kind} of its {weight}.")


def weight_options(
    initializer: Any, regularizer: Any = None, constraint: Any = None
) -> dict[str, Any]:
    """What `add_weight` is told about a weight; names are looked up now, so that a
    wrong one is an error of the line that made the layer."""
    return {
        "initializer": initializers.get(initializer),
        "regularizer": regularizers.get(regularizer),
        "constraint": constraints.get(constraint),
    }
