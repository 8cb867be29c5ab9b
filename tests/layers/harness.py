"""What the tests of layers share: how one is run, and differentiated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import wubu
from wubu.core import tree
from wubu.layers import Layer


class Result(NamedTuple):
    """What a layer gives: outputs, and gradients of sum(output * cotangent)."""

    outputs: list[np.ndarray]
    input_gradients: list[np.ndarray]
    weight_gradients: dict[str, np.ndarray]
    weights: dict[str, np.ndarray]  # after the call


def run(
    layer: Layer,
    *inputs: Any,
    cotangents: list[np.ndarray] | None = None,
    transform: Callable[[Any], Any] = lambda function: function,
    **keywords: Any,
) -> Result:
    """Calls and differentiates a layer; `transform` may be `wubu.jit`."""
    leaves, structure = tree.flatten(inputs)
    floats = [i for i, x in enumerate(leaves) if np.asarray(x).dtype.kind == "f"]
    generators = [v for v in layer.variables if v.dtype == np.uint32]
    before = layer.get_weights(), [v.numpy().copy() for v in generators]
    names = names_of(layer)

    def total(real: list[Any], others: list[Any]) -> Any:
        found = list(others)
        for i, x in zip(floats, real, strict=True):
            found[i] = x
        given = tree.unflatten(structure, found)
        outputs = tree.flatten(layer(*given, **keywords))[0]
        weights = cotangents or [_waves(y.shape) for y in outputs]
        parts = [(y * w).sum() for y, w in zip(outputs, weights, strict=True)]
        return sum(parts[1:], parts[0]), outputs

    def by_inputs(leaves: list[Any]) -> Any:
        real = [leaves[i] for i in floats]
        if not real:
            return total([], leaves)[1], []
        (_, outputs), gradients = wubu.value_and_grad(total, has_aux=True)(real, leaves)
        return outputs, gradients

    def by_weights(leaves: list[Any]) -> Any:
        value, _ = total([leaves[i] for i in floats], leaves)
        if not layer.trainable_weights:
            return {}
        value.backward()
        found = {names[id(v)]: v.grad for v in layer.trainable_weights}
        for v in layer.trainable_weights:
            v.grad = None
        return found

    outputs, input_gradients = transform(by_inputs)(leaves)
    layer.set_weights(before[0])
    for variable, value in zip(generators, before[1], strict=True):
        variable.assign(value)
    weight_gradients = transform(by_weights)(leaves)
    return Result(
        [y.detach().numpy() for y in outputs],
        [g.numpy() for g in input_gradients],
        {name: g.numpy() for name, g in weight_gradients.items() if g is not None},
        {names[id(v)]: v.numpy().copy() for v in layer.weights},
    )


def names_of(layer: Layer) -> dict[int, str]:
    """What to call each weight, by its id: its name, or its path inside the layer where
    names repeat."""
    names = [v.name for v in layer.weights]
    if len(set(names)) < len(names):
        layer.assign_paths("")
        names = [v.path for v in layer.weights]
    return {id(v): name for v, name in zip(layer.weights, names, strict=True)}


def places_of(owner: Any) -> dict[int, tuple[Any, str]]:
    """Where variables are kept, by id: the object and the name of its attribute; also
    those of the layers inside."""
    found: dict[int, tuple[Any, str]] = {}
    for name, value in vars(owner).items():
        for item in value if isinstance(value, list | tuple) else [value]:
            if isinstance(item, wubu.Variable):
                found[id(item)] = (owner, name)
            elif isinstance(item, Layer):
                found |= places_of(item)
    return found


def _waves(shape: tuple[int, ...]) -> np.ndarray:
    """Cotangents of which none is 0 and no two are equal."""
    return np.cos(np.arange(int(np.prod(shape)), dtype=float)).reshape(shape)


def fixed_weights(layer: Layer, seed: int = 1) -> None:
    """Weights drawn anew: none is 0 or 1, variances are positive."""
    random = np.random.default_rng(seed)
    layer.set_weights([random.uniform(0.2, 1.0, v.shape) for v in layer.weights])


def shapes_of(inputs: Any) -> tuple[Any, ...]:
    """The shapes `ensure_built` takes."""
    if isinstance(inputs, list):
        return ([x.shape for x in inputs],)
    return (inputs.shape,)


def assert_results_close(found: Result, wanted: Result, tolerance: float) -> None:
    def close(a: Any, b: Any, what: str) -> None:
        np.testing.assert_allclose(a, b, tolerance, tolerance, err_msg=what)

    assert len(found.outputs) == len(wanted.outputs)
    for i, (a, b) in enumerate(zip(found.outputs, wanted.outputs, strict=True)):
        close(a, b, f"output {i}")
    pairs = zip(found.input_gradients, wanted.input_gradients, strict=True)
    for i, (a, b) in enumerate(pairs):
        close(a, b, f"gradient by input {i}")
    assert found.weight_gradients.keys() == wanted.weight_gradients.keys()
    for name, b in wanted.weight_gradients.items():
        close(found.weight_gradients[name], b, f"gradient by {name}")
    for name, b in wanted.weights.items():
        close(found.weights[name], b, f"{name} afterwards")
