"""What cannot be an input, a shape or a layer is refused with a reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wubu import Model, Sequential, layers
from wubu.errors import ArgumentError, DTypeError, ShapeError, StateError, WubuError
from wubu.layers import Dense, Input, Layer


@pytest.mark.parametrize("shape", [(-1,), "a", (2.0,), (0,), (True,), ("3",), 3])
def test_shapes_an_input_cannot_have(shape: Any) -> None:
    with pytest.raises(ArgumentError, match="shape of an Input is a tuple"):
        Input(shape)
    with pytest.raises(ArgumentError):
        Input(batch_shape=shape)


def test_shapes_an_input_may_have() -> None:
    assert Input([None, np.int64(3)]).shape == (None, None, 3)
    assert Input(()).shape == (None,)


def test_two_inputs_of_one_name() -> None:
    a, b = Input((2,), name="same"), Input((2,), name="same")
    with pytest.raises(ArgumentError, match='two inputs are named "same"'):
        Model([a, b], layers.Add()([a, b]))


def test_lengths_that_are_open_stay_out_of_errors() -> None:
    layer = Dense(2)
    layer.build((None, 3))
    layer.built = True
    with pytest.raises(ShapeError) as caught:
        layer(Input((5,)))
    assert "(batch, 5)" in str(caught.value) and "64" not in str(caught.value)

    class Joined(Layer):
        def call(self, inputs: Any) -> Any:
            return inputs @ np.ones((3, 2))

    with pytest.raises(ShapeError) as caught:
        Joined()(Input((None, 64, 5)))
    assert "(batch, any, 64, 5)" in str(caught.value)
    assert "360" not in str(caught.value)


@pytest.mark.parametrize("wrong", [None, "abc"])
@pytest.mark.parametrize("make", [lambda: Dense(2), layers.Flatten, layers.ReLU])
def test_inputs_that_are_no_tensors(make: Any, wrong: Any) -> None:
    with pytest.raises(DTypeError, match="its input is no tensor") as caught:
        make()(wrong)
    assert caught.value.got == repr(wrong)


def test_one_input_in_a_list() -> None:
    with pytest.raises(ShapeError, match="takes one input") as caught:
        Dense(2)([np.ones((2, 3))])
    assert "inputs[0]" in str(caught.value.fix)


def test_shapes_may_be_lists() -> None:
    for shape in ([None, 3], (None, 3)):
        model = Sequential([Dense(2)])
        model.build(shape)
        assert model.output_shape == (None, 2)
        assert Dense(2).compute_output_shape(shape) == (None, 2)
    both = layers.Concatenate().compute_output_shape([[None, 2], [None, 3]])
    assert both == (None, 5)


@pytest.mark.parametrize("wrong", [None, "abc", 3, (2.0, 3), [None, "a"], {}])
def test_what_is_no_shape(wrong: Any) -> None:
    for use in (Sequential([Dense(2)]).build, Dense(2).compute_output_shape):
        with pytest.raises(ArgumentError, match="this is no shape"):
            use(wrong)


def test_a_class_that_forgets_its_base() -> None:
    class Forgets(Layer):
        def __init__(self) -> None:
            self.inner = Dense(2)

    class Adds(Layer):
        def __init__(self) -> None:
            self.kernel = self.add_weight((2,))

    class Network(Model):
        def __init__(self) -> None:
            self.inner = Dense(2)

    for kind in (Forgets, Adds, Network):
        with pytest.raises(StateError, match=r"does not call super\(\).__init__\(\)"):
            kind()


def test_attributes_that_are_not_there() -> None:
    assert not hasattr(Dense(2), "kernal")
    with pytest.raises(AttributeError, match="no attribute 'kernal'"):
        _ = Dense(2).kernal


@pytest.mark.parametrize("layer", [Dense(1), Input((3,)), "dense"])
def test_layers_of_a_chain_are_a_list(layer: Any) -> None:
    with pytest.raises(ArgumentError, match="are a list") as caught:
        Sequential(layer)
    assert "Sequential([" in str(caught.value.fix)


@pytest.mark.parametrize("shape", ["k", 3, (2.5,), (-1,), None])
def test_shapes_a_weight_cannot_have(shape: Any) -> None:
    with pytest.raises(ArgumentError, match="shape of a weight") as caught:
        Layer().add_weight(shape, (2,))
    if shape == "k":
        assert "shape comes first" in str(caught.value.fix)


def test_a_wrong_shape_is_said_once() -> None:
    model = Sequential([Input((4,)), Dense(1)], name="m")
    with pytest.raises(WubuError) as caught:
        model(np.zeros((2, 3)))
    assert str(caught.value).count('"m"') == 1


def test_a_layer_that_was_built_is_not_built_again() -> None:
    layer = Dense(2)
    layer.build((None, 3))
    kernel = layer.kernel
    assert layer.built
    layer(np.ones((1, 3)))
    assert layer.kernel is kernel
