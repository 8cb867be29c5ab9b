"""What the tables of a recipe stand for: layers, optimizers, losses, metrics,
callbacks.

    {type = "Conv2D", filters = 6, kernel_size = 3}

is `layers.Conv2D(filters=6, kernel_size=3)`. Whatever a constructor refuses is an error
of the line in the recipe.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path as File
from typing import Any

from wubu import callbacks, layers, losses, metrics, optimizers
from wubu.core import configurable
from wubu.errors import ArgumentError, UnknownNameError
from wubu.layers import Layer
from wubu.recipes.origin import Origin
from wubu.recipes.places import Path
from wubu.training.callbacks.callback import Callback

# Arguments that hold layers; every other one is made by who takes it, from its name.
_HOLD_LAYERS = ("layer", "backward_layer", "cell", "cells", "activation")

# Arguments of callbacks that name files: inside the run folder, unless absolute.
_FILES = ("filepath", "filename", "log_dir", "backup_dir")


def make_layer(value: Any, path: Path, origin: Origin) -> Layer:
    """A new layer: described by a table or a name, or like one that was given."""
    with origin.blamed(path, value):
        if isinstance(value, Layer):
            return type(value).from_config(value.get_config())
        name, arguments = _parts(value)
        arguments.pop("inputs", None)
        cls = _class("layer", name, layers, Layer)
        layer = _made(cls, _arguments(arguments, path, origin))
        layer.created_at = origin.location(path) or layer.created_at
        return layer


def make_optimizer(value: Any, path: Path, origin: Origin) -> Any:
    """An optimizer; one that was given is copied, as it remembers what it has done."""
    with origin.blamed(path, value):
        if isinstance(value, optimizers.Optimizer):
            return type(value).from_config(value.get_config())
        return optimizers.get(_description(value, path, origin))


def make_loss(value: Any, path: Path, origin: Origin) -> Any:
    """A loss, or a function given in Python."""
    with origin.blamed(path, value):
        found = _description(value, path, origin)
        losses.get(found)  # that there is one
        return losses.get(found) if isinstance(found, Mapping) else found


def make_metric(value: Any, path: Path, origin: Origin) -> Any:
    """A metric; names stay names, as some mean one thing or another by the shapes."""
    with origin.blamed(path, value):
        found = _description(value, path, origin)
        if isinstance(found, metrics.Metric):
            return type(found).from_config(found.get_config())
        metrics.get(found)
        return metrics.get(found) if isinstance(found, Mapping) else found


def make_callback(value: Any, path: Path, origin: Origin, folder: File) -> Callback:
    """A callback. Files it writes lie in the run folder."""
    with origin.blamed(path, value):
        if isinstance(value, Callback):
            return value
        name, arguments = _parts(value)
        cls = _class("callback", name, callbacks, Callback)
        for key in _FILES:
            if isinstance(arguments.get(key), str):
                arguments[key] = str(folder / arguments[key])
        parameters = inspect.signature(cls).parameters
        for key in arguments:
            if key not in parameters:
                raise UnknownNameError(f"argument of {name}", key, parameters)
        return _made(cls, _arguments(arguments, path, origin))


def _made(cls: Any, arguments: dict[str, Any]) -> Any:
    """An object of this class, if these are arguments that it takes and needs."""
    try:
        return cls(**arguments)
    except TypeError as error:
        parameters = inspect.signature(cls).parameters
        needed = [n for n, p in parameters.items() if p.default is p.empty]
        missing = [name for name in needed if name not in arguments]
        if not missing or "missing" not in str(error):
            raise
        raise ArgumentError(
            f"{cls.__name__} needs {missing[0]}",
            expected=", ".join(needed),
            got=", ".join(arguments) or "nothing",
        ) from error


def _parts(value: Any) -> tuple[str, dict[str, Any]]:
    """The type and the arguments of a table; a name alone has no arguments."""
    if isinstance(value, str):
        return value, {}
    if not isinstance(value, Mapping):
        raise TypeError(f"{value!r:.60} is neither a name nor a table")
    arguments = dict(value)
    return arguments.pop("type"), arguments


def _class(kind: str, name: str, room: Any, base: type) -> Any:
    """A class of a room by its name, or one of your own as "mine>Twice"."""
    if ">" in name:
        return configurable.registered(name)
    known = {
        key: item
        for key, item in vars(room).items()
        if isinstance(item, type) and issubclass(item, base) and item is not base
    }
    return configurable.find(kind, name, known)


def _arguments(table: Mapping[str, Any], path: Path, origin: Origin) -> dict[str, Any]:
    """Arguments with tables in them made into what the constructor takes."""
    return {
        key: make_layer(value, (*path, key), origin)
        if key in _HOLD_LAYERS and _is_object(value)
        else [make_layer(part, (*path, key, i), origin) for i, part in enumerate(value)]
        if key in _HOLD_LAYERS and isinstance(value, list)
        else _description(value, (*path, key), origin)
        for key, value in table.items()
    }


def _description(value: Any, path: Path, origin: Origin) -> Any:
    """A table in the form that every room's `get` makes objects of."""
    if isinstance(value, list):
        return [_description(part, path, origin) for part in value]
    if not _is_object(value):
        return value
    name, arguments = _parts(value)
    config = _arguments(arguments, path, origin)
    return {"class" if ">" in name else "class_name": name, "config": config}


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping) and "type" in value
