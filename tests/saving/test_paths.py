"""Weights are found by paths that depend on the model alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wubu import Model, Sequential, layers
from wubu.layers import Dense, Input
from wubu.saving import archive, load_model, register

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def chain() -> Sequential:
    return Sequential([Input((4,)), Dense(3), Dense(3), Dense(1, name="head")])


def graph() -> Model:
    x = Input((4,))
    return Model(x, Dense(1)(layers.Add()([Dense(4)(x), Dense(4)(x), x])))


def nested() -> Sequential:
    return Sequential([Input((4,)), graph(), chain_of_one(), chain_of_one()])


def chain_of_one() -> Sequential:
    return Sequential([Dense(1)])


@register("test_paths")
class Own(Model):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.encoder = Sequential([Dense(3), Dense(2)])
        self.head = Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.head(self.encoder(inputs))


def own() -> Own:
    model = Own()
    model(X)
    return model


MAKERS = [chain, graph, nested, own]


def paths(model: Any) -> list[str]:
    return [variable.path for variable in model.weights]


@pytest.mark.parametrize("make", MAKERS)
def test_a_model_made_again_takes_the_weights(make: Any, tmp_path: Path) -> None:
    first, second = make(), make()
    first.save_weights(tmp_path / "w")
    second.load_weights(tmp_path / "w")
    np.testing.assert_array_equal(first(X).numpy(), second(X).numpy())
    assert len(set(paths(first))) == len(first.weights)


@pytest.mark.parametrize("make", MAKERS)
def test_a_loaded_model_has_the_same_paths_and_names(make: Any, tmp_path: Path) -> None:
    model = make()
    model.compile("adam", "mse")
    model.fit(X, X[:, :1], verbose=0)
    model.save(tmp_path / "model.wubu")
    loaded = load_model(tmp_path / "model.wubu")
    assert paths(loaded) == paths(model)
    assert [a.name for a in loaded.all_layers()] == [a.name for a in model.all_layers()]
    loaded.save(tmp_path / "again.wubu")
    make().load_weights(tmp_path / "again.wubu")


def test_given_names_are_paths_and_made_up_ones_give_way() -> None:
    model = Sequential(
        [Input((4,)), Dense(2), Dense(2, name="dense"), Dense(2), Dense(2, name="b")]
    )
    kernels = [path for path in paths(model) if path.endswith("kernel")]
    assert kernels == [f"{key}/kernel" for key in ("dense_1", "dense", "dense_2", "b")]


def test_a_name_set_later_is_a_given_one() -> None:
    layer = Dense(2)
    layer.name = "mine"
    assert paths(Sequential([Input((4,)), layer]))[0] == "mine/kernel"


def test_files_of_before_say_names_in_their_paths(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), Dense(3, name="dense_5"), Dense(1, name="dense")])
    model.save(tmp_path / "new.wubu")
    members = archive.read(tmp_path / "new.wubu")
    config = json.loads(members[archive.CONFIG])
    text = json.dumps(config).replace('["made_up", false], ', "")
    assert text != json.dumps(config)
    written = {
        archive.CONFIG: text.encode(),
        archive.WEIGHTS: members[archive.WEIGHTS],
    }
    archive.write(tmp_path / "old.wubu", written, {})
    loaded = load_model(tmp_path / "old.wubu")
    assert paths(loaded) == paths(model)
    np.testing.assert_array_equal(loaded(X).numpy(), model(X).numpy())


def test_no_name_is_made_up_that_was_given() -> None:
    made = Dense(2).name
    number = int(made.rpartition("_")[2]) if "_" in made else 0
    given = Dense(2, name=f"dense_{number + 1}")
    assert Dense(2).name != given.name
