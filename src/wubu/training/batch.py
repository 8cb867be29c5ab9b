"""What a step is given: a batch as `(x, y, sample_weight)`, without what is not there.

The forms are Keras', so that its guides' `x, y = data` works in a step of your own.
"""

from __future__ import annotations

from typing import Any

from wubu.errors import ArgumentError


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """What a step is given: `(x, y, sample_weight)`, `(x, y)` without weights, and
    without targets x alone, or `(x,)` where x is a list or tuple.

    Example:
        >>> pack_x_y_sample_weight(1, 2), pack_x_y_sample_weight(1)
        ((1, 2), 1)
        >>> pack_x_y_sample_weight([1, 2])
        ([1, 2],)
    """
    if sample_weight is not None:
        return x, y, sample_weight
    if y is not None:
        return x, y
    return (x,) if isinstance(x, list | tuple) else x


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """x, y and sample_weight of a batch in any form, None for what is not there.

    Args:
        data: `(x, y, sample_weight)`, `(x, y)` or `(x,)`, as tuple or list; or x alone.

    Raises:
        ArgumentError: more than three parts, or none.

    Example:
        >>> unpack_x_y_sample_weight((1, 2))
        (1, 2, None)
        >>> unpack_x_y_sample_weight(1)
        (1, None, None)
    """
    if not isinstance(data, tuple | list):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ArgumentError(
            "a batch is (x,), (x, y) or (x, y, sample_weight)", got=f"{len(data)} parts"
        )
    x, y, sample_weight = (*data, None, None)[:3]
    return x, y, sample_weight
