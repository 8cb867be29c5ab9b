"""What stands behind an identifier: the `get` function of every room.

Wherever a user may pass an object, a name, a class or a description of it will do:
`compile(optimizer="adam")`, `Dense(kernel_initializer=Zeros)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wubu.core import configurable, registry
from wubu.core.location import user_location
from wubu.errors import ArgumentError


def lookup(
    kind: str,
    identifier: Any,
    known: Mapping[str, Any],
    base: type | None,
    *,
    functions: bool = False,
) -> Any:
    """The object that an identifier stands for.

    Args:
        kind: what it should be, for error messages: "loss".
        identifier: None; an instance of `base`; a class; a name in any spelling; a
            description made by `serialize`, or Keras' `{"class_name", "config"}`.
        known: the classes and functions of the room, by name.
        base: the class of the room; None in a room of functions only.
        functions: whether any other callable will do, and is returned as it is.

    Raises:
        UnknownNameError: a name nobody knows; suggests the nearest.
        ArgumentError: something that cannot be of this kind.
    """
    if isinstance(identifier, str):
        found = _named(kind, identifier, known)
    elif isinstance(identifier, Mapping):
        found = _described(kind, identifier, known)
    else:
        found = identifier
    if isinstance(found, type) and base is not None and issubclass(found, base):
        return found()
    if found is None or (base is not None and isinstance(found, base)):
        return found
    ours = any(found is item for item in known.values())
    if callable(found) and not isinstance(found, type) and (functions or ours):
        return found
    raise ArgumentError(
        f"this cannot be used as {kind}",
        where=user_location(),
        expected=_expected(kind, base, functions),
        got=f"{found!r:.60}, a {type(found).__name__}",
        fix=f"the names are {', '.join(sorted(known))}",
    )


def described(
    get: Callable[[Any], Any], config: Any, custom_objects: Mapping[str, Any] | None
) -> Any:
    """What a room's `get` makes of a description, as its `deserialize` does.

    Args:
        get: of the room.
        config: what `serialize` gave, or anything `get` takes.
        custom_objects: what names in it stand for before all others.
    """
    with registry.custom_objects(custom_objects):
        return get(config)


def _named(kind: str, name: str, known: Mapping[str, Any]) -> Any:
    if ">" in name or registry.is_custom(name):
        return registry.registered(name)
    return configurable.find(kind, name, known)


def _described(kind: str, data: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    if set(data) >= {"class_name", "config"}:  # as Keras writes it
        name, config = data["class_name"], data["config"]
        if name == "function":
            name = config
        name = data.get("registered_name") or name
        known_to_user = registry.is_custom(name)
        made = _named(kind, name if known_to_user else name.rpartition(">")[2], known)
        return made.from_config(config) if isinstance(config, Mapping) else made
    return configurable.deserialize(dict(data))


def _expected(kind: str, base: type | None, functions: bool) -> str:
    kinds = ["a name", "None"]
    if base is not None:
        kinds.append(f"an instance of {base.__name__}")
    if functions or base is None:
        kinds.append("a function")
    return f"a {kind}: {', '.join(kinds[:-1])} or {kinds[-1]}"
