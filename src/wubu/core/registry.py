"""Classes and functions by the names that files give them: "room>Name".

Wubu's own stand here by themselves, under the room they live in; the user's when they
are registered, under a package of their choice, or for a while in `custom_objects`.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar

from wubu.errors import ArgumentError, FileFormatError

T = TypeVar("T")

# Wubu's own, by "room>Name".
_own: dict[str, Any] = {}

# What the user registered, by "package>Name", or put there under any name.
_users: dict[str, Any] = {}

# Names that hold for a while only: see `custom_objects`.
_passing: ContextVar[Mapping[str, Any] | None] = ContextVar("passing", default=None)

_ROOMS = frozenset(
    [
        "activations",
        "constraints",
        "initializers",
        "layers",
        "losses",
        "metrics",
        "models",
        "optimizers",
        "regularizers",
    ]
)


def register(package: str = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Registers a class or function of your own, so that model files can name it.

    Args:
        package: distinguishes your names from those of others.
        name: the name in files; the object's own by default.

    Raises:
        ArgumentError: a class whose objects have no `get_config`.

    Example:
        >>> import wubu
        >>> @register("mine")
        ... class Twice(wubu.layers.Layer):
        ...     def call(self, x):
        ...         return 2 * x
        >>> registered_name(Twice)
        'mine>Twice'
    """

    def decorate(item: T) -> T:
        own: str = item.__name__  # type: ignore[attr-defined]
        if isinstance(item, type) and not hasattr(item, "get_config"):
            raise ArgumentError(
                f"a file cannot hold a {own}: it has no get_config()",
                expected="a kind of layer, loss, metric ..., or a function",
                fix=f"derive it, as in class {own}(wubu.layers.Layer)",
            )
        module = getattr(item, "__module__", "")
        names = _own if module.split(".")[0] == "wubu" else _users
        names[f"{package}>{name or own}"] = item
        return item

    return decorate


def register_own(key: str, item: Any) -> None:
    """Registers a class of Wubu's, unless there is one of this name."""
    _own.setdefault(key, item)


def registered_name(item: Any) -> str | None:
    """The name a class or function is registered under, if it is; the latest one."""
    return _name_in(_users, item) or _name_in(_own, item)


def _name_in(names: dict[str, Any], item: Any) -> str | None:
    own = getattr(item, "__name__", None)
    keys = [key for key, value in reversed(names.items()) if value is item]
    same = (key for key in keys if own is None or key.endswith(f">{own}"))
    return next(same, keys[0] if keys else None)


def room_named(room: str) -> Any:
    """A room that stands further to the right than `core`: "initializers"."""
    return importlib.import_module(f"wubu.{room}")


def registered(key: str) -> Any:
    """The class or function registered under a name.

    Raises:
        FileFormatError: nothing is registered under it.
    """
    custom = _custom()
    for name in (key, key.rpartition(">")[2]):
        if name in custom:
            return custom[name]
    room = key.partition(">")[0]
    if f"wubu.{room}" not in sys.modules and room in _ROOMS:
        room_named(room)
    if key not in _own:
        raise FileFormatError(
            f'nothing is registered under "{key}"',
            expected="a name of Wubu's, or a class of yours that is registered",
            got=key,
            fix=f'put @wubu.saving.register("{room}") on the class, and import it '
            "before loading",
        )
    return _own[key]


@contextlib.contextmanager
def custom_objects(custom_objects: Mapping[str, Any] | None) -> Iterator[None]:
    """Inside, these names, with or without "package>", go before registered ones.

    Example:
        >>> import wubu
        >>> def twice(x):
        ...     return 2 * x
        >>> with custom_objects({"twice": twice}):
        ...     layer = wubu.layers.Dense(3, activation="twice")
        >>> layer.activation is twice
        True
    """
    token = _passing.set({**(_passing.get() or {}), **(custom_objects or {})})
    try:
        yield
    finally:
        _passing.reset(token)


def is_custom(name: str) -> bool:
    """Whether a name is one that the user gave: for a while, or registered."""
    return name in _custom()


def _custom() -> Mapping[str, Any]:
    passing = _passing.get()
    return {**_users, **passing} if passing else _users


# -- as Keras calls it ----------------------------------------------------------------


def get_custom_objects() -> dict[str, Any]:
    """What is registered, by name. What is put there can be named in files, too."""
    return _users


def get_registered_name(obj: Any) -> str:
    """The name that a class or function of yours is registered under; of others their
    own.

    Example:
        >>> get_registered_name(len)
        'len'
    """
    return _name_in(_users, obj) or obj.__name__


def get_registered_object(
    name: str,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """The class or function of yours under a name; None if there is none.

    Args:
        name: "package>Name", or a name given to `custom_object_scope`.
        custom_objects: where to look if it is not registered.
        module_objects: where to look at last.
    """
    for names in (_custom(), custom_objects or {}, module_objects or {}):
        if name in names:
            return names[name]
    return None
