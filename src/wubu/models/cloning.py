"""`clone_model`: the same architecture again, with new layers and new weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wubu.core import tree
from wubu.errors import ArgumentError, DTypeError
from wubu.layers import Input, Layer, Symbol
from wubu.models.functional import Functional
from wubu.models.graph_config import describe_layer, layer_from
from wubu.models.model import Model
from wubu.models.sequential import Sequential


def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: Callable[[Layer], Layer] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    **kwargs: Any,
) -> Any:
    """A model of the same architecture, with layers and weights of its own.

    Weights have new first values; `clone.set_weights(model.get_weights())` copies them.
    The clone is not compiled.

    Args:
        model: to clone.
        input_tensors: symbols to draw the clone up on, instead of inputs like those of
            the model.
        clone_function: makes the layer that takes a layer's place; by default one with
            the same arguments. It may return another kind of layer, or the layer
            itself, which both models then share.
        call_function: `call_function(layer, *args, **kwargs)` draws the call of a
            cloned layer; by default it is called.
        recursive: whether models inside are cloned layer by layer as well, so that
            `clone_function` sees their layers.

    Raises:
        ArgumentError: the model is a class with a `call` of its own, and any of the
            arguments above was given: nobody knows where its layers would go.
        DTypeError: `clone_function` returns something that is no layer.

    Example:
        >>> from wubu import Sequential, layers
        >>> model = Sequential([layers.Input((4,)), layers.Dense(2, name="head")])
        >>> clone = clone_model(model)
        >>> clone.get_layer("head") is model.get_layer("head")
        False
        >>> clone.count_params() == model.count_params()
        True
    """
    if kwargs:
        raise ArgumentError(f"clone_model takes no argument {next(iter(kwargs))}")
    given = (input_tensors, clone_function, call_function)
    if not _is_drawn(model):
        if recursive or any(part is not None for part in given):
            raise ArgumentError(
                "only models that are chains or graphs of layers can be changed when "
                "they are cloned",
                expected="Sequential([...]) or Model(inputs, outputs)",
                got=f"{type(model).__name__}, with a call of its own",
                fix="clone_model(model), without other arguments",
            )
        return _rebuilt(model)

    def replace(layer: Layer) -> Layer:
        if recursive and isinstance(layer, Model) and _is_drawn(layer):
            twin = clone_model(layer, None, clone_function, call_function, True)
            twin._made_up_name = twin.name if layer.has_made_up_name else None
            return twin
        made = (clone_function or _alike)(layer)
        if not isinstance(made, Layer):
            raise DTypeError(
                "clone_function returns the layer that takes a layer's place",
                where=f'layer "{layer.name}"',
                expected="a layer",
                got=repr(made)[:60],
            )
        return made

    if isinstance(model, Sequential):
        return _chain(model, input_tensors, replace, call_function)
    return _graph(model, input_tensors, replace, call_function)


def _is_drawn(model: Model) -> bool:
    """Whether the model is nothing but its layers and their order."""
    if isinstance(model, Sequential):
        return type(model).call is Sequential.call
    return model._was_given_symbols()


def _alike(layer: Layer) -> Layer:
    return layer_from(describe_layer(layer))


def _rebuilt(model: Model) -> Model:
    clone = type(model).from_config(model.get_config())
    if model.built and not clone.built:
        clone.build_for(model.input_spec)
    return clone


def _chain(model: Sequential, start: Any, replace: Any, call: Any) -> Sequential:
    if call is not None:
        raise ArgumentError(
            "call_function is for graphs of layers: a chain has one way to call",
            got="a Sequential",
        )
    if start is None:
        start = model.input_spec if model._start is None else model._start
        start = None if start is None else _input_like(start)
    layers = [replace(layer) for layer in model.layers]
    return Sequential([*([] if start is None else [start]), *layers], name=model.name)


def _graph(model: Model, starts: Any, replace: Any, call: Any) -> Model:
    graph = model._graph
    assert graph is not None
    inputs = tree.map_structure(_input_like, graph.inputs) if starts is None else starts
    twins = {id(layer): replace(layer) for layer in graph.layers.values()}

    def draw(layer: Layer, *args: Any, **kwargs: Any) -> Any:
        twin = twins[id(layer)]
        return call(twin, *args, **kwargs) if call else twin(*args, **kwargs)

    outputs = graph.walk(tree.flatten(inputs)[0], draw)
    kind = Functional if type(model) is Model else type(model)
    return kind(inputs, outputs, name=model.name)


def _input_like(symbol: Symbol) -> Symbol:
    return Input(batch_shape=symbol.shape, dtype=symbol.dtype, name=symbol.name)
