"""What a layer says of itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wubu import initializers, layers, regularizers
from wubu.errors import UnknownNameError
from wubu.layers import Dense, Layer


def test_a_description_has_the_name_and_whether_it_is_trained() -> None:
    layer = Dense(2, dtype="float64")
    layer.trainable = False
    config = layer.get_config()
    assert config["name"] == layer.name
    assert config["trainable"] is False and config["dtype"] == "float64"
    copy = Dense.from_config(config)
    assert copy.name == layer.name
    assert copy.trainable is False and copy.dtype == np.float64


def test_a_class_without_a_name_is_described_without() -> None:
    class Plain(Layer):
        def __init__(self, factor: float = 2.0) -> None:
            super().__init__()
            self.factor = factor

    assert Plain(3.0).get_config() == {"factor": 3.0}
    assert Plain.from_config(Plain(3.0).get_config()).factor == 3.0


def test_layers_inside_are_frozen_with_it() -> None:
    class Outer(Layer):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.inner = Dense(2)

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs)

    layer = Outer()
    layer.trainable = False
    assert Outer.from_config(layer.get_config()).inner.trainable is False


def test_options_of_weights_are_attributes() -> None:
    layer = Dense(2, kernel_regularizer="l2", bias_initializer="ones")
    assert isinstance(layer.kernel_regularizer, regularizers.L2)
    assert isinstance(layer.bias_initializer, initializers.Ones)
    assert layer.kernel_constraint is None
    layer.kernel_initializer = "zeros"
    assert not layer(np.ones((1, 3)))[0, 0].item() - 1
    layer.kernel_regularizer = None
    assert layer.losses == []
    layer.kernel_regularizer = regularizers.L1(1.0)
    assert [loss.item() for loss in layer.losses] == [0.0]
    with pytest.raises(UnknownNameError):
        layer.kernel_initializer = "zeroes"


@pytest.mark.parametrize(
    "layer",
    [
        layers.BatchNormalization(),
        layers.LSTM(2),
        layers.Conv2D(2, 3),
        layers.Embedding(3, 2),
        layers.LayerNormalization(),
    ],
)
def test_every_option_of_a_weight_is_an_attribute(layer: Any) -> None:
    for name in layer.get_config():
        if name.endswith(("_initializer", "_regularizer", "_constraint")):
            assert hasattr(layer, name), name


def test_trained_or_not_is_a_truth_value() -> None:
    with pytest.raises(ValueError, match="trainable is True or False"):
        Dense(2, trainable="no")


def test_functional_forms() -> None:
    a, b = layers.Input((2,)), layers.Input((2,))
    assert layers.concatenate([a, b]).shape == (None, 4)
    assert layers.add([a, b]).shape == (None, 2)
    assert layers.InputLayer((3,), name="x").name == "x"
