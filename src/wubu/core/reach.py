"""What a function can reach by name: its outer names, the functions and objects they
stand for, and what those hold. Only code of the user's is followed, and not for ever.
"""

from __future__ import annotations

import functools
import sys
import types
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from wubu.core.location import is_users

MAX_OBJECTS = 1000
MAX_PARTS = 100  # of one list, dictionary or object
MAX_ARRAY_BYTES = 1 << 16


class Reach:
    """What is reachable from a function, as (name, value).

    Attributes:
        functions: functions of the user's, the first one included whosever it is.
        boxes: lists, dictionaries and sets that have a name of their own.
        arrays: small arrays that can be written to.
        objects: objects of the user's classes.
    """

    def __init__(self, function: Any, arguments: Sequence[Any] = ()) -> None:
        self.functions: list[types.FunctionType] = []
        self.boxes: list[tuple[str, Any]] = []
        self.arrays: list[tuple[str, np.ndarray]] = []
        self.objects: list[tuple[str, Any]] = []
        self._seen: dict[int, Any] = {}  # holds what it has seen: ids stay valid
        self._queue: deque[tuple[str, Any]] = deque()
        self._follow(function, always=True)
        self._queue.extend(("an argument", argument) for argument in arguments)
        while self._queue and len(self._seen) < MAX_OBJECTS:
            self._visit(*self._queue.popleft())

    def _visit(self, path: str, value: Any) -> None:
        if id(value) in self._seen or isinstance(value, _SKIPPED):
            return
        self._seen[id(value)] = value
        if isinstance(value, np.ndarray):
            plain = value.dtype.kind in "biufc" and value.flags.writeable
            if plain and value.nbytes <= MAX_ARRAY_BYTES:
                self.arrays.append((path, value))
        elif type(value) in (list, dict, set, tuple):
            if path.isidentifier() and type(value) is not tuple:
                self.boxes.append((path, value))
            parts = value.items() if type(value) is dict else enumerate(value)
            self._enqueue((f"{path}[{key!r:.20}]", part) for key, part in parts)
        elif isinstance(value, _FUNCTIONS) or "__wrapped__" in attributes(value):
            self._follow(value)
        else:
            self._look_into(path, value)

    def _look_into(self, path: str, value: Any) -> None:
        own: Any = type(value)
        if _is_users_class(own):
            self.objects.append((path, value))
            for kind in own.__mro__:
                if _is_users_class(kind):
                    parts = [p for p in vars(kind).values() if hasattr(p, "__code__")]
                    self._enqueue(("", part) for part in parts)
        held = attributes(value)
        self._enqueue((f"{path}.{name}", part) for name, part in held.items())

    def _enqueue(self, parts: Iterable[tuple[str, Any]]) -> None:
        self._queue.extend(part for part, _ in zip(parts, range(MAX_PARTS)))  # noqa: B905

    def _follow(self, function: Any, *, always: bool = False) -> None:
        """Notes a function, and goes on to what its outer names stand for."""
        while not isinstance(function, types.FunctionType):
            if isinstance(function, types.MethodType):
                self._queue.append(("self", function.__self__))
                function = function.__func__
            elif isinstance(function, functools.partial):
                given = [*function.args, *function.keywords.values()]
                self._enqueue(("an argument", part) for part in given)
                function = function.func
            elif "__wrapped__" in attributes(function):
                function = attributes(function)["__wrapped__"]
            else:
                self._queue.append((type(function).__name__, function))
                return
        if always or is_users(function.__code__.co_filename):
            self.functions.append(function)
            self._queue.extend(outer_names(function))


_FUNCTIONS = (types.FunctionType, types.MethodType, functools.partial)
_SKIPPED = (type, types.ModuleType, np.generic, str, bytes, int, float, type(None))


def outer_names(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """The names a function uses of those around it, and what they stand for."""
    code = function.__code__
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    outer = function.__globals__
    names = {name for inner in nested(code) for name in inner.co_names}
    yield from ((name, outer[name]) for name in sorted(names) if name in outer)


def nested(code: types.CodeType) -> Iterator[types.CodeType]:
    """The code of a function, and of those defined in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from nested(constant)


def attributes(value: Any) -> dict[str, Any]:
    """An object's own attributes, without running any code of its class."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return found if type(found) is dict else {}


@functools.cache
def _is_users_class(kind: Any) -> bool:
    module = sys.modules.get(kind.__module__)
    if module is None or kind.__module__ == "builtins":
        return False
    return is_users(getattr(module, "__file__", None) or "")
