"""Layers and graphs of layers as plain data, and back: what model files hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.core import tree
from wubu.core.configurable import deserialize, serialize
from wubu.errors import FileFormatError
from wubu.layers import Input, Layer, Symbol, indexing  # noqa: F401 - it is registered


def symbols_from(config: Mapping[str, Any]) -> tuple[Any, Any]:
    """The inputs and outputs of a graph as `describe` wrote it, with new layers."""
    layers = {part["name"]: layer_from(part) for part in config["layers"]}
    inputs = _inputs_from(config["inputs"])
    starts = tree.flatten(inputs)[0]
    results: list[list[Symbol]] = []

    def resolve(part: Any) -> Any:
        if isinstance(part, dict):
            if set(part) == {"input"}:
                return starts[_place(part["input"])]
            if set(part) == {"call", "index"}:
                return results[_place(part["call"])][_place(part["index"])]
            return {name: resolve(item) for name, item in part.items()}
        if isinstance(part, list | tuple):
            return type(part)(resolve(item) for item in part)
        return part

    for call in config["calls"]:
        args, kwargs = resolve(call["args"]), resolve(call["kwargs"])
        results.append(tree.flatten(layers[call["layer"]](*args, **kwargs))[0])
    return inputs, resolve(config["outputs"])


def _place(index: Any) -> int:
    """A place in a list, counted from the front."""
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        raise IndexError(f"{index!r:.60} is no place in a list")
    return index


def known_trainable(value: Any) -> bool:
    """Whether something is trained, as files say it: true or false."""
    if not isinstance(value, bool):
        raise FileFormatError(
            "whether a layer is trained is not said",
            expected="true or false",
            got=repr(value)[:60],
        )
    return value


def _inputs_from(part: Any) -> Any:
    if isinstance(part, dict) and "batch_shape" in part:
        shape = tuple(part["batch_shape"])
        return Input(batch_shape=shape, dtype=part["dtype"], name=part["name"])
    if isinstance(part, dict):
        return {name: _inputs_from(item) for name, item in part.items()}
    return type(part)(_inputs_from(item) for item in part)


def describe_layer(layer: Layer) -> dict[str, Any]:
    """A layer as `serialize` describes it, its present name and whether that was made
    up, and whether it is frozen."""
    return {
        "layer": serialize(layer),
        "name": layer.name,
        "made_up": layer.has_made_up_name,
        "trainable": layer.trainable,
    }


def layer_from(part: Mapping[str, Any]) -> Layer:
    """A new layer as `describe_layer` wrote it."""
    layer = deserialize(part["layer"])
    layer.name = layer.path = part["name"]
    # Files of before had no such key, and paths in them hold the name.
    layer._made_up_name = layer.name if part.get("made_up") is True else None
    trainable = known_trainable(part["trainable"])
    if layer.trainable != trainable:
        layer.trainable = trainable
    return layer


def describe_input(symbol: Symbol) -> dict[str, Any]:
    return {
        "batch_shape": list(symbol.shape),
        "dtype": str(symbol.dtype),
        "name": symbol.name,
    }
