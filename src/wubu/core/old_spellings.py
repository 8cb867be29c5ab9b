"""Old spellings of arguments, as scripts for Keras 1 and 2 have them.

They are accepted, and a note on standard error names the present one, so that the next
script is written with it. Nothing is ignored silently.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from wubu.errors import ArgumentError

F = TypeVar("F", bound=Callable[..., Any])

Arguments = dict[str, Any]


class Now(NamedTuple):
    """How an old argument is written now.

    Attributes:
        name: of the present argument; None for one that is not needed any more.
        convert: makes the present value of the old one and of all arguments of the
            call, which it may change.
    """

    name: str | None
    convert: Callable[[Any, Arguments], Any] = lambda value, arguments: value


Table = Mapping[str, "str | Now | tuple[str, ...]"]


def translated(
    owner: str, given: Mapping[str, Any], table: Table, accepted: list[str]
) -> Arguments:
    """Arguments with old spellings replaced, and a note for each.

    Args:
        owner: what takes the arguments, for the note.
        given: the arguments of a call, by name.
        table: the present name of each old one; several, where it depends on the owner
            which of them it has.
        accepted: the names the owner takes; one of these is never an old spelling.

    Example:
        >>> translated("Dense", {"output_dim": 2}, {"output_dim": "units"}, ["units"])
        {'units': 2}
    """
    found = dict(given)
    for old in given:
        if old not in table or old in accepted:
            continue
        entry = table[old]
        names = entry if isinstance(entry, tuple) and type(entry) is tuple else (entry,)
        for candidate in names:
            now = candidate if isinstance(candidate, Now) else Now(str(candidate))
            if now.name is None or now.name in accepted:
                value = now.convert(found.pop(old), found)
                if now.name in found:
                    raise ArgumentError(
                        f"{owner} was given {old} and {now.name}, which are the same",
                        fix=f"leave {old} out",
                    )
                _note(owner, old, now.name, value)
                if now.name is not None:
                    found[now.name] = value
                break
    return found


def _note(owner: str, old: str, new: str | None, value: Any) -> None:
    text = f"note: {owner}({old}=...) is not needed any more"
    if new is not None:
        plain = isinstance(value, bool | int | float | str | tuple)
        shown = f"{value!r}" if plain else f"{type(value).__name__}(...)"
        text = f"note: {owner}({old}=...) is now written {new}={shown}"
    print(text, file=sys.stderr)


def accepts_old(table: Table) -> Callable[[F], F]:
    """Lets a method take arguments as they were spelt before."""

    def decorate(method: F) -> F:
        signature = inspect.signature(method)
        accepted = list(signature.parameters)[1:]

        @functools.wraps(method)
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            if kwargs.keys() & table.keys():
                positional = dict(zip(accepted, args, strict=False))
                owner = method.__name__
                found = translated(owner, {**positional, **kwargs}, table, accepted)
                return method(self, **found)
            return method(self, *args, **kwargs)

        return call  # type: ignore[return-value]

    return decorate
