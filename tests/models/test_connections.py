"""Parts of models by the symbols of their layers: transfer learning."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wubu import Model, Sequential, layers
from wubu.errors import StateError
from wubu.saving import load_model

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def chain(*, known: bool = True) -> Sequential:
    start = [layers.Input((4,))] if known else []
    hidden = layers.Dense(3, activation="relu", name="features")
    return Sequential([*start, hidden, layers.Dense(2, name="head")])


def graph() -> Model:
    x = layers.Input((4,))
    hidden = layers.Dense(3, activation="relu", name="features")(x)
    return Model(x, layers.Dense(2, name="head")(hidden))


def by_data() -> Sequential:
    model = chain(known=False)
    model(X)
    return model


def by_shape() -> Sequential:
    model = chain(known=False)
    model.build((None, 4))
    return model


def after_pop() -> Sequential:
    model = chain()
    model.add(layers.Dense(7, name="last"))
    model.pop()
    return model


MAKERS = [
    chain,
    graph,
    by_data,
    by_shape,
    after_pop,
    lambda: copy.deepcopy(chain()),
    lambda: copy.deepcopy(graph()),
]


@pytest.mark.parametrize("make", MAKERS)
def test_the_output_of_a_layer_is_that_of_another_model(make: Any) -> None:
    model = make()
    features = Model(model.inputs, model.get_layer("features").output)
    wanted = model.get_layer("features")(X).numpy()
    np.testing.assert_array_equal(features(X).numpy(), wanted)
    tuned = Model(model.input, layers.Dense(1)(model.get_layer("features").output))
    assert tuned.output_shape == (None, 1)
    whole = Model(model.inputs, model.outputs)
    np.testing.assert_array_equal(whole(X).numpy(), model(X).numpy())
    assert whole.output_shape == (None, 2) and whole.input_shape == (None, 4)


def test_a_saved_model_gives_its_features(tmp_path: Path) -> None:
    for model in (chain(), graph(), by_data()):
        model.save(tmp_path / "model.wubu")
        loaded = load_model(tmp_path / "model.wubu")
        part = Model(loaded.inputs, loaded.get_layer("features").output)
        wanted = model.get_layer("features")(X).numpy()
        np.testing.assert_array_equal(part(X).numpy(), wanted)


def test_symbols_and_shapes_of_a_layer() -> None:
    x = layers.Input((4,))
    layer = layers.Dense(3)
    y = layer(x)
    assert layer.input is x and layer.output is y
    assert layer.input_shape == (None, 4) and layer.output_shape == (None, 3)
    states = layers.LSTM(2, return_state=True)
    assert states(layers.Input((5, 4)))[0] is states.output[0]
    assert states.output_shape == ((None, 2),) * 3


def test_no_single_output() -> None:
    layer = layers.Dense(4, name="often")
    with pytest.raises(StateError, match='"often" has no single output') as caught:
        _ = layer.output
    assert caught.value.got == "none" and caught.value.fix
    layer(layer(layers.Input((4,))))
    with pytest.raises(StateError, match="no single input") as caught:
        _ = layer.input_shape
    assert caught.value.got == "2 calls"


def test_a_chain_that_grows_calls_each_layer_once() -> None:
    model = Sequential([layers.Input((4,))])
    first = layers.Dense(3)
    for layer in (first, layers.Dense(2), layers.Dense(1)):
        model.add(layer)
    model.build_for((None, 4))
    assert first.output_shape == (None, 3)
    assert model.output is model.layers[-1].output


def test_models_take_inputs_in_lists() -> None:
    model = graph()
    assert model.inputs == [model.input] and model.outputs == [model.output]


def test_classes_of_ones_own_may_use_these_names() -> None:
    class Own(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.output = layers.Dense(2)

        def call(self, inputs: Any) -> Any:
            return self.output(inputs)

    layer = Own()
    assert layer(X).shape == (5, 2)
    assert len(layer.weights) == 2
