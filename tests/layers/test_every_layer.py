"""What holds for every layer, checked on one sample of each (or several)."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wubu
from harness.gradients import check_gradients
from layers.harness import (
    assert_results_close,
    fixed_weights,
    places_of,
    run,
    shapes_of,
)
from layers.samples import SAMPLES, Sample
from wubu import layers
from wubu.core import tree
from wubu.errors import ShapeError, UnknownNameError
from wubu.layers.layer import Layer

CLASSES = {
    name: value
    for name, value in vars(layers).items()
    if inspect.isclass(value)
    and issubclass(value, Layer)
    and value.call is not Layer.call  # what has none is a base
}

# They are called on data, before a model: test_words.py has what holds for them.
LAYERS_ON_STRINGS = {"StringLookup", "TextVectorization"}

# What comes out is integers, or how often they occur: it does not change by degrees.
WITHOUT_DERIVATIVES = {
    "CategoryEncoding",
    "Discretization",
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
}

every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=str)


def built(sample: Sample, **options: Any) -> Layer:
    """The sample's layer with weights that are neither 0 nor 1."""
    layer = sample.make(**options)
    layer.ensure_built(shapes_of(sample.inputs()))
    fixed_weights(layer)
    return layer


def shapes(outputs: Any) -> list[Any]:
    return [y.shape for y in tree.flatten(outputs)[0]]


def test_every_public_layer_has_a_sample() -> None:
    with_sample = {s.name for s in SAMPLES}
    assert {cls.__name__ for cls in CLASSES.values()} - LAYERS_ON_STRINGS == with_sample


@every_sample
def test_shapes_told_are_shapes_computed(sample: Sample) -> None:
    layer = sample.make()
    outputs = layer(sample.inputs("float32"))
    told = layer(sample.symbols(sample.shapes))
    assert shapes(told) == shapes(outputs)
    given = list(sample.shapes) if sample.takes_list else sample.shapes[0]
    computed = layer.compute_output_shape(given)
    assert (
        tree.flatten(computed)[0]
        == tree.flatten(tree.map_structure(lambda y: y.shape, outputs))[0]
    )


@every_sample
def test_an_open_batch_stays_open(sample: Sample) -> None:
    outputs = tree.flatten(sample.make()(sample.symbols()))[0]
    real = tree.flatten(sample.make()(sample.inputs("float32")))[0]
    assert [y.shape for y in outputs] == [(None, *y.shape[1:]) for y in real]
    assert [y.dtype for y in outputs] == [y.dtype for y in real]


@every_sample
def test_a_description_makes_the_same_layer(sample: Sample) -> None:
    layer = built(sample)
    written = json.loads(json.dumps(layers.serialize(layer)))
    twin = layers.deserialize(written)
    assert type(twin) is type(layer)
    assert layers.serialize(twin) == layers.serialize(layer)
    inputs = sample.inputs("float32")
    twin.ensure_built(shapes_of(inputs))
    twin.set_weights(layer.get_weights())
    found = tree.flatten(twin(inputs, training=False))[0]
    wanted = tree.flatten(layer(inputs, training=False))[0]
    for a, b in zip(wanted, found, strict=True):
        np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())


@every_sample
@pytest.mark.parametrize("training", [False, True])
def test_compiled_is_eager(sample: Sample, training: bool) -> None:
    layer = built(sample, dtype="float64")
    restore = _restorer(layer)
    wanted = run(layer, sample.inputs(), training=training)
    restore()
    found = run(layer, sample.inputs(), training=training, transform=wubu.jit)
    assert_results_close(found, wanted, 1e-12)


@pytest.mark.parametrize(
    "sample", [s for s in SAMPLES if s.name not in WITHOUT_DERIVATIVES], ids=str
)
@pytest.mark.parametrize("training", [False, True])
def test_gradients_agree_with_differences(sample: Sample, training: bool) -> None:
    layer = built(sample, dtype="float64")
    restore = _restorer(layer)
    inputs = sample.inputs()
    given = inputs if sample.takes_list else [inputs]
    weights = layer.trainable_weights
    places = places_of(layer)

    def function(*arguments: Any) -> Any:
        restore()  # the same masks every time
        parts = list(arguments[: len(given)])
        for variable, value in zip(weights, arguments[len(given) :], strict=True):
            setattr(*places[id(variable)], value)
        outputs = layer(parts if sample.takes_list else parts[0], training=training)
        return tree.flatten(outputs)[0]

    check_gradients(function, [*given, *(v.numpy() for v in weights)], orders=1)


