"""`Functional`: a model drawn up by calling layers on symbols.

The calls between inputs and outputs are put in order once; running the model repeats
them. Layers may be shared, inputs and outputs may be several and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.core import tree
from wubu.core.configurable import deserialize, serialize
from wubu.core.tensor import as_tensor
from wubu.errors import ArgumentError, FileFormatError, ShapeError
from wubu.layers import Input, Layer, Symbol
from wubu.layers.symbol import Call
from wubu.models.model import Model
from wubu.ops.prepare import cast_to


class Functional(Model):
    """A graph of layers from inputs to outputs; what `Model(inputs, outputs)` makes.

    Args:
        inputs: a symbol from `Input`, or a list or dictionary of them.
        outputs: a symbol computed from them, or a list or dictionary.
        name: of the model.

    Raises:
        ArgumentError: an output does not come from the inputs, or two layers have the
            same name.

    Example:
        >>> from wubu.layers import Concatenate, Dense
        >>> a, b = Input((2,)), Input((3,))
        >>> model = Model([a, b], Dense(1)(Concatenate()([a, b])))
        >>> model.compute_output_shape([(None, 2), (None, 3)])
        (None, 1)
    """

    def __init__(
        self, inputs: Any, outputs: Any, name: str | None = None, **options: Any
    ) -> None:
        super().__init__(name=name, **options)
        self.inputs = inputs
        self.outputs = outputs
        for leaf in tree.flatten(inputs)[0]:
            if not isinstance(leaf, Symbol):
                raise ArgumentError(
                    "the inputs of a model are symbols",
                    expected="what Input(shape) returned",
                    got=repr(leaf)[:60],
                )
        self._calls = _in_order(inputs, outputs)
        self._layers = _layers_by_name(self._calls)
        self._input_spec = inputs
        self.built = True
        self.assign_paths()

    @property
    def layers(self) -> list[Layer]:
        return list(self._layers.values())

    def children(self) -> list[tuple[str, Any]]:
        return list(self._layers.items())

    @property
    def output_names(self) -> list[str]:
        """The name of the layer each output comes from, or its key."""
        if isinstance(self.outputs, dict):
            return list(self.outputs)
        return [symbol.name for symbol in tree.flatten(self.outputs)[0]]

    @property
    def input_shape(self) -> Any:
        return tree.map_structure(lambda s: s.shape, self.inputs)

    @property
    def output_shape(self) -> Any:
        return tree.map_structure(lambda s: s.shape, self.outputs)

    def call(self, inputs: Any) -> Any:
        values: dict[tuple[int, int], Any] = {}
        for symbol, value in zip(
            tree.flatten(self.inputs)[0], self._arrange(inputs), strict=True
        ):
            values[_key(symbol)] = _fit(value, symbol)

        def known(leaf: Any) -> Any:
            return values[_key(leaf)] if isinstance(leaf, Symbol) else leaf

        for call in self._calls:
            args = tree.map_structure(known, call.args)
            kwargs = tree.map_structure(known, call.kwargs)
            results = tree.flatten(call.layer(*args, **kwargs))[0]
            values.update({(id(call), i): r for i, r in enumerate(results)})
        return tree.map_structure(known, self.outputs)

    def _arrange(self, inputs: Any) -> list[Any]:
        """The given inputs in the order of the model's."""
        wanted = tree.flatten(self.inputs)[0]
        if isinstance(inputs, Mapping):
            names = (
                list(self.inputs)
                if isinstance(self.inputs, dict)
                else [symbol.name for symbol in wanted]
            )
            missing = [name for name in names if name not in inputs]
            if missing:
                raise ArgumentError(
                    "inputs are missing",
                    expected=", ".join(names),
                    got=", ".join(map(str, inputs)),
                )
            return [inputs[name] for name in names]
        found = tree.flatten(inputs)[0]
        if len(found) != len(wanted):
            raise ArgumentError(
                f'the model "{self.name}" has another number of inputs',
                expected=len(wanted),
                got=len(found),
            )
        return found

    # -- a description for files --------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        names = {_key(s): i for i, s in enumerate(tree.flatten(self.inputs)[0])}
        numbers = {id(call): i for i, call in enumerate(self._calls)}

        def refer(leaf: Any) -> Any:
            if not isinstance(leaf, Symbol):
                return leaf
            if leaf.call is None:
                return {"input": names[_key(leaf)]}
            return {"call": numbers[id(leaf.call)], "index": leaf.index}

        def describe(symbol: Symbol) -> dict[str, Any]:
            return {
                "batch_shape": list(symbol.shape),
                "dtype": str(symbol.dtype),
                "name": symbol.name,
            }

        return {
            "name": self.name,
            "trainable": self.trainable,
            "inputs": tree.map_structure(describe, self.inputs),
            "layers": [_named_layer(layer) for layer in self.layers],
            "calls": [
                {
                    "layer": call.layer.name,
                    "args": tree.map_structure(refer, call.args),
                    "kwargs": tree.map_structure(refer, call.kwargs),
                }
                for call in self._calls
            ],
            "outputs": tree.map_structure(refer, self.outputs),
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Functional:  # type: ignore[override]
        try:
            return _from_config(config)
        except (KeyError, IndexError, TypeError) as error:
            raise FileFormatError(
                "the description of a functional model does not hold together",
                got=f"{type(error).__name__}: {error}",
            ) from error


def _named_layer(layer: Layer) -> dict[str, Any]:
    described = serialize(layer)
    described["config"]["name"] = layer.name
    return described


def _from_config(config: Mapping[str, Any]) -> Functional:
    layers = [deserialize(part) for part in config["layers"]]
    by_name = {layer.name: layer for layer in layers}
    inputs = _map(
        config["inputs"],
        "batch_shape",
        lambda part: Input(
            batch_shape=tuple(part["batch_shape"]),
            dtype=part["dtype"],
            name=part["name"],
        ),
    )
    starts = tree.flatten(inputs)[0]
    results: list[list[Symbol]] = []

    def resolve(part: Any) -> Any:
        if isinstance(part, dict) and set(part) == {"input"}:
            return starts[part["input"]]
        if isinstance(part, dict) and set(part) == {"call", "index"}:
            return results[part["call"]][part["index"]]
        if isinstance(part, dict):
            return {name: resolve(item) for name, item in part.items()}
        if isinstance(part, list | tuple):
            return type(part)(resolve(item) for item in part)
        return part

    for call in config["calls"]:
        layer = by_name[call["layer"]]
        args, kwargs = resolve(call["args"]), resolve(call["kwargs"])
        results.append(tree.flatten(layer(*args, **kwargs))[0])
    model = Functional(inputs, resolve(config["outputs"]), name=config["name"])
    if not config.get("trainable", True):
        model.trainable = False
    return model


def _map(structure: Any, key: str, function: Any) -> Any:
    """`function` of every dictionary in a structure that has this key."""
    if isinstance(structure, dict) and key in structure:
        return function(structure)
    if isinstance(structure, dict):
        return {name: _map(part, key, function) for name, part in structure.items()}
    return type(structure)(_map(part, key, function) for part in structure)


def _key(symbol: Symbol) -> tuple[int, int]:
    """What identifies a symbol: its call and place, or itself if it is an input."""
    return (id(symbol.call), symbol.index) if symbol.call else (id(symbol), -1)


def _in_order(inputs: Any, outputs: Any) -> list[Call]:
    """The calls that lead from inputs to outputs, each after those it needs."""
    starts = {_key(symbol) for symbol in tree.flatten(inputs)[0]}
    order: list[Call] = []
    seen: set[int] = set()
    stack: list[Any] = list(reversed(tree.flatten(outputs)[0]))
    while stack:
        item = stack.pop()
        if isinstance(item, Call):
            order.append(item)
        elif not isinstance(item, Symbol):
            raise ArgumentError(
                "the outputs of a model are symbols",
                expected="what layers return when they are called on symbols",
                got=repr(item)[:60],
            )
        elif _key(item) not in starts:
            if item.call is None:
                raise ArgumentError(
                    "an output depends on an Input that is not among the inputs",
                    expected=f"{item.name} in inputs",
                    got=repr(item),
                )
            if id(item.call) not in seen:
                seen.add(id(item.call))
                stack.append(item.call)
                needed = tree.flatten((item.call.args, item.call.kwargs))[0]
                stack += [s for s in reversed(needed) if isinstance(s, Symbol)]
    return order


def _layers_by_name(calls: list[Call]) -> dict[str, Layer]:
    found: dict[str, Layer] = {}
    for call in calls:
        other = found.setdefault(call.layer.name, call.layer)
        if other is not call.layer:
            raise ArgumentError(
                f'two layers are named "{call.layer.name}"',
                where=call.layer.created_at,
                fix="give one of them another name",
            )
    return found


def _fit(value: Any, symbol: Symbol) -> Any:
    """An input checked against its symbol and in its dtype."""
    tensor = as_tensor(value)
    shape, wanted = tensor.shape, symbol.shape
    fits = len(shape) == len(wanted) and all(
        n is None or n == m for m, n in zip(shape[1:], wanted[1:], strict=True)
    )
    if not fits and len(shape) + 1 == len(wanted) and wanted[-1] == 1:
        return _fit(tensor.reshape((*shape, 1)), symbol)
    if not fits:
        raise ShapeError(
            f'input "{symbol.name}" has another shape',
            expected=str(wanted).replace("None", "any"),
            got=shape,
        )
    return cast_to(tensor, symbol.dtype)
