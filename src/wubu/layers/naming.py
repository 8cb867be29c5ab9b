"""Names for layers that were given none: dense, dense_1, dense_2 ...

A name that was made up counts through the whole process, so that it is unique in every
model. The path of a weight must not depend on what else the process has made: within a
model, such a layer is known by its class and its place among those of its class.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

_counts: Counter[str] = Counter()
_given: set[str] = set()  # names that were not made up


def unique_name(prefix: str) -> str:
    """`prefix` the first time, then prefix_1, prefix_2 ..."""
    while True:
        name = _numbered(prefix, _counts[prefix])
        _counts[prefix] += 1
        if name not in _given:
            return name


def keep_name(name: str) -> str:
    """A name that was given; none is made up that is the same."""
    _given.add(name)
    return name


def _numbered(prefix: str, number: int) -> str:
    return f"{prefix}_{number}" if number else prefix


def keys_of(layers: Iterable[Any], taken: Iterable[str] = ()) -> list[str]:
    """What layers are called in paths: the name they were given; without one, their
    class and their place among those of it. No two are the same.

    Args:
        layers: of one model, in order.
        taken: what none of them may be called.

    Example:
        >>> from wubu.layers import Dense
        >>> keys_of([Dense(2), Dense(2, name="head"), Dense(2)])
        ['dense', 'head', 'dense_1']
    """
    layers = list(layers)
    used = {layer.name for layer in layers if not layer.has_made_up_name} | set(taken)
    counts: Counter[str] = Counter()
    keys = []
    for layer in layers:
        key = layer.name
        if layer.has_made_up_name:
            prefix = snake_case(type(layer).__name__)
            key = _numbered(prefix, counts[prefix])
            while key in used:
                counts[prefix] += 1
                key = _numbered(prefix, counts[prefix])
            used.add(key)
        keys.append(key)
    return keys


@functools.cache
def snake_case(name: str) -> str:
    """A class's name as layers are named after it.

    Example:
        >>> snake_case("MaxPooling2D"), snake_case("LSTM"), snake_case("MyLayer")
        ('max_pooling2d', 'lstm', 'my_layer')
    """
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])(?=[a-z])", r"\1_\2", name).lower()


def reset_names() -> None:
    """Starts counting again, as after `clear_session`."""
    _counts.clear()
    _given.clear()
