"""`LayerGraph`: the calls of layers that lead from inputs to outputs.

Symbols remember which call made them (`layers/symbol.py`). Here the calls that some
outputs need are put in order once, with numbers in the place of symbols; running the
graph repeats them. Read next: `model.py`, which owns one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wubu.core import tree
from wubu.core.location import Location
from wubu.core.masks import with_mask_of
from wubu.core.tensor import as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.layers import Layer, Symbol
from wubu.layers.symbol import Call
from wubu.models.graph_config import describe_input, describe_layer
from wubu.models.input_shapes import agree, fix_for, shape_in_words
from wubu.ops.prepare import cast_to


@dataclass(frozen=True)
class Value:
    """One value in the graph: a result of a call, or an input."""

    call: int | None  # None for an input
    index: int


@dataclass(frozen=True)
class Step:
    """One call; its arguments hold a `Value` wherever they held a symbol."""

    layer: Layer
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    location: Location | None


class LayerGraph:
    """Calls of layers, in an order in which they can be run.

    Args:
        inputs: a symbol, or a list or dictionary of symbols.
        outputs: symbols computed from them, in the same forms.

    Raises:
        ArgumentError: an output does not come from the inputs, or two layers have the
            same name.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        starts = tree.flatten(inputs)[0]
        _check_inputs(starts)
        calls = _in_order(starts, tree.flatten(outputs)[0])
        numbers = {id(call): number for number, call in enumerate(calls)}
        places = {_key(symbol): i for i, symbol in enumerate(starts)}
        self._specs: dict[Value, tuple[Any, Any]] = {}  # shapes and dtypes

        def numbered(leaf: Any) -> Any:
            if not isinstance(leaf, Symbol):
                return leaf
            place = places.get(_key(leaf))
            value = Value(numbers.get(id(leaf.call)), leaf.index)
            value = value if place is None else Value(None, place)
            self._specs[value] = (leaf.shape, leaf.dtype)
            return value

        self.steps = [
            Step(
                call.layer,
                tree.map_structure(numbered, call.args),
                tree.map_structure(numbered, call.kwargs),
                call.location,
            )
            for call in calls
        ]
        self._results = [
            tree.map_structure(numbered, _results_of(call)) for call in calls
        ]
        self._ends = tree.map_structure(numbered, outputs)
        self.inputs = inputs
        self.outputs = outputs
        self.layers = _by_name(self.steps)

    @property
    def output_names(self) -> list[str]:
        """The key of each output, or the name of the layer it comes from."""
        if isinstance(self.outputs, dict):
            return list(self.outputs)
        return [symbol.name for symbol in tree.flatten(self.outputs)[0]]

    def run(self, inputs: Any) -> Any:
        """The outputs for these inputs: a structure like the symbols', a list in their
        order, or a dictionary by their names."""
        starts = tree.flatten(self.inputs)[0]
        given = [
            _fit(value, symbol)
            for value, symbol in zip(self._arrange(inputs), starts, strict=True)
        ]
        return self.walk(given, lambda layer, *args, **kwargs: layer(*args, **kwargs))

    def walk(self, given: Sequence[Any], call: Callable[..., Any]) -> Any:
        """The outputs, when `call(layer, *args, **kwargs)` stands for every call of a
        layer.

        Args:
            given: for each input, what goes in: a tensor, or a symbol.
            call: returns what the layer would: a structure of the same form.
        """
        values = {Value(None, i): value for i, value in enumerate(given)}

        def known(leaf: Any) -> Any:
            return values[leaf] if isinstance(leaf, Value) else leaf

        for number, step in enumerate(self.steps):
            args = tree.map_structure(known, step.args)
            kwargs = tree.map_structure(known, step.kwargs)
            results = tree.flatten(call(step.layer, *args, **kwargs))[0]
            values |= {Value(number, i): value for i, value in enumerate(results)}
        return tree.map_structure(known, self._ends)

    def sources(self, step: Step) -> list[Value]:
        """What a step is called on."""
        leaves = tree.flatten((step.args, step.kwargs))[0]
        return [leaf for leaf in leaves if isinstance(leaf, Value)]

    def results(self, number: int) -> list[Value]:
        """What the step of this number gives, as far as anything uses it."""
        found = (value for value in self._specs if value.call == number)
        return sorted(found, key=lambda value: value.index)

    def ends(self) -> list[Value]:
        """The outputs, in a list."""
        return tree.flatten(self._ends)[0]

    def spec(self, value: Value) -> tuple[Any, Any]:
        """Shape, with None for the batch, and dtype."""
        return self._specs[value]

    def _arrange(self, inputs: Any) -> list[Any]:
        """The given inputs in the order of the symbols."""
        wanted = tree.flatten(self.inputs)[0]
        if isinstance(inputs, Mapping):
            by_key = isinstance(self.inputs, dict)
            names = list(self.inputs) if by_key else [s.name for s in wanted]
            if set(names) - set(inputs):
                raise ArgumentError(
                    "inputs are missing",
                    expected=", ".join(names),
                    got=", ".join(map(str, inputs)),
                )
            return [inputs[name] for name in names]
        found = tree.flatten(inputs)[0]
        if len(found) != len(wanted):
            names = [symbol.name for symbol in wanted]
            raise ArgumentError(
                "the model has another number of inputs",
                expected=f"{len(wanted)} ({', '.join(names)})",
                got=len(found),
            )
        return found

    # -- as plain data ------------------------------------------------------------

    def describe(self) -> dict[str, Any]:
        """Layers by registered names, calls by numbers: what a model file holds."""

        def refer(leaf: Any) -> Any:
            if not isinstance(leaf, Value):
                return leaf
            if leaf.call is None:
                return {"input": leaf.index}
            return {"call": leaf.call, "index": leaf.index}

        return {
            "inputs": tree.map_structure(describe_input, self.inputs),
            "layers": [describe_layer(layer) for layer in self.layers.values()],
            "calls": [
                {
                    "layer": step.layer.name,
                    "args": tree.map_structure(refer, step.args),
                    "kwargs": tree.map_structure(refer, step.kwargs),
                }
                for step in self.steps
            ],
            "outputs": tree.map_structure(refer, self._ends),
        }

    def __getstate__(self) -> dict[str, Any]:
        """Without the chains of symbols, which are as deep as the network."""
        starts, structure = tree.flatten(self.inputs)
        names = [(s.shape, s.dtype, s.name) for s in starts]
        kept = {
            name: getattr(self, name)
            for name in ("steps", "_ends", "_specs", "_results")
        }
        return {**kept, "starts": names, "structure": structure}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.steps = state["steps"]
        self._ends = state["_ends"]
        self._specs = state["_specs"]
        self._results = state["_results"]
        starts = [Symbol(*spec) for spec in state["starts"]]
        self.inputs = tree.unflatten(state["structure"], starts)
        calls: list[Call] = []

        def symbol(leaf: Any) -> Any:
            if not isinstance(leaf, Value):
                return leaf
            if leaf.call is None:
                return starts[leaf.index]
            return Symbol(*self._specs[leaf], None, calls[leaf.call], leaf.index)

        for step in self.steps:
            args = tree.map_structure(symbol, step.args)
            kwargs = tree.map_structure(symbol, step.kwargs)
            call = Call(step.layer, args, kwargs, step.location)
            calls.append(call)
            results = self._results[len(calls) - 1]
            if results is not None:
                step.layer.connect(call, tree.map_structure(symbol, results))
        self.outputs = tree.map_structure(symbol, self._ends)
        self.layers = _by_name(self.steps)


