"""What a layer says of itself."""

from __future__ import annotations

from typing import Any

import numpy as np

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
