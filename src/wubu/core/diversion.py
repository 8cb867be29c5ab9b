"""Public functions that are recorded, not computed, when they are called on symbols.

A symbol stands for a tensor while a model is being drawn up. No function can compute
with one, so the attempt fails; only then are the arguments looked through, and a call
that had a symbol among them is handed to whoever records calls (`wubu.layers`, when it
is loaded). A call that succeeds pays for nothing but one more Python call.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, MutableMapping
from typing import Any, NamedTuple


class Recorder(NamedTuple):
    """Who takes over calls on symbols.

    Attributes:
        concerns: whether a structure of arguments holds a symbol.
        record: given the function's name and its arguments, makes the result.
    """

    concerns: Callable[[Any], bool]
    record: Callable[[str, tuple[Any, ...], dict[str, Any]], Any]


_recorders: list[Recorder] = []


def divert_to(recorder: Recorder) -> None:
    """Gives calls on symbols to this recorder."""
    _recorders[:] = [recorder]


def diverted(function: Callable[..., Any], room: str, name: str) -> Callable[..., Any]:
    """The function, with calls on symbols recorded under "room>name"."""

    @functools.wraps(function)
    def public(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception:
            if not any(recorder.concerns((args, kwargs)) for recorder in _recorders):
                raise
        return _recorders[0].record(f"{room}>{name}", args, kwargs)

    public.__module__ = f"wubu.{room}"
    public.__qualname__ = name  # where `pickle` looks for it
    return public


def divert_all(namespace: MutableMapping[str, Any], room: str) -> None:
    """Makes every public function of a namespace a diverted one."""
    for name, value in list(namespace.items()):
        plain = callable(value) and not isinstance(value, type)
        if plain and not name.startswith("_"):
            namespace[name] = diverted(value, room, name)
