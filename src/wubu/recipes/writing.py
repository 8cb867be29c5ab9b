"""A recipe that was made in Python as TOML text, which a run folder keeps."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wubu.core.configurable import Configurable, registered_name
from wubu.errors import ArgumentError
from wubu.recipes.edit import quoted
from wubu.recipes.schema import Section, Settings
from wubu.training.callbacks.callback import Callback

_WIDTH = 80


def to_toml(settings: Settings) -> str:
    """The text of a recipe that says the same; what is as by default is left out.

    Raises:
        ArgumentError: something that TOML cannot name, such as a local function.
    """
    head, sections = [], []
    for key in type(settings).model_fields:
        value = getattr(settings, key)
        if isinstance(value, Section):
            given = _given(value)
            lines = [f"{_key(k)} = {_value(v, (key, k))}" for k, v in given.items()]
            if lines:
                sections.append("\n".join([f"[{key}]", *lines]))
        elif value:
            head.append(f"{key} = {_value(value, (key,))}")
    return "\n\n".join(["\n".join(head), *sections]) + "\n"


def _given(section: Section) -> dict[str, Any]:
    return {
        key: value
        for key in type(section).model_fields
        if key in section.model_fields_set
        and (value := getattr(section, key)) is not None
    }


def _value(value: Any, path: tuple[str, ...], broken: bool = True) -> str:
    """A value as TOML; lists of tables take a line for each, outermost."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        pairs = [
            f"{_key(str(k))} = {_value(v, (*path, str(k)), False)}"
            for k, v in value.items()
            if v is not None
        ]
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        items = [_value(part, path, False) for part in value]
        line = "[" + ", ".join(items) + "]"
        if broken and any(item.startswith("{") for item in items):
            return "[\n" + "".join(f"  {item},\n" for item in items) + "]"
        return line
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return _value(value.item(), path, broken)
    if hasattr(value, "tolist"):
        return _value(value.tolist(), path, False)
    return _value(_described(value, path), path, broken)


def _described(value: Any, path: tuple[str, ...]) -> Any:
    """An object as a table, a function as its name."""
    if isinstance(value, Configurable | Callback):
        name = _name(type(value))
        if name is not None:
            return {"type": name, **_arguments(value, path)}
    elif callable(value) and path[-1] == "python":
        file = inspect.getsourcefile(value)
        name = getattr(value, "__qualname__", "<")
        if file is not None and "<" not in name and "." not in name:
            return f"{Path(file).resolve()}:{name}"
    elif callable(value):
        name = _name(value)
        if name is not None:
            return name
    raise ArgumentError(
        f"{'.'.join(path)} cannot be written in a recipe",
        expected="plain data, one of Wubu's objects, or a class that is registered",
        got=repr(value)[:80],
        fix='put it in a Python file and name that: python = "net.py:make_model"',
    )


def _name(item: Any) -> str | None:
    """Wubu's own by its plain name, others as "mine>Twice"."""
    if getattr(item, "__module__", "").startswith("wubu."):
        return getattr(item, "__name__", None)
    return registered_name(item)


def _arguments(value: Configurable | Callback, path: tuple[str, ...]) -> dict[str, Any]:
    """The constructor arguments that are not as by default. Callbacks do not remember
    them: their attributes of the same names are taken."""
    parameters = inspect.signature(type(value)).parameters
    if isinstance(value, Configurable):
        config = value.get_config()
    else:
        config = {n: getattr(value, n) for n in parameters if hasattr(value, n)}
    missing = [name for name in parameters if name not in config]
    if missing and isinstance(value, Callback):
        raise ArgumentError(
            f"a {type(value).__name__} does not say what it was made with",
            where=".".join(path),
            expected=f"attributes {', '.join(missing)}",
            fix=f'describe it by a table: {{"type": "{type(value).__name__}", ...}}',
        )
    return {
        key: part
        for key, part in config.items()
        if not (key in parameters and _same(part, parameters[key].default))
        and part is not None
        and not (key == "name" and getattr(value, "has_made_up_name", False))
        and not (key in _OF_LAYERS and part == _OF_LAYERS[key])
    }


_OF_LAYERS = {"trainable": True, "dtype": "float32"}  # arguments of every layer


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def _float(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return str(value)  # TOML writes nan, inf and -inf as Python does


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else quoted(key)
