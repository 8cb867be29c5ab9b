"""Arguments of optimizers, checked."""

from __future__ import annotations

from typing import Any

from wubu.core.location import user_location
from wubu.errors import ArgumentError


def at_least(name: str, value: Any, least: float) -> Any:
    """A value that may be None but not below `least`.

    Raises:
        ArgumentError: it is below.
    """
    if value is not None and not value >= least:
        raise ArgumentError(
            f"{name} is too small",
            where=user_location(),
            expected=f"None, or {least} or above",
            got=value,
        )
    return value


def share(name: str, value: float) -> float:
    """A share, from 0 to 1.

    Raises:
        ArgumentError: it lies outside.
    """
    if not 0 <= value <= 1:
        raise ArgumentError(
            f"{name} is a share", where=user_location(), expected="0 to 1", got=value
        )
    return value


def positive(name: str, value: float) -> float:
    """A number above 0.

    Raises:
        ArgumentError: it is not.
    """
    if not value > 0:
        raise ArgumentError(
            f"{name} is too small",
            where=user_location(),
            expected="a number above 0",
            got=value,
        )
    return value
