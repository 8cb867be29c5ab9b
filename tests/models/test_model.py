"""`Model`: subclasses, weights and paths, copies, graphs."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import Model, Sequential, layers
from wubu.core import configurable
from wubu.errors import ArgumentError, ShapeError, StateError, UnknownNameError

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(6, 4)).astype("float32")
Y = RANDOM.normal(size=(6, 2)).astype("float32")


class Nested(Model):
    """Layers in attributes, lists, dictionaries and models."""

    def __init__(self, width: int = 3, **options: Any) -> None:
        super().__init__(**options)
        self.blocks = [layers.Dense(width), layers.Dense(width)]
        self.heads = {"main": layers.Dense(2), "other": [layers.Dense(1)]}
        self.inner = Sequential([layers.Dense(width, name="only")])
        self.drop = layers.Dropout(0.5)
        self.again = self.blocks[0]  # the same layer under another name

    def call(self, x: Any, training: bool = False) -> Any:
        for block in self.blocks:
            x = block(x)
        x = self.inner(self.drop(x, training=training))
        self.heads["other"][0](x)
        return self.heads["main"](x)


configurable.register("test_model")(Nested)


def functional() -> Model:
    x = layers.Input((4,), name="x")
    hidden = layers.Dense(3, activation="relu", name="hidden")(x)
    normal = layers.BatchNormalization(name="normal")(hidden * 2 + 1)
    return Model(x, layers.Dense(2, name="head")(normal[:, :2]))


def sequential() -> Model:
    return Sequential(
        [layers.Input((4,)), layers.Dense(3), layers.Dropout(0.5), layers.Dense(2)]
    )


def subclassed() -> Model:
    model = Nested()
    model.build((None, 4))
    return model


KINDS = [functional, sequential, subclassed]


# -- what it is made of ----------------------------------------------------------------


PATHS = [
    f"{layer}/{weight}"
    for layer in ("blocks/0", "blocks/1", "heads/main", "heads/other/0", "inner/only")
    for weight in ("kernel", "bias")
]


def test_layers_in_lists_dictionaries_and_models_are_tracked() -> None:
    model = subclassed()
    assert [v.path for v in model.weights] == PATHS
    assert len(model.layers) == 6
    assert model.count_params() == sum(w.size for w in model.get_weights())
    assert len(model.all_layers()) == 8


def test_paths_do_not_depend_on_names_that_were_made_up() -> None:
    assert [v.path for v in subclassed().weights] == PATHS
    assert [v.path for v in subclassed().weights] == PATHS


def test_paths_are_unique_after_fit_without_build() -> None:
    model = Nested()
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="does not depend on"):
        model.fit(X, Y, verbose=0)
    assert [v.path for v in model.weights] == PATHS
    slots = [v.path for v in model.optimizer.variables]
    assert len(set(slots)) == len(slots)


def test_get_layer() -> None:
    model = functional()
    assert model.get_layer("head") is model.layers[-1]
    assert model.get_layer(index=0).name == "hidden"
    with pytest.raises(UnknownNameError, match="haed") as caught:
        model.get_layer("haed")
    assert caught.value.fix == 'did you mean "head"?'
    for options in ({}, {"name": "head", "index": 0}, {"index": 99}):
        with pytest.raises(ArgumentError):
            model.get_layer(**options)


@pytest.mark.parametrize("make", KINDS)
def test_weights_go_out_and_in(make: Callable[[], Model]) -> None:
    one, other = make(), make()
    weights = one.get_weights()
    other.set_weights(weights)
    for a, b in zip(other.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(one.predict(X), other.predict(X))
    weights[0][...] = 0  # a copy: the model is left alone
    assert one.get_weights()[0].any()
    before = other.get_weights()
    for wrong in (weights[:-1], [w.T for w in weights]):
        with pytest.raises(ShapeError):
            other.set_weights(wrong)
    for a, b in zip(other.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_model_without_call_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Model defines no call"):
        Model()(X)


def test_training_reaches_the_layers_inside() -> None:
    model = subclassed()
    wubu.set_random_seed(0)
    assert np.array_equal(model(X).numpy(), model(X).numpy())
    assert not np.array_equal(model(X, training=True).numpy(), model(X).numpy())


# -- shapes and building ---------------------------------------------------------------


@pytest.mark.parametrize("make", KINDS)
def test_output_shapes(make: Callable[[], Model]) -> None:
    model = make()
    assert model.built
    assert model.compute_output_shape((None, 4)) == (None, 2)
    assert model.compute_output_shape((9, 4)) == (9, 2)
    assert model.input_shape == (None, 4)
    assert model.output_shape == (None, 2)


def test_a_subclass_that_defines_build() -> None:
    class Building(Model):
        def build(self, input_shape: Any) -> None:
            self.head = layers.Dense(input_shape[-1])
            super().build(input_shape)

        def call(self, x: Any) -> Any:
            return self.head(x)

    for model in (Building(), Building()):
        assert model(X).shape == (6, 4)
        assert model.built and model.count_params() == 20
    model = Building()
    model.build((None, 4))
    assert model(X).shape == (6, 4)


def test_a_failed_call_can_be_repeated_with_other_data() -> None:
    model = Nested()
    with pytest.raises(ShapeError):
        model(X[0, 0])
    assert not model.built and model.weights == []
    assert model(X).shape == (6, 2)
    assert model.input_shape == (None, 4)


def test_predicting_builds() -> None:
    model = Nested()
    assert model.predict(X).shape == (6, 2)
    assert model.built


# -- graphs ----------------------------------------------------------------------------


@pytest.mark.parametrize("make", KINDS)
def test_the_graph_of_a_call(make: Callable[[], Model]) -> None:
    graph = make().graph()
    names = [node.primitive.name for node in graph.nodes]
    assert names.count("dot_general") in (2, 4)  # what no output needs is left out
    assert graph.outputs[0].shape == (1, 2)
    assert make().graph(X).outputs[0].shape == (6, 2)


def test_the_graph_of_training_and_of_added_losses() -> None:
    model = Sequential(
        [layers.Input((4,)), layers.Dense(2, activity_regularizer="l2"),
         layers.BatchNormalization()]
    )  # fmt: skip
    assert model.losses == []  # building has left nothing behind
    assert len(model.graph(training=True).updates) == 2
    assert len(model.graph().updates) == 0


def test_a_graph_needs_a_built_model() -> None:
    with pytest.raises(StateError, match="graph"):
        Nested().graph()


# -- descriptions and copies -----------------------------------------------------------


@pytest.mark.parametrize("make", KINDS)
def test_the_description_makes_an_equal_model(make: Callable[[], Model]) -> None:
    model = make()
    made = configurable.deserialize(configurable.serialize(model))
    assert type(made) is type(model)
    made(X)
    made.set_weights(model.get_weights())
    np.testing.assert_array_equal(made.predict(X), model.predict(X))


def in_bytes(model: Any) -> Any:
    return pickle.loads(pickle.dumps(model))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, in_bytes])
@pytest.mark.parametrize("make", KINDS)
def test_copies_compute_the_same_and_share_nothing(
    make: Callable[[], Model], duplicate: Callable[[Any], Any]
) -> None:
    model = make()
    twin = duplicate(model)
    np.testing.assert_array_equal(twin.predict(X), model.predict(X))
    before = model.get_weights()
    twin.set_weights([0 * w for w in before])
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)
    assert [v.path for v in twin.weights] == [v.path for v in model.weights]
    assert configurable.serialize(twin) == configurable.serialize(model)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, in_bytes])
@pytest.mark.parametrize("make", [functional, sequential])
def test_copies_train_on_where_the_model_stands(
    make: Callable[[], Model], duplicate: Callable[[Any], Any]
) -> None:
    """Optimizer, metrics and random counters included."""
    model = make()
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, Y, epochs=2, verbose=0)
    twin = duplicate(model)
    histories = [
        m.fit(X, Y, initial_epoch=2, epochs=4, verbose=0).history for m in (model, twin)
    ]
    assert histories[0] == histories[1]
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert twin.optimizer is not model.optimizer
    assert twin.optimizer.iterations.item() == 4


@pytest.mark.parametrize("duplicate", [copy.deepcopy, in_bytes])
def test_deep_networks_are_copied(duplicate: Callable[[Any], Any]) -> None:
    """Deeper than Python's recursion."""
    x = start = layers.Input((4,))
    for _ in range(400):
        x = layers.Activation("relu")(x)
    model = Model(start, x)
    np.testing.assert_array_equal(duplicate(model)(X).numpy(), model(X).numpy())


def test_symbols_of_a_copy_can_be_used() -> None:
    twin = copy.deepcopy(functional())
    longer = Model(twin.inputs, layers.Dense(1)(twin.output))
    assert longer(X).shape == (6, 1)


# -- what is not in use ----------------------------------------------------------------


def test_names_are_checked() -> None:
    for name in ("", "a/b", 3):
        with pytest.raises(ArgumentError, match="name"):
            Nested(name=name)
    with pytest.raises(UnknownNameError) as caught:
        Nested(widht=3)
    assert caught.value.fix == 'did you mean "width"?'
