"""Where in the user's program, and in which layer, an operation was asked for.

Every operation in a graph and every error carries both: a line of the user's own file,
and the path of the layer. Frames of Wubu itself, of NumPy and of Python's own library
are stepped over.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import os
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from wubu.core.memory import raise_not_enough
from wubu.errors import WubuError

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = str(Path(__file__).resolve().parent.parent) + os.sep
_NUMPY = str(Path(np.__file__).parent) + os.sep
_PYTHON = str(Path(os.__file__).parent) + os.sep


class Location(NamedTuple):
    """A line of a file."""

    filename: str
    line: int

    def __str__(self) -> str:
        return f"{Path(self.filename).name}:{self.line}"


class Scope(NamedTuple):
    """The layer whose call is running: its path, and where the user created it."""

    path: str = ""
    location: Location | None = None


_NOWHERE = Scope()
_scope: contextvars.ContextVar[Scope] = contextvars.ContextVar(
    "scope", default=_NOWHERE
)


def user_location() -> Location | None:
    """The innermost line being executed outside Wubu, or None if there is none."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None:
        filename = frame.f_code.co_filename
        if not _is_machinery(filename):
            return Location(filename, frame.f_lineno)
        frame = frame.f_back
    return None


@functools.cache
def _is_machinery(filename: str) -> bool:
    """Whether a file is part of Wubu, of NumPy or of Python itself."""
    if filename.startswith((_PACKAGE, _NUMPY, "<frozen")):
        return True
    return filename.startswith(_PYTHON) and "site-packages" not in filename


def is_users(filename: str) -> bool:
    """Whether a file is neither machinery nor an installed package."""
    return not _is_machinery(filename) and "site-packages" not in filename


def caller() -> str | None:
    """`path/of/layer, file.py:12`, as far as known: where an error is to point."""
    parts = [current_scope().path, operation_location()]
    return ", ".join(str(part) for part in parts if part) or None


def warn_user(message: str) -> None:
    """Warns, at the user's own line."""
    place = user_location() or Location("wubu", 1)
    warnings.warn_explicit(message, UserWarning, place.filename, place.line)


def located(function: F) -> F:
    """Lets errors of a public function say where the user called it."""

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except WubuError as error:
            error.where = error.where or caller()
            raise
        except MemoryError as error:
            raise_not_enough(function.__name__, error, (), caller())

    return wrapped  # type: ignore[return-value]


def current_scope() -> Scope:
    """The scope entered last; its path is empty outside every layer."""
    return _scope.get()


def operation_location() -> Location | None:
    """The line to blame for an operation: where its layer was created, if that layer
    is one of Wubu's, else the user's line that asked for it."""
    return _scope.get().location or user_location()


@contextlib.contextmanager
def blame(path: str, location: Location | None) -> Iterator[None]:
    """Operations inside count as asked for there: derivatives belong to the layer and
    line of what they are derivatives of."""
    token = _scope.set(Scope(path, location))
    try:
        yield
    finally:
        _scope.reset(token)


@contextlib.contextmanager
def scope(name: str, location: Location | None = None) -> Iterator[Scope]:
    """Operations inside belong to the layer `name`; nested scopes join with "/".

    Example:
        >>> with scope("lenet"), scope("conv2d"):
        ...     print(current_scope().path)
        lenet/conv2d
    """
    outer = _scope.get().path
    inner = Scope(f"{outer}/{name}" if outer else name, location)
    token = _scope.set(inner)
    try:
        yield inner
    finally:
        _scope.reset(token)
