"""Models drawn up with symbols."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wubu import Model, Sequential, layers
from wubu.core import configurable
from wubu.errors import ArgumentError, DTypeError, FileFormatError, ShapeError
from wubu.models import Functional

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(5, 4)).astype("float32")
Z = RANDOM.normal(size=(5, 2)).astype("float32")


def copied(model: Any) -> Any:
    """The model made from its description, with the same weights."""
    copy = configurable.deserialize(configurable.serialize(model))
    copy.set_weights(model.get_weights())
    return copy


def same(a: Any, b: Any) -> None:
    np.testing.assert_array_equal(a.numpy(), b.numpy())


def residual() -> Model:
    x = layers.Input((4,), name="x")
    hidden = layers.Dense(4, activation="relu", name="hidden")(x)
    return Model(x, layers.Dense(2, name="head")(layers.Add(name="sum")([x, hidden])))


def test_a_residual_network() -> None:
    model = residual()
    assert type(model) is Functional
    hidden, total, head = model.layers
    assert [hidden.name, total.name, head.name] == ["hidden", "sum", "head"]
    same(model(X), head(X + hidden(X)))
    assert model.count_params() == 4 * 4 + 4 + 4 * 2 + 2
    assert model.input_shape == (None, 4)
    assert model.output_shape == (None, 2)
    assert model.output_names == ["head"]
    assert model.compute_output_shape((7, 4)) == (7, 2)
    same(copied(model)(X), model(X))


@pytest.mark.parametrize("named", [False, True])
def test_several_inputs_and_outputs(named: bool) -> None:
    a, b = layers.Input((4,), name="a"), layers.Input((2,), name="b")
    first, second = layers.Dense(3, name="first"), layers.Dense(1, name="second")
    u = first(a)
    v = second(layers.Concatenate()([u, b]))
    model = (
        Model({"left": a, "right": b}, {"u": u, "v": v})
        if named
        else Model([a, b], [u, v])
    )
    for network in (model, copied(model)):
        if named:
            found = network({"right": Z, "left": X})
            assert list(found) == ["u", "v"]
            found = list(found.values())
        else:
            found = network([X, Z])
            for x in ({"b": Z, "a": X}, (X, Z)):
                same(network(x)[1], found[1])
        u_, v_ = found
        same(u_, model.get_layer("first")(X))
        np.testing.assert_allclose(
            v_.numpy(),
            model.get_layer("second")(np.concatenate([u_.numpy(), Z], 1)).numpy(),
            rtol=1e-6,
        )
    assert model.output_names == (["u", "v"] if named else ["first", "second"])


def test_a_shared_layer_counts_once_and_runs_twice() -> None:
    shared = layers.Dense(4, name="shared")
    x = layers.Input((4,))
    model = Model(x, shared(shared(x)))
    assert [layer.name for layer in model.layers] == ["shared"]
    assert model.count_params() == 20
    assert len(model.weights) == 2
    same(model(X), shared(shared(X)))
    same(copied(model)(X), model(X))


def test_two_models_that_share_a_layer_learn_together() -> None:
    shared = layers.Dense(3)
    a, b = layers.Input((4,)), layers.Input((4,))
    one, other = Model(a, shared(a)), Model(b, layers.Dense(1)(shared(b)))
    before = other.predict(X)
    one.compile("sgd", "mse")
    one.fit(X, np.ones((5, 3)), epochs=3, verbose=0)
    assert not np.array_equal(other.predict(X), before)
    same(one.weights[0], other.weights[0])
    assert one.weights[0] is other.weights[0]


def test_models_inside_models() -> None:
    inner = residual()
    chain = Sequential([layers.Input((2,)), layers.Dense(2)])
    x = layers.Input((4,))
    model = Model(x, chain(inner(x)), name="outer")
    assert model.layers == [inner, chain]
    paths = [variable.path for variable in model.weights]
    assert len(set(paths)) == 6
    assert paths[0] == "functional/hidden/kernel"
    same(model(X), chain(inner(X)))
    same(copied(model)(X), model(X))
    model.trainable = False
    assert model.trainable_weights == [] and inner.trainable is False
    assert copied(model).trainable_weights == []


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + x,
        lambda x: x * 2,
        lambda x: 1 - x,
        lambda x: x / 2 + 1,
        lambda x: 2.0**x,
        lambda x: -x,
        lambda x: x @ np.ones((4, 3), "float32"),
        lambda x: x[..., 0],
        lambda x: x[:, 1:3],
        lambda x: x[:, ::-1],
        lambda x: x[:, None],
        lambda x: x[0],
        lambda x: (x > 0) * x,
        lambda x: np.ones(4, "float32") + x,
    ],
)
def test_operators_on_symbols(function: Any) -> None:
    x = layers.Input((4,))
    model = Model(x, function(x))
    wanted = function(X)
    np.testing.assert_allclose(model(X).numpy(), wanted, rtol=1e-6)
    np.testing.assert_allclose(copied(model)(X).numpy(), wanted, rtol=1e-6)
    assert model.output_shape[1:] == wanted.shape[1:]


def test_symbols_have_no_value() -> None:
    x = layers.Input((4,))
    for use in (lambda: bool(x), lambda: np.tanh(x), lambda: np.asarray(x)):
        with pytest.raises((DTypeError, TypeError)) as caught:
            use()
        assert "symbol" in str(caught.value).lower()
    with pytest.raises(TypeError):
        iter(x)


def test_open_lengths_stay_open() -> None:
    x = layers.Input((None, 3))
    model = Model(x, layers.LSTM(2, return_sequences=True)(x))
    assert model.output_shape == (None, None, 2)
    assert model.compute_output_shape((None, 7, 3)) == (None, 7, 2)
    for time in (4, 6):
        assert model(np.zeros((2, time, 3))).shape == (2, time, 2)


def test_a_part_of_a_model_is_a_model() -> None:
    x = layers.Input((4,))
    hidden = layers.Dense(3)(x)
    whole = Model(x, layers.Dense(1)(hidden))
    part = Model(whole.inputs, hidden)
    rest = Model(hidden, whole.outputs)
    np.testing.assert_allclose(rest(part(X)).numpy(), whole(X).numpy(), rtol=1e-6)


def test_inputs_that_are_not_used_are_taken_and_ignored() -> None:
    a, b = layers.Input((4,), name="a"), layers.Input((2,), name="b")
    model = Model([a, b], layers.Dense(1)(a))
    same(model([X, Z]), model([X, 0 * Z]))
    model.compile("sgd", "mse")
    model.fit([X, Z], X[:, :1], verbose=0)


def test_graphs_that_hang_in_the_air() -> None:
    a, b = layers.Input((4,), name="a"), layers.Input((2,), name="b")
    total = layers.Concatenate()([a, b])
    with pytest.raises(ArgumentError, match="not among the inputs") as caught:
        Model(a, total)
    assert caught.value.expected == '"b" among the inputs'
    for inputs, outputs, words in (
        (X, total, "inputs of a model are symbols"),
        ([a, b], [total, X], "outputs of a model are symbols"),
        ([], total, "at least one input"),
        ([a], [], "at least one output"),
    ):
        with pytest.raises(ArgumentError, match=words):
            Model(inputs, outputs)


def test_two_layers_of_one_name() -> None:
    x = layers.Input((4,))
    y = layers.Dense(1, name="same")(layers.Dense(4, name="same")(x))
    with pytest.raises(ArgumentError, match='two layers are named "same"') as caught:
        Model(x, y)
    assert "test_functional.py" in str(caught.value)


def test_inputs_of_another_shape() -> None:
    with pytest.raises(ShapeError) as caught:
        residual()(X[:, :3])
    text = str(caught.value)
    assert 'input "x" has another shape' in text
    assert "(batch, 4)" in text and "(batch, 3)" in text


def test_a_layer_that_does_not_fit_says_so_where_it_is_called() -> None:
    x = layers.Input((4,))
    with pytest.raises(ShapeError) as caught:
        layers.Conv2D(2, 3, name="conv")(x)
    assert '"conv" (Conv2D) cannot take this input' in str(caught.value)
    assert "test_functional.py" in str(caught.value)


class Own(Model):
    """A class of one's own, drawn up with symbols, with more than the graph."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.extra = layers.Dense(2, name="extra")

    def twice(self, x: Any) -> Any:
        return 2 * self(x)


