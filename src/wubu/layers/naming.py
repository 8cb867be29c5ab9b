"""Names for layers that were given none: dense, dense_1, dense_2 ..."""

from __future__ import annotations

import re
from collections import Counter

_counts: Counter[str] = Counter()


def unique_name(prefix: str) -> str:
    """`prefix` the first time, then prefix_1, prefix_2 ..."""
    number = _counts[prefix]
    _counts[prefix] += 1
    return f"{prefix}_{number}" if number else prefix


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
