"""What the tests of layers share: a sample of every layer, and how one is run.

A layer is given as its class name, its arguments and the shapes of its inputs, so that
one test can drive all of them. `run` calls a layer and differentiates what it returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

import wubu
from wubu.core import tree
from wubu.layers import Layer


@dataclass(frozen=True)
class Sample:
    """A layer and inputs for it."""

    name: str
    shapes: tuple[tuple[int, ...], ...]
    arguments: dict[str, Any] = field(default_factory=dict)
    integers: int | None = None  # inputs are integers below this number
    label: str = ""

    def __str__(self) -> str:
        return f"{self.name}-{self.label}" if self.label else self.name

    @property
    def takes_list(self) -> bool:
        return len(self.shapes) > 1

    def make(self, **options: Any) -> Layer:
        return getattr(wubu.layers, self.name)(**{**self.arguments, **options})

    def inputs(self, dtype: str = "float64", seed: int = 0) -> Any:
        """Arrays for the layer: one, or a list."""
        random = np.random.default_rng(seed)
        if self.integers is not None:
            arrays = [random.integers(0, self.integers, s) for s in self.shapes]
        else:
            arrays = [_spread(random, s).astype(dtype) for s in self.shapes]
        return arrays if self.takes_list else arrays[0]

    def symbols(self, shapes: Any = None) -> Any:
        """Symbols of these shapes; the batch's length is open by default."""
        shapes = shapes or [(None, *shape[1:]) for shape in self.shapes]
        dtype = "float32" if self.integers is None else "int64"
        made = [wubu.layers.Input(batch_shape=s, dtype=dtype) for s in shapes]
        return made if self.takes_list else made[0]


def _spread(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Values of which no two are closer than 0.01, none close to 0: finite differences
    meet no kink of relu or of a maximum."""
    size = int(np.prod(shape))
    ladder = 0.02 * (np.arange(size) - size // 2) + 0.01
    return random.permutation(ladder).reshape(shape)


def sample(
    name: str,
    *shapes: tuple[int, ...],
    integers: int | None = None,
    label: str = "",
    **arguments: Any,
) -> Sample:
    return Sample(name, shapes, arguments, integers, label)


IMAGE = (2, 7, 6, 2)
SEQUENCE = (3, 5, 4)

SAMPLES = [
    sample("Activation", (4, 6), activation="tanh"),
    sample("Add", SEQUENCE, (3, 1, 4)),
    sample("AveragePooling2D", IMAGE, pool_size=(3, 2)),
    sample("AveragePooling2D", IMAGE, padding="same", strides=3, label="same"),
    sample("BatchNormalization", (4, 6)),
    sample("BatchNormalization", (2, 2, 3, 4), axis=1, label="channels_first"),
    sample("Concatenate", SEQUENCE, (3, 2, 4), axis=1),
    sample("Conv2D", IMAGE, filters=3, kernel_size=3, activation="relu"),
    sample(
        "Conv2D",
        IMAGE,
        filters=4,
        kernel_size=(3, 2),
        strides=2,
        padding="same",
        groups=2,
        label="groups",
    ),
    sample(
        "Conv2D",
        (2, 3, 7, 6),
        filters=2,
        kernel_size=2,
        dilation_rate=2,
        data_format="channels_first",
        label="channels_first",
    ),
    sample("Dense", (4, 6), units=5, activation="softmax"),
    sample("Dense", SEQUENCE, units=5, label="rank_3"),
    sample("Dropout", (4, 6), rate=0.5, seed=3),
    sample("Embedding", (2, 4), input_dim=7, output_dim=3, integers=7),
    sample("Flatten", IMAGE),
    sample("GlobalAveragePooling2D", IMAGE),
    sample("GlobalAveragePooling2D", IMAGE, keepdims=True, label="keepdims"),
    sample("LayerNormalization", (4, 6)),
    sample("LayerNormalization", IMAGE, axis=(2, 3), label="two_axes"),
    sample("LSTM", SEQUENCE, units=3),
    sample(
        "LSTM",
        SEQUENCE,
        units=3,
        return_sequences=True,
        return_state=True,
        go_backwards=True,
        label="backwards",
    ),
    sample(
        "LSTM", SEQUENCE, units=3, dropout=0.4, recurrent_dropout=0.3, label="dropout"
    ),
    sample("MaxPooling2D", IMAGE),
    sample("MaxPooling2D", IMAGE, pool_size=3, strides=2, padding="same", label="same"),
    sample("Operation", (4, 6), function="multiply", constants={1: 2.0}),
    sample("ReLU", (4, 6), max_value=1.5, negative_slope=0.1),
    sample("Rescaling", (4, 6), scale=1 / 255, offset=-1),
    sample("Reshape", (4, 6), target_shape=(3, -1)),
    sample("Softmax", (4, 6)),
]


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
        found = {v.name: v.grad for v in layer.trainable_weights}
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
        {v.name: v.numpy().copy() for v in layer.weights},
    )


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
