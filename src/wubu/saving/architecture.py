"""The architecture of a model as plain data, and back.

    {
      "model":    {"class": "models>Sequential", "config": {...}},
      "input":    what the model was built for: {"shape": [null, 28, 28], "dtype": ...},
                  in lists, {"tuple": [...]} and {"dict": [[key, ...], ...]}
      "layers":   [{"path", "name", "trainable", "frozen"}, ...]
      "fixed":    paths of the variables that are not trained
    }

"layers" holds what constructor arguments do not say: names that were made up, and what
was frozen later.
"""

from __future__ import annotations

import inspect
from typing import Any

from wubu.core.configurable import deserialize, serialize
from wubu.errors import ArgumentError, FileFormatError
from wubu.layers import Layer, Symbol
from wubu.saving.weights import few
from wubu.training.trainer import Trainer


def describe(model: Any) -> dict[str, Any]:
    """A model's architecture, once its paths are assigned.

    Raises:
        ArgumentError: something in it is neither plain data nor registered.
    """
    _refuse_several_arguments(model)
    return {
        "model": serialize(model),
        "input": describe_input(model.input_spec),
        "layers": [_describe_layer(layer) for layer in model.all_layers()],
        "fixed": [v.path for v in model.variables if not v.trainable],
    }


def _refuse_several_arguments(model: Any) -> None:
    """A loaded model is built by one call with one argument."""
    try:
        inspect.signature(type(model).call).bind(model, model.input_spec)
    except TypeError:
        raise ArgumentError(
            f"{type(model).__name__}.call takes several arguments, so a file could not "
            "say how to build the model",
            expected="call(self, inputs), where inputs may be a list or dictionary",
            got=f"call{inspect.signature(type(model).call)}",
            fix="let call take one list or dictionary of inputs",
        ) from None


def _describe_layer(layer: Any) -> dict[str, Any]:
    return {
        "path": layer.path,
        "name": layer.name,
        "trainable": layer.trainable,
        "frozen": [variable.path for variable in layer._frozen],
    }


def describe_input(spec: Any) -> Any:
    """A structure of symbols in JSON's terms."""
    if isinstance(spec, Symbol):
        return {"shape": list(spec.shape), "dtype": spec.dtype.name}
    if isinstance(spec, dict):
        pairs = [[key, describe_input(part)] for key, part in spec.items()]
        return {"dict": pairs}
    if isinstance(spec, tuple):
        return {"tuple": [describe_input(part) for part in spec]}
    if isinstance(spec, list):
        return [describe_input(part) for part in spec]
    if spec is None:
        return None
    raise ArgumentError("the input of a model is made of symbols", got=repr(spec)[:60])


def read_input(data: Any) -> Any:
    """The structure of symbols that `describe_input` described."""
    if data is None:
        return None
    if isinstance(data, list):
        return [read_input(part) for part in data]
    keys = set(data) if isinstance(data, dict) else None
    if keys == {"tuple"}:
        return tuple(read_input(part) for part in data["tuple"])
    if keys == {"dict"}:
        return {key: read_input(part) for key, part in data["dict"]}
    if keys == {"shape", "dtype"} and all(map(_is_length, data["shape"])):
        return Symbol(tuple(data["shape"]), data["dtype"])
    raise FileFormatError(
        "this describes no input of a model",
        expected='{"shape": [null, ...], "dtype": "float32"}',
        got=str(data)[:80],
    )


def _is_length(value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value is None or (whole and 0 <= value < 2**31)


def make(data: dict[str, Any]) -> Any:
    """The model that `describe` described, built, with weights of any value."""
    model = deserialize(data["model"])
    if not (isinstance(model, Trainer) and isinstance(model, Layer)):
        raise FileFormatError(
            "the file describes no model",
            expected="a subclass of wubu.Model",
            got=type(model).__name__,
        )
    if not model.built:
        model.build_for(read_input(data["input"]))
    _restore_layers(model, data["layers"], data["fixed"])
    return model


def _restore_layers(model: Any, described: Any, fixed: Any) -> None:
    """Gives layers their names and what was frozen."""
    model.assign_paths()
    layers = {layer.path: layer for layer in model.all_layers()}
    entries = {entry["path"]: entry for entry in described}
    absent, new = set(entries) - set(layers), set(layers) - set(entries)
    if absent or new:
        raise FileFormatError(
            "the layers that were made are not those the file lists",
            expected=f"{len(entries)} layers; not made: {few(sorted(absent))}",
            got=f"{len(layers)} layers; not listed: {few(sorted(new))}",
            fix="use the class as it was when the file was saved",
        )
    own = set(fixed)
    for variable in model.variables:
        variable.trainable = variable.path not in own
    for path, layer in layers.items():
        entry = entries[path]
        made_up = layer.has_made_up_name
        layer.name = _checked_name(entry["name"])
        layer._made_up_name = layer.name if made_up else None
        layer._trainable = _checked_trainable(entry["trainable"])
        frozen = set(entry["frozen"])
        layer._frozen = [v for v in layer._own() if v.path in frozen]
    model.assign_paths()


def _checked_trainable(value: Any) -> bool:
    if not isinstance(value, bool):
        raise FileFormatError(
            "whether a layer is trained is not said",
            expected="true or false",
            got=repr(value)[:60],
        )
    return value


def _checked_name(name: Any) -> str:
    if not isinstance(name, str) or not name or "/" in name:
        raise FileFormatError(
            "this is no name of a layer",
            expected='a string without "/"',
            got=repr(name)[:60],
        )
    return name
