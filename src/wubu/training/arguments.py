"""Arguments of `compile`, `fit` and `evaluate`, checked before anything happens."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.errors import ArgumentError


def check_count(name: str, value: Any, least: int = 1) -> None:
    """Refuses what is no whole number of at least `least`.

    Example:
        >>> check_count("epochs", 0, least=0)
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:
        raise ArgumentError(
            f"{name} is a whole number of at least {least}", got=repr(value)[:60]
        )


def check_verbose(verbose: Any) -> None:
    """Refuses what says nothing about how much to show."""
    if not (verbose is None or isinstance(verbose, bool | int | str)) or (
        verbose not in (None, 0, 1, 2, "auto")
    ):
        raise ArgumentError(
            "verbose says how much to show",
            expected='"auto", 0 (nothing), 1 (a bar) or 2 (a line an epoch)',
            got=repr(verbose)[:60],
        )


def as_parts(data: Any) -> tuple[Any, ...]:
    """`(x,)`, `(x, y)` or `(x, y, sample_weight)` of what `validation_data` may be.

    Example:
        >>> as_parts([1, 2])
        (1, 2)
    """
    if not isinstance(data, tuple | list):
        return (data,)
    if not 1 <= len(data) <= 3:
        raise ArgumentError(
            "validation_data is (x, y), (x, y, sample_weight), or yields batches",
            got=f"{len(data)} parts",
        )
    return tuple(data)


def as_list(callbacks: Any) -> list[Any]:
    """Callbacks as a list: none, one or several."""
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]
