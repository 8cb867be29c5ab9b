"""`Sequential`: chains of layers, built early or late."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from wubu import Sequential, layers
from wubu.core import configurable
from wubu.errors import ArgumentError, DTypeError, ShapeError, StateError

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def chain(*extra: Any) -> Sequential:
    return Sequential(
        [
            layers.Input((4,), name="features"),
            layers.Dense(3, activation="relu", name="hidden"),
            *extra,
            layers.Dense(2, name="head"),
        ]
    )


def test_a_chain_computes_one_layer_after_the_other() -> None:
    model = chain()
    hidden, head = model.layers
    np.testing.assert_array_equal(model(X).numpy(), head(hidden(X)).numpy())


def test_with_an_input_it_is_built_at_once() -> None:
    model = chain()
    assert model.built
    assert model.count_params() == 4 * 3 + 3 + 3 * 2 + 2
    assert model.input_shape == (None, 4)
    assert model.output_shape == (None, 2)
    assert model.input.name == "features"
    assert model.output.shape == (None, 2)
    assert model.output_names == ["head"]
    assert [v.path for v in model.weights] == [
        "hidden/kernel",
        "hidden/bias",
        "head/kernel",
        "head/bias",
    ]


def test_without_an_input_the_first_call_builds_it() -> None:
    model = Sequential([layers.Dense(3), layers.Dense(2)])
    assert not model.built and model.weights == []
    for action in (model.to_json, model.graph, lambda: model.save("x")):
        with pytest.raises(StateError, match="does not know its input"):
            action()
    assert model(X).shape == (5, 2)
    assert model.built
    assert model.input_shape == (None, 4)


def test_build_takes_a_shape() -> None:
    model = Sequential([layers.Dense(3), layers.Dense(2)])
    model.build((None, 4))
    assert model.count_params() == 23
    assert model.output_shape == (None, 2)


def test_the_dtype_of_the_first_call_is_that_of_the_input() -> None:
    model = Sequential([layers.Embedding(7, 3), layers.Flatten()])
    model(np.array([[1, 2]]))
    assert model.input_spec.dtype == np.int64
    assert model.graph().outputs[0].shape == (1, 6)


def test_a_first_call_that_fails_leaves_nothing_behind() -> None:
    model = Sequential([layers.Dense(3), layers.Conv2D(2, 3)])
    with pytest.raises(ShapeError, match="layer 2"):
        model(X)
    assert not model.built and not model.layers[0].built
    model.pop()
    assert model(np.zeros((5, 6))).shape == (5, 3)
    assert model.input_shape == (None, 6)


def test_layers_are_added_and_taken_off_again() -> None:
    model = Sequential(name="grown")
    model.add(layers.Input((4,)))
    model.add(layers.Dense(3, name="a"))
    assert model.output_shape == (None, 3)
    kernel = model.get_weights()[0]
    model.add(layers.Dense(2, name="b"))
    assert model.output_shape == (None, 2)
    np.testing.assert_array_equal(model.get_weights()[0], kernel)
    assert model.pop().name == "b"
    assert model.output_shape == (None, 3)
    assert model(X).shape == (5, 3)
    model.pop()
    with pytest.raises(ArgumentError, match="no layer left"):
        model.pop()


def test_training_goes_on_with_a_layer_that_was_added() -> None:
    model = chain()
    model.compile("sgd", "mse")
    model.fit(X, np.zeros((5, 2)), verbose=0)
    model.add(layers.Dense(1, name="last"))
    model.fit(X, np.zeros((5, 1)), verbose=0)
    assert model.predict(X).shape == (5, 1)


def test_a_layer_that_does_not_fit_is_not_added() -> None:
    model = chain()
    with pytest.raises(ShapeError, match='layer 3 "pool"'):
        model.add(layers.MaxPooling2D(name="pool"))
    assert [layer.name for layer in model.layers] == ["hidden", "head"]
    assert model.built and model(X).shape == (5, 2)
    model.add(layers.Dense(1))
    assert model.output_shape == (None, 1)


def test_old_input_shape_is_accepted_with_a_note(capsys: Any) -> None:
    model = Sequential([layers.Dense(3, input_shape=(4,)), layers.Dense(2)])
    assert "Input((4,))" in "".join(capsys.readouterr())
    assert model.count_params() == 23


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        (layers.Dense, DTypeError, "with brackets"),
        (np.tanh, DTypeError, "layer objects"),
        ("relu", DTypeError, "layer objects"),
        (layers.Input((3,)), ArgumentError, "Input comes first"),
    ],
)
def test_what_is_no_layer(wrong: Any, kind: Any, words: str) -> None:
    with pytest.raises(kind) as caught:
        chain(wrong)
    assert words in str(caught.value)


def test_two_layers_of_one_name() -> None:
    with pytest.raises(ArgumentError, match='two layers are named "head"') as caught:
        chain(layers.Dense(2, name="head"))
    assert caught.value.fix and "test_sequential.py" in str(caught.value)
    shared = layers.Dense(4)
    with pytest.raises(ArgumentError, match=r"Model\(inputs, outputs\)"):
        Sequential([shared, shared])


def test_names_made_up_are_unique() -> None:
    model = Sequential([layers.Dense(2), layers.Dense(2), layers.Dense(2)])
    names = [layer.name for layer in model.layers]
    assert len(set(names)) == 3
    assert all(name.startswith("dense") for name in names)
    assert Sequential().name != Sequential().name


def test_a_chain_in_a_chain() -> None:
    inner = chain()
    model = Sequential([inner, layers.Dense(1, name="last")], name="outer")
    assert model.built  # the first layer knows its input
    assert model.weights[0].path == "sequential/hidden/kernel"
    assert model.count_params() == inner.count_params() + 3
    assert model(X).shape == (5, 1)


def test_another_input_than_it_was_built_for() -> None:
    with pytest.raises(ShapeError) as caught:
        chain()(np.zeros((5, 3)))
    assert "(batch, 4)" in str(caught.value.expected)
    assert "(batch, 3)" in str(caught.value.got)


@pytest.mark.parametrize("built", [True, False])
def test_round_trip_through_a_description(built: bool) -> None:
    model = chain(layers.Dropout(0.5), layers.BatchNormalization())
    if not built:
        model = Sequential([layers.Dense(3), layers.Dense(2)])
    model.layers[0].trainable = False
    copy = configurable.deserialize(configurable.serialize(model))
    assert type(copy) is Sequential and copy.name == model.name
    assert [a.name for a in copy.layers] == [a.name for a in model.layers]
    assert [a.trainable for a in copy.layers] == [a.trainable for a in model.layers]
    assert copy.built is built
    model(X), copy(X)
    copy.set_weights(model.get_weights())
    np.testing.assert_array_equal(copy(X).numpy(), model(X).numpy())
    assert copy.layers[0] is not model.layers[0]
    assert len(copy.trainable_weights) == len(model.trainable_weights)


class Doubled(layers.Layer):
    """Takes no name and no other options."""

    def __init__(self, factor: float = 2.0) -> None:
        super().__init__()
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return inputs * self.factor


configurable.register("test_sequential")(Doubled)


def test_layers_that_take_no_name_keep_theirs() -> None:
    model = chain(Doubled(3.0))
    copy = configurable.deserialize(configurable.serialize(model))
    assert [a.name for a in copy.layers] == [a.name for a in model.layers]
    copy.set_weights(model.get_weights())
    np.testing.assert_array_equal(copy(X).numpy(), model(X).numpy())


def test_an_unknown_argument_suggests_the_right_one() -> None:
    with pytest.raises(wubu.errors.UnknownNameError, match="layer") as caught:
        Sequential(layer=[])
    assert caught.value.fix == 'did you mean "layers"?'
