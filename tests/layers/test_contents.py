"""What a model was found to consist of is known only as long as it is so."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import Input, Model, Sequential, layers, metrics
from wubu.core.jit import trace
from wubu.layers.contents import Contents, contents_of
from wubu.layers.tracking import Tracked
from wubu.ops.random import SeedGenerator


class Nested(Model):
    """Layers and variables in attributes of every form."""

    def __init__(self) -> None:
        super().__init__()
        self.head = layers.Dense(2)
        self.blocks = [layers.Dense(2), layers.Dense(2)]
        self.by_name = {"a": layers.Dense(2), "b": [layers.Dense(2)]}
        self.fixed = (layers.Dense(2), [layers.Dense(2)], {"c": layers.Dense(2)})
        self.scale = wubu.Variable(1.0)
        self.inner = Sequential([layers.Dense(2), layers.LSTM(2)])
        self._count = 0

    def call(self, x: Any) -> Any:
        for _, layer in self.children():
            if isinstance(layer, layers.Dense):
                x = layer(x)
        return self.inner(x[:, None]) * self.scale


def nested() -> Nested:
    model = Nested()
    model(np.ones((1, 2), "float32"))
    return model


def rename(d: dict[str, Any], old: str, new: str) -> None:
    items = [(new if key == old else key, value) for key, value in d.items()]
    d.clear()
    d.update(items)


CHANGES: list[Callable[[Any], Any]] = [
    lambda m: setattr(m, "head", layers.Dense(3)),
    lambda m: setattr(m, "more", layers.Dense(3)),
    lambda m: setattr(m, "_hidden", [layers.Dense(3)]),
    lambda m: delattr(m, "head"),
    lambda m: rename(vars(m), "head", "tail"),
    lambda m: setattr(m, "blocks", list(reversed(m.blocks))),
    lambda m: setattr(m, "_count", 1),
    lambda m: m.blocks.append(layers.Dense(3)),
    lambda m: m.blocks.reverse(),
    lambda m: m.blocks.pop(),
    lambda m: m.blocks.__setitem__(0, layers.Dense(3)),
    lambda m: m.blocks.__setitem__(0, [m.blocks[0]]),
    lambda m: m.by_name.update(a=layers.Dense(3)),
    lambda m: rename(m.by_name, "a", "z"),
    lambda m: m.by_name["b"].append(layers.Dense(3)),
    lambda m: m.fixed[1].append(layers.Dense(3)),
    lambda m: m.fixed[2].clear(),
    lambda m: setattr(m.blocks[1], "kernel", wubu.Variable(np.ones((2, 2)))),
    lambda m: setattr(m.blocks[1], "extra", layers.Dense(3)),
    lambda m: setattr(m.inner.layers[1].cell, "kernel", wubu.Variable(1.0)),
    lambda m: setattr(m.fixed[0], "metric", metrics.Mean()),
    lambda m: m.inner.pop(),
]


def as_found(model: Any) -> list[list[int]]:
    found = model.all_layers(), model.weights, model.variables, model.metrics
    return [[id(part) for part in parts] for parts in found]


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_every_change_is_seen(number: int) -> None:
    model = nested()
    before = as_found(model)
    assert as_found(model) == before
    known = contents_of(model)
    assert known.is_current()
    CHANGES[number](model)
    assert not known.is_current()
    assert contents_of(model).is_current()
    found = as_found(model)
    vars(model).pop("_known")
    assert found == as_found(model)


def test_what_moves_from_one_list_to_another_is_seen() -> None:
    model = nested()
    model.others = []
    known = contents_of(model)
    model.others.append(model.blocks.pop())
    assert not known.is_current()


def test_what_is_found_is_what_the_attributes_say() -> None:
    model = nested()
    for _ in range(2):
        assert as_found(model)[1] == [id(v) for v in Tracked.weights.fget(model)]
        assert as_found(model)[2] == [id(v) for v in Tracked.variables.fget(model)]


def test_a_list_that_was_given_is_the_callers() -> None:
    model = nested()
    count = len(model.weights)
    model.weights.clear()
    model.all_layers().clear()
    assert len(model.weights) == count
    assert model.all_layers()


class Shy(layers.Layer):
    """Says what its weights are in its own way."""

    shown = False

    @property
    def weights(self) -> list[Any]:
        return [wubu.Variable(1.0)] if self.shown else []


def test_who_says_it_in_a_way_of_its_own_is_asked_every_time() -> None:
    model = Nested()
    model.shy = Shy()
    before = len(model.weights)
    assert not contents_of(model).is_current()
    Shy.shown = True
    try:
        assert len(model.weights) == before + 1
    finally:
        Shy.shown = False


def functional() -> Model:
    x = Input((2,))
    return Model(x, layers.Dense(2)(layers.Dense(3, activation="relu")(x)))


@pytest.mark.parametrize("make", [functional, nested])
def test_training_leaves_the_contents_as_they_are(make: Callable[[], Model]) -> None:
    """So that calls in a loop look through the model only once."""
    model = make()
    model.compile("adam", "mse", metrics=["mae"])
    x = np.ones((4, 2), "float32")

    def calls() -> list[Contents]:
        found = []
        for call in (model.fit, model.train_on_batch, model.test_on_batch):
            call(x, x)
            found.append(contents_of(model))
        model.predict(x, verbose=0)
        model.predict_on_batch(x)
        return [*found, contents_of(model)]

    calls()
    assert len({id(contents) for contents in calls()}) == 1


def test_a_trace_leaves_nothing_behind() -> None:
    """What is set while tracing would be held longer than it has a value."""
    model = nested()

    def call(x: Any) -> Any:
        model._kept = x * 2.0
        count = len(model.weights)
        del model._kept
        return x * count

    trace(call, np.ones(2, "float32"))
    assert model.history is None


def test_copies_know_nothing() -> None:
    model = nested()
    model.compile("sgd", "mse")
    x = np.ones((4, 2), "float32")
    model.fit(x, x, verbose=0)
    assert model.history is not None
    other = copy.deepcopy(model)
    assert other.history is None
    assert not set(map(id, other.weights)) & set(map(id, model.weights))
    assert "_known" in vars(model)


def test_attributes_of_another_model_do_not_bring_what_it_knows() -> None:
    model = nested()
    model(np.ones((4, 2), "float32"))
    known = model.weights
    other = type(model).__new__(type(model))
    vars(other).update(vars(model))
    other.extra = layers.Dense(5)
    other.extra.build((None, 2))
    assert len(other.weights) == len(known) + 2
    assert len(model.weights) == len(known)


class Whole(Nested):
    """Says itself what of it goes into a pickle: all."""

    def __getstate__(self) -> dict[str, Any]:
        return dict(vars(self))


def test_what_is_known_does_not_go_into_pickles() -> None:
    model = Whole()
    model(np.ones((4, 2), "float32"))
    known = model.weights
    other = pickle.loads(pickle.dumps(model))
    assert len(other.weights) == len(known)
    assert not set(map(id, other.weights)) & set(map(id, known))


def test_a_layer_may_be_called_history() -> None:
    model = nested()
    before = len(model.all_layers())
    model.history = layers.Dense(2)
    assert len(model.all_layers()) == before + 1


def test_another_state_of_a_generator_is_seen() -> None:
    model = Sequential([layers.Dropout(0.5)])
    model(np.ones((4, 2), "float32"))
    (state,) = model.variables
    generator = next(
        v for v in vars(model.layers[0]).values() if isinstance(v, SeedGenerator)
    )
    generator.state = copy.deepcopy(state)
    assert model.variables[0] is generator.state is not state
