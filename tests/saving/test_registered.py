"""Classes and functions of one's own: registered, named in files, and found again."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest

import wubu
from reference.load import signatures
from wubu import (
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    ops,
    regularizers,
    saving,
    utils,
)
from wubu.core import configurable
from wubu.errors import ArgumentError, FileFormatError, UnknownNameError

X = np.random.default_rng(0).standard_normal((8, 3)).astype("float32")
Y = np.random.default_rng(1).standard_normal((8, 2)).astype("float32")


@utils.register_keras_serializable("own")
class Scale(layers.Layer):
    """A layer with arguments, a weight and a function of one's own."""

    def __init__(self, start: float = 1.0, shape: Any = None, **options: Any) -> None:
        super().__init__(**options)
        self.start = start
        self.shape = shape or linear

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(
            (), initializers.Constant(self.start), name="scale"
        )

    def call(self, x: Any) -> Any:
        return self.shape(x * self.scale)


@utils.register_keras_serializable("own")
def linear(x: Any) -> Any:
    return x


@utils.register_keras_serializable("own")
def bent(x: Any) -> Any:
    return ops.sqrt(x * x + 1)


@utils.register_keras_serializable("own", name="FourthPowers")
class OwnLoss(losses.Loss):
    def __init__(self, power: int = 4, name: str | None = None, **options: Any) -> None:
        super().__init__(name, **options)
        self.power = power

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ops.mean((y_true - y_pred) ** self.power, -1)


@utils.register_keras_serializable("own")
class Largest(metrics.Metric):
    def __init__(self, name: str = "largest", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.largest = self.add_variable((), name="largest")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.largest.assign(self.largest.maximum(ops.max(y_pred)))

    def result(self) -> Any:
        return self.largest.value


@utils.register_keras_serializable("own")
class Halved(constraints.Constraint):
    def __call__(self, w: Any) -> Any:
        return w / 2


@utils.register_keras_serializable("own")
class Cubes(regularizers.Regularizer):
    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, x: Any) -> Any:
        return self.factor * ops.sum(ops.absolute(x * x * x))


@utils.register_keras_serializable("own")
class Checkered(initializers.Initializer):
    def values(self, shape: Any, dtype: Any) -> Any:
        return np.indices(shape).sum(0).astype(dtype) % 2


def network() -> Any:
    model = wubu.Sequential(
        [
            layers.Input((3,)),
            Scale(0.5, bent, name="scale"),
            layers.Dense(
                2,
                activation=bent,
                kernel_initializer=Checkered(),
                kernel_regularizer=Cubes(0.1),
                kernel_constraint=Halved(),
            ),
        ]
    )
    model.compile("sgd", OwnLoss(2, reduction="sum"), metrics=[Largest()])
    return model


def test_everything_of_ones_own_goes_through_a_model_file(tmp_path: Any) -> None:
    model = network()
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "model.wubu")
    loaded = wubu.load_model(tmp_path / "model.wubu")
    scale, dense = loaded.layers[-2:]
    assert (type(scale), scale.start, scale.shape) == (Scale, 0.5, bent)
    assert dense.activation is bent
    assert type(dense.kernel_initializer) is Checkered
    assert dense.kernel_regularizer.factor == 0.1
    assert type(dense.kernel_constraint) is Halved
    assert (type(loaded.loss), loaded.loss.power) == (OwnLoss, 2)
    for each in (model, loaded):
        each.fit(X, Y, batch_size=4, verbose=0, shuffle=False)
    wanted = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert loaded.evaluate(X, Y, verbose=0, return_dict=True) == wanted
    assert set(wanted) == {"loss", "largest"}


def test_names_are_those_of_keras() -> None:
    assert utils.get_registered_name(Scale) == "own>Scale"
    assert utils.get_registered_name(OwnLoss) == "own>FourthPowers"
    assert utils.get_registered_name(layers.Dense) == "Dense"
    assert utils.get_registered_object("own>Scale") is Scale
    assert utils.get_registered_object("own>Nothing") is None
    for place in ("custom_objects", "module_objects"):
        assert utils.get_registered_object("X", **{place: {"X": 3}}) == 3
    assert utils.get_custom_objects()["own>bent"] is bent

    @utils.register_keras_serializable()
    def plain(x: Any) -> Any:
        return x

    assert utils.get_registered_name(plain) == "Custom>plain"