def _check_inputs(starts: list[Any]) -> None:
    for leaf in starts:
        if not isinstance(leaf, Symbol):
            raise ArgumentError(
                "the inputs of a model are symbols",
                expected="what Input(shape) returned",
                got=repr(leaf)[:60],
            )
    if not starts:
        raise ArgumentError("a model has at least one input", got="none")
    names = [symbol.name for symbol in starts if symbol.call is None]
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(
                f'two inputs are named "{name}"',
                fix="give one of them another name: Input(shape, name=...)",
            )


def _key(symbol: Symbol) -> tuple[int, int]:
    """What identifies a symbol: its call and place, or itself if it is an input."""
    return (id(symbol.call), symbol.index) if symbol.call else (id(symbol), -1)


def _in_order(starts: list[Symbol], ends: list[Any]) -> list[Call]:
    """The calls that lead from starts to ends, each after those it needs."""
    if not ends:
        raise ArgumentError("a model has at least one output", got="none")
    known = {_key(symbol) for symbol in starts}
    order: list[Call] = []
    seen: set[int] = set()
    stack: list[Any] = list(reversed(ends))
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
        elif _key(item) not in known:
            if item.call is None:
                raise ArgumentError(
                    "an output depends on an Input that is not among the inputs",
                    expected=f'"{item.name}" among the inputs',
                    got=", ".join(f'"{symbol.name}"' for symbol in starts),
                )
            if id(item.call) not in seen:
                seen.add(id(item.call))
                stack.append(item.call)
                needed = tree.flatten((item.call.args, item.call.kwargs))[0]
                stack += [s for s in reversed(needed) if isinstance(s, Symbol)]
    return order


def _results_of(call: Call) -> Any:
    """What a call gave, if its layer remembers it."""
    known = call.layer._connections
    return next((found.outputs for found in known if found.call is call), None)


def _by_name(steps: list[Step]) -> dict[str, Layer]:
    found: dict[str, Layer] = {}
    for step in steps:
        layer = step.layer
        if found.setdefault(layer.name, layer) is not layer:
            raise ArgumentError(
                f'two layers are named "{layer.name}"',
                where=layer.created_at,
                fix="give one of them another name",
            )
    return found


def _fit(value: Any, symbol: Symbol) -> Any:
    """An input checked against its symbol and in its dtype."""
    tensor = as_tensor(value)
    shape, wanted = tensor.shape, symbol.shape
    if len(shape) + 1 == len(wanted) and wanted[-1] == 1:
        shape = (*shape, 1)  # a vector of numbers, or grey pictures without channels
    if not agree(shape[1:], wanted[1:]) or not shape:
        raise ShapeError(
            f'input "{symbol.name}" has another shape',
            expected=shape_in_words(wanted),
            got=shape_in_words(tensor.shape),
            fix=fix_for(tensor.shape, wanted),
        )
    fitting = tensor.reshape(shape) if shape != tensor.shape else tensor
    return with_mask_of(cast_to(fitting, symbol.dtype), tensor)
