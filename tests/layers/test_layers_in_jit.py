"""Layers inside compiled functions: what a trace must notice and must not keep."""

from __future__ import annotations

import inspect

import numpy as np

import wubu
from wubu import layers


class Penalised(layers.Layer):
    def call(self, x: wubu.Tensor) -> wubu.Tensor:
        self.add_loss((x * x).sum())
        return x


def test_a_layer_that_adds_a_loss_can_be_compiled() -> None:
    layer = Penalised()
    double = wubu.jit(lambda x: layer(x) * 2)
    np.testing.assert_array_equal(double(wubu.ones(3)).numpy(), [2, 2, 2])
    assert layer.losses == []


def test_freezing_a_layer_without_weights_is_noticed_by_a_compiled_function() -> None:
    layer = layers.BatchNormalization(center=False, scale=False)
    x = np.array([[1.0, 2.0], [3.0, 5.0]], "float32")
    normalize = wubu.jit(lambda x: layer(x, training=True))
    by_batch = normalize(x).numpy()
    np.testing.assert_allclose(by_batch.mean(0), 0, atol=1e-6)
    layer.trainable = False
    # Frozen, it uses the moving statistics, which are still near mean 0, variance 1.
    np.testing.assert_allclose(normalize(x).numpy(), x, rtol=0.1)


def test_help_shows_the_arguments_of_a_layer() -> None:
    names = list(inspect.signature(layers.Dense).parameters)
    assert names[:2] == ["units", "activation"]
