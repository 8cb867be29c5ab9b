"""BatchNormalization: statistics of the batch in training, moving averages after it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from wubu.errors import ArgumentError
from wubu.layers import BatchNormalization


def batches(count: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(3.0, 2.0, (count, *shape))


@pytest.mark.parametrize("compiled", [False, True])
def test_moving_averages_follow_the_formula_over_steps(compiled: bool) -> None:
    layer = BatchNormalization(momentum=0.9, dtype="float64")
    step: Any = lambda x: layer(x, training=True)  # noqa: E731 - one for both ways
    step = wubu.jit(step) if compiled else step
    mean, variance = np.zeros(5), np.ones(5)
    for x in batches(6, 8, 5):
        step(x)
        mean = 0.9 * mean + 0.1 * x.mean(0)
        variance = 0.9 * variance + 0.1 * x.var(0)
    np.testing.assert_allclose(layer.moving_mean.numpy(), mean, 1e-12)
    np.testing.assert_allclose(layer.moving_variance.numpy(), variance, 1e-12)


def test_inference_uses_the_averages_and_leaves_them() -> None:
    layer = BatchNormalization(epsilon=0.0, dtype="float64")
    x = batches(1, 4, 2)[0]
    layer(x)
    layer.set_weights([np.full(2, value) for value in (3.0, 1.0, 5.0, 4.0)])
    np.testing.assert_allclose(
        layer(x).detach().numpy(), 3.0 * (x - 5.0) / 2.0 + 1.0, 1e-12
    )
    assert layer.moving_mean.tolist() == [5.0, 5.0]


def test_a_frozen_layer_keeps_to_its_averages_in_training() -> None:
    layer = BatchNormalization(dtype="float64")
    x = batches(1, 4, 2)[0]
    wanted = layer(x).detach().numpy()
    layer.trainable = False
    np.testing.assert_array_equal(layer(x, training=True).numpy(), wanted)
    assert layer.moving_mean.tolist() == [0.0, 0.0]


def test_freezing_is_noticed_by_a_compiled_function() -> None:
    layer = BatchNormalization(dtype="float64")
    step = wubu.jit(lambda x: layer(x, training=True))
    x = batches(1, 4, 2)[0]
    step(x)
    layer.trainable = False
    before = layer.moving_mean.tolist()
    step(x)
    assert layer.moving_mean.tolist() == before


def test_no_gradient_flows_into_the_moving_averages() -> None:
    layer = BatchNormalization()
    layer(np.ones((4, 2), "float32"), training=True).sum().backward()
    assert layer.moving_mean.grad is None
    assert not layer.moving_mean.requires_grad


def test_masked_places_do_not_count() -> None:
    x = batches(1, 3, 4, 2)[0]
    mask = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1]], bool)
    layer = BatchNormalization(momentum=0.0, dtype="float64")
    y = layer(x, training=True, mask=wubu.tensor(mask))
    np.testing.assert_allclose(layer.moving_mean.numpy(), x[mask].mean(0), 1e-6)
    np.testing.assert_allclose(layer.moving_variance.numpy(), x[mask].var(0), 1e-6)
    kept = y.detach().numpy()[mask]
    np.testing.assert_allclose(kept.mean(0), 0.0, atol=1e-6)


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ArgumentError, match="several devices"):
        BatchNormalization(synchronized=True)
    with pytest.raises(ArgumentError, match="momentum"):
        BatchNormalization(momentum=1.5)
