"""Models again from what describes them: clones, and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import layers
from wubu.errors import ArgumentError, DTypeError, FileFormatError
from wubu.models import Functional, clone_model, model_from_json

X = np.random.default_rng(0).random((3, 4)).astype("float32")


@wubu.saving.register("tests")
class Residual(wubu.Model):
    """A model with a `call` of its own."""

    def __init__(self, units: int, **options: Any) -> None:
        super().__init__(**options)
        self.units = units
        self.hidden = layers.Dense(units, activation="relu")

    def call(self, x: Any) -> Any:
        return x + self.hidden(x)


def chain() -> wubu.Model:
    return wubu.Sequential(
        [layers.Input((4,)), layers.Dense(3, name="first"), layers.Dropout(0.5)],
        name="chain",
    )


def unbuilt_input() -> wubu.Model:
    layers.Dense(1)  # so that names that are made up differ from paths
    model = wubu.Sequential([layers.Dense(3), layers.ReLU(max_value=np.inf)])
    model(X)
    return model


def graph() -> wubu.Model:
    """A layer used twice, a model inside, a number among the arguments, two outputs."""
    x = layers.Input((4,), name="x")
    shared = layers.Dense(4, name="shared", trainable=False)
    y = layers.Add()([shared(shared(x)), x]) * 2.0
    inner = chain()
    return Functional(x, {"a": inner(y), "b": y}, name="graph")


def own() -> wubu.Model:
    layers.Dense(1)  # so that names that are made up differ from paths
    model = Residual(4)
    model(X)
    return model


MODELS = [chain, unbuilt_input, graph, own]


def outputs(model: Any) -> list[np.ndarray]:
    return wubu.core.tree.flatten(model.predict(X))[0]


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize(
    "again",
    [clone_model, lambda m: model_from_json(m.to_json())],
    ids=["clone", "json"],
)
def test_the_same_architecture_with_weights_of_its_own(
    make: Callable[[], Any], again: Callable[[Any], Any]
) -> None:
    model = make()
    twin = again(model)
    assert type(twin) is type(model)
    assert twin.name == model.name
    assert [w.path for w in twin.weights] == [w.path for w in model.weights]
    assert [w.trainable for w in twin.weights] == [w.trainable for w in model.weights]
    own = {id(w) for w in model.weights}
    assert not any(id(w) in own for w in twin.weights)
    kernel = next(i for i, w in enumerate(model.weights) if w.name == "kernel")
    assert not np.array_equal(twin.get_weights()[kernel], model.get_weights()[kernel])
    twin.set_weights(model.get_weights())
    for found, wanted in zip(outputs(twin), outputs(model), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_function_replaces_layers() -> None:
    def without_dropout(layer: layers.Layer) -> layers.Layer:
        if isinstance(layer, layers.Dropout):
            return layers.Dropout(0.0, name=layer.name)
        return layer  # shared with the original

    model = graph()
    deep = clone_model(model, clone_function=without_dropout, recursive=True)
    inside = deep.get_layer("chain")
    assert inside.layers[1].rate == 0.0
    assert inside.get_layer("first") is model.get_layer("chain").get_layer("first")
    flat = clone_model(model, clone_function=without_dropout)
    assert flat.get_layer("chain") is model.get_layer("chain")


def test_a_function_draws_the_calls() -> None:
    def doubled(layer: layers.Layer, *args: Any, **kwargs: Any) -> Any:
        return layer(*args, **kwargs) * 2.0

    x = layers.Input((4,))
    model = Functional(x, layers.Dense(2)(x))
    twin = clone_model(model, call_function=doubled)
    twin.set_weights(model.get_weights())
    np.testing.assert_allclose(twin.predict(X), 2 * model.predict(X), rtol=1e-6)


def test_on_inputs_of_ones_own() -> None:
    x = layers.Input((4,), batch_size=3, name="mine")
    twin = clone_model(chain(), input_tensors=x)
    assert twin.input_shape == (3, 4)
    twin = clone_model(graph(), input_tensors=x)
    assert twin.input is x


def test_what_cannot_be_changed_is_refused() -> None:
    with pytest.raises(ArgumentError, match="chains or graphs"):
        clone_model(own(), clone_function=lambda layer: layer)
    with pytest.raises(ArgumentError, match="call_function"):
        clone_model(chain(), call_function=lambda layer, x: layer(x))
    with pytest.raises(DTypeError, match="clone_function"):
        clone_model(chain(), clone_function=lambda layer: None)  # type: ignore[arg-type, return-value]


def test_json_is_plain_and_holds_no_weights() -> None:
    text = chain().to_json(indent=2)
    assert '"class": "models>Sequential"' in text
    assert json.loads(text)["compile"] is None
    assert len(text) < 3000


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"model": {}}', '{"a": NaN}'])
def test_json_that_describes_no_model_is_refused(text: str) -> None:
    with pytest.raises(FileFormatError):
        model_from_json(text)


def test_classes_of_ones_own_by_name() -> None:
    class Unregistered(Residual):
        pass

    model = Unregistered(4)
    model(X)
    with pytest.raises(ArgumentError, match="not registered"):
        model.to_json()
    text = own().to_json()
    twin = model_from_json(
        text.replace("tests>Residual", "x>Other"), {"Other": Residual}
    )
    assert type(twin) is Residual


@pytest.mark.parametrize("part", ["forward_layer", "backward_layer"])
def test_a_direction_that_was_frozen_later_stays_frozen(part: str) -> None:
    model = wubu.Sequential(
        [layers.Input((5, 3)), layers.Bidirectional(layers.LSTM(2))]
    )
    getattr(model.layers[0], part).trainable = False
    for again in (
        clone_model(model),
        wubu.Sequential.from_config(model.get_config()),
        model_from_json(model.to_json()),
    ):
        assert not getattr(again.layers[0], part).trainable
        assert len(again.trainable_weights) == 3
        assert [w.path for w in again.weights] == [w.path for w in model.weights]
