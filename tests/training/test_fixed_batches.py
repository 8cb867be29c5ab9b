"""Models drawn up for batches of one size: stateful layers, graphs that name it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from wubu import layers

X = np.random.default_rng(0).random((10, 5, 3)).astype("float32")
Y = np.random.default_rng(1).random((10, 4)).astype("float32")


def sequential() -> Any:
    return wubu.Sequential(
        [layers.Input(batch_shape=(5, 5, 3)), layers.GRU(4, stateful=True)]
    )


def functional() -> Any:
    start = layers.Input(batch_shape=(5, 5, 3))
    return wubu.Model(start, layers.Bidirectional(layers.LSTM(2, stateful=True))(start))


def reshaping() -> Any:
    start = layers.Input(batch_shape=(5, 5, 3))
    rows = layers.Flatten()(wubu.ops.reshape(start, (5, 3, 5)))
    return wubu.Model(start, layers.Dense(4)(rows))


@pytest.mark.parametrize("make", [sequential, functional, reshaping])
def test_it_is_trained_and_evaluated(make: Any) -> None:
    found = []
    for eager in (True, False):
        wubu.set_random_seed(0)
        model = make()
        model.compile("sgd", "mse", run_eagerly=eager)
        options: dict[str, Any] = {"batch_size": 5, "verbose": 0}
        model.fit(X, Y, epochs=2, shuffle=False, **options)
        loss = model.evaluate(X, Y, **options)
        found.append([loss, model.train_on_batch(X[:5], Y[:5]), *model.get_weights()])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_states_go_on_from_batch_to_batch() -> None:
    """Two batches one after the other are one sequence of twice the length."""
    model = sequential()
    model.compile("sgd", "mse")
    (layer,) = model.layers
    layer.reset_state()
    model.evaluate(X, Y, batch_size=5, verbose=0)
    (state,) = layer.states
    whole = layers.GRU(4)
    whole.build((5, 10, 3))
    whole.set_weights(layer.get_weights()[:3])
    wanted = whole(np.concatenate([X[:5], X[5:]], axis=1))
    np.testing.assert_allclose(state.numpy(), wanted.numpy(), rtol=1e-5)