NAMES = [
    "register_keras_serializable",
    "get_registered_name",
    "get_registered_object",
    "get_custom_objects",
    "custom_object_scope",
    "serialize_keras_object",
]


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_keras(name: str) -> None:
    assert getattr(utils, name) is getattr(saving, name)
    wanted = [(p["name"], p.get("default")) for p in signatures()[f"utils.{name}"]]
    made = inspect.signature(getattr(utils, name)).parameters.values()
    empty = inspect.Parameter.empty
    found = [(p.name, None if p.default is empty else p.default) for p in made]
    assert found == wanted


@pytest.mark.parametrize(
    ("room", "name", "item"),
    [
        ("activations", "own>bent", bent),
        ("constraints", "own>Halved", Halved),
        ("initializers", "own>Checkered", Checkered),
        ("losses", "own>FourthPowers", OwnLoss),
        ("metrics", "own>Largest", Largest),
        ("layers", "own>Scale", Scale),
    ],
)
def test_rooms_find_what_is_registered(room: str, name: str, item: Any) -> None:
    """By its name, and in descriptions: Wubu's own and those of Keras."""
    room_ = getattr(wubu, room)
    made = item if room == "activations" else item()
    data = json.loads(json.dumps(room_.serialize(made)))
    found = [room_.deserialize(data)]
    if room != "layers":
        keras = {"class_name": name, "config": {}}
        if room == "activations":
            keras = {"class_name": "function", "config": name}
        found += [room_.get(name), room_.get(keras)]
    for each in found:
        assert each is bent if room == "activations" else type(each) is item


def test_a_scope_names_what_nobody_registered() -> None:
    def twice(x: Any) -> Any:
        return 2 * x

    class Sharp(losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return ops.absolute(y_true - y_pred)

    with utils.custom_object_scope({"twice": twice, "Sharp": Sharp}):
        layer = layers.Dense(2, activation="twice")
        with saving.CustomObjectScope({"other": abs}):
            assert losses.get("Sharp").name == "sharp"
        assert utils.get_registered_object("other") is None
        assert utils.get_registered_object("twice") is twice
    assert layer.activation is twice
    with pytest.raises(UnknownNameError):
        layers.Dense(2, activation="twice")
    given = {"twice": twice, "Sharp": Sharp}
    assert wubu.activations.deserialize("twice", custom_objects=given) is twice
    keras = {"class_name": "Sharp", "config": {"reduction": "sum"}}
    assert losses.deserialize(keras, custom_objects=given).reduction == "sum"


def test_objects_of_any_kind_as_plain_data() -> None:
    parts = [layers.Dense(2, activation=bent), OwnLoss(2), {"a": (bent, 1.5)}]
    data = json.loads(json.dumps(utils.serialize_keras_object(parts)))
    dense, loss, more = utils.deserialize_keras_object(data)
    assert (dense.units, dense.activation, loss.power) == (2, bent, 2)
    assert more == {"a": (bent, 1.5)}
    with pytest.raises(FileFormatError, match="nothing is registered"):
        utils.deserialize_keras_object({"class": "nobody>X", "config": {}})
    found = utils.deserialize_keras_object(
        {"class": "nobody>X", "config": {}}, custom_objects={"X": Halved}
    )
    assert type(found) is Halved


def test_what_is_put_among_custom_objects_can_be_named() -> None:
    class Third(constraints.Constraint):
        def __call__(self, w: Any) -> Any:
            return w / 3

    objects = utils.get_custom_objects()
    objects["Third"] = Third
    try:
        data = utils.serialize_keras_object(Third())
        assert type(constraints.get("Third")) is Third
        assert type(utils.deserialize_keras_object(data)) is Third
    finally:
        del objects["Third"]
    with pytest.raises(FileFormatError):
        utils.deserialize_keras_object(data)


def test_only_what_can_be_described_is_registered() -> None:
    with pytest.raises(ArgumentError, match="a file cannot hold a Plain"):

        @utils.register_keras_serializable("own")
        class Plain:
            pass


def test_wubus_own_things_are_not_among_the_users() -> None:
    assert not [name for name in utils.get_custom_objects() if "Dense" in name]
    assert configurable.registered_name(layers.Dense) == "layers>Dense"