class OwnSymbols(Model):
    """Makes its symbols itself."""

    def __init__(self, units: int, **options: Any) -> None:
        x = layers.Input((4,), name="x")
        super().__init__(x, layers.Dense(units, name="head")(x), **options)
        self.units = units


for _class in (Own, OwnSymbols):
    configurable.register("test_functional")(_class)


def test_classes_of_ones_own_with_symbols() -> None:
    x = layers.Input((4,), name="x")
    for model in (
        Own(x, layers.Dense(2, name="head")(x), name="own"),
        Own(inputs=x, outputs=layers.Dense(2, name="head")(x), name="own"),
        OwnSymbols(2, name="own"),
    ):
        assert model.output_names == ["head"] and model.name == "own"
        assert model(X).shape == (5, 2)
        copy = copied(model)
        assert type(copy) is type(model) and copy.name == "own"
        same(copy(X), model(X))
    model = Own(x, layers.Dense(2, name="head")(x))
    same(model.twice(X), 2 * model(X))
    model.extra(X)
    assert [layer.name for layer in model.layers] == ["head", "extra"]


def test_a_description_that_does_not_hold_together() -> None:
    described = configurable.serialize(residual())
    config = residual().get_config()
    config["outputs"] = {"call": 99, "index": 0}
    with pytest.raises(FileFormatError, match="does not hold together"):
        Functional.from_config(config)
    assert described["class"] == "models>Functional"


def test_a_description_is_plain_data() -> None:
    import json

    x = layers.Input((4,), name="x")
    model = Model(x, layers.Dense(1)(x[:, 1:] * 2))
    text = json.dumps(configurable.serialize(model))
    copy = configurable.deserialize(json.loads(text))
    copy.set_weights(model.get_weights())
    same(copy(X), model(X))
    again = Model.from_config(model.get_config())
    assert again.layers[0] is not model.layers[0]


def test_calls_remember_training() -> None:
    x = layers.Input((4,))
    model = Model(x, layers.Dropout(0.5)(x, training=True))
    assert (model(X).numpy() == 0).any()
    assert (copied(model)(X).numpy() == 0).any()