def _restorer(layer: Layer) -> Callable[[], None]:
    """A function that gives every variable of the layer its present value again."""
    before = [(v, v.numpy().copy()) for v in layer.variables]

    def restore() -> None:
        for variable, value in before:
            variable.assign(value)

    return restore


@every_sample
def test_a_frozen_layer_has_nothing_to_train(sample: Sample) -> None:
    for layer in (built(sample, trainable=False), _frozen_later(sample)):
        assert not layer.trainable_weights
        assert len(layer.non_trainable_weights) == len(layer.weights)
        outputs = tree.flatten(layer(sample.inputs("float32"), training=True))[0]
        assert not any(y.requires_grad for y in outputs)
        layer.trainable = True
        names = {v.name for v in layer.trainable_weights}
        assert names == {v.name for v in built(sample).trainable_weights}


def _frozen_later(sample: Sample) -> Layer:
    layer = built(sample)
    layer.trainable = False
    return layer


@every_sample
def test_weights_have_paths_of_their_own(sample: Sample) -> None:
    layer = built(sample, name="own")
    if layer.sublayers:
        layer.assign_paths("own")  # as a model does
    paths = [v.path for v in layer.weights]
    assert len(set(paths)) == len(paths)
    for path, variable in zip(paths, layer.weights, strict=True):
        assert path.startswith("own/")
        assert path.endswith(f"/{variable.name}")
        assert layer.sublayers or path == f"own/{variable.name}"


@every_sample
def test_a_misspelt_argument_names_the_nearest(sample: Sample) -> None:
    with pytest.raises(UnknownNameError) as caught:
        sample.make(trainabel=False)
    assert caught.value.fix == 'did you mean "trainable"?'
    assert f"argument of {sample.name}" in caught.value.what


@every_sample
def test_float32_and_float64_agree(sample: Sample) -> None:
    x, rest = sample.inputs, {"training": False}  # random bits depend on the dtype
    single = run(built(sample), x("float32"), **rest)
    double = run(built(sample, dtype="float64"), x("float64"), **rest)
    assert all(y.dtype == np.float32 for y in single.outputs)
    assert_results_close(single, double, 1e-4)


SOME_NDIM = [s for s in SAMPLES if not s.label and s.make().input_ndim is not None]


@pytest.mark.parametrize("sample", SOME_NDIM, ids=str)
@pytest.mark.parametrize("symbolic", [False, True])
def test_wrong_axes_are_named_with_the_layer(sample: Sample, symbolic: bool) -> None:
    layer = sample.make(name="odd")
    wanted = layer.input_ndim
    shape = (2,) * ((wanted if isinstance(wanted, int) else wanted[0]) - 1)
    given = layers.Input(batch_shape=shape) if symbolic else np.zeros(shape, "float32")
    with pytest.raises(ShapeError) as caught:
        layer(given)
    assert caught.value.what.startswith(
        f'layer "odd" ({sample.name}) cannot take this input'
    )
    assert str(shape) in str(caught.value.got)
    assert caught.value.expected
    assert not layer.built


BUILT_FOR_A_LENGTH = [s for s in SAMPLES if not s.label and built(s).input_axes]


@pytest.mark.parametrize("sample", BUILT_FOR_A_LENGTH, ids=str)
@pytest.mark.parametrize("symbolic", [False, True])
def test_another_length_than_built_for_is_named(sample: Sample, symbolic: bool) -> None:
    layer = built(sample, name="head")
    (axis,) = layer.input_axes or {}
    shape = list(sample.shapes[0])
    length = shape[axis]
    shape[axis] = length + 3
    given = layers.Input(batch_shape=tuple(shape)) if symbolic else np.ones(shape)
    with pytest.raises(ShapeError) as caught:
        layer(given)
    assert f'layer "head" ({sample.name}) cannot take this input' in caught.value.what
    assert str(length) in str(caught.value.expected)
    assert str(tuple(shape)) in str(caught.value.got)


@pytest.mark.parametrize("sample", BUILT_FOR_A_LENGTH, ids=str)
def test_a_length_weights_depend_on_has_to_be_known(sample: Sample) -> None:
    (axis,) = built(sample).input_axes or {}
    shape: list[Any] = list(sample.shapes[0])
    shape[axis] = None
    with pytest.raises(ShapeError, match="has to be known"):
        sample.make()(layers.Input(batch_shape=tuple(shape)))


def test_names_are_counted_by_class() -> None:
    first, second = layers.Conv2D(1, 1), layers.Conv2D(1, 1)
    assert first.name.startswith("conv2d")
    assert first.name != second.name
