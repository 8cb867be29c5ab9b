"""Arguments that make no sense are refused where the layer is made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from wubu import layers
from wubu.errors import ArgumentError, ShapeError, UnknownNameError, WubuError


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "text"),
    [
        ("Dense", {"units": 0}, ArgumentError, "units is a positive integer"),
        ("Dense", {"units": "ten"}, ArgumentError, "'ten'"),
        ("Dense", {"units": 2.5}, ArgumentError, "2.5"),
        ("Dense", {"units": True}, ArgumentError, "True"),
        ("Dense", {"units": 2, "activation": "rleu"}, UnknownNameError, '"relu"'),
        ("Dense", {"units": 2, "kernel_initializer": "glorot"}, UnknownNameError, ""),
        ("Dense", {"units": 2, "bias_regularizer": "l3"}, UnknownNameError, ""),
        ("Dense", {"units": 2, "name": "a/b"}, ArgumentError, "a name"),
        ("Conv2D", {"filters": 0, "kernel_size": 3}, ArgumentError, "filters"),
        (
            "Conv2D",
            {"filters": 2, "kernel_size": (3, 3, 3)},
            ArgumentError,
            "2 of them",
        ),
        ("Conv2D", {"filters": 2, "kernel_size": 3, "strides": 0}, ArgumentError, ""),
        (
            "Conv2D",
            {"filters": 2, "kernel_size": 3, "padding": "full"},
            ArgumentError,
            '"valid" or "same"',
        ),
        (
            "Conv2D",
            {"filters": 3, "kernel_size": 3, "groups": 2},
            ArgumentError,
            "a divisor of 3",
        ),
        (
            "Conv2D",
            {"filters": 3, "kernel_size": 3, "data_format": "NCHW"},
            ArgumentError,
            "channels_first",
        ),
        ("MaxPooling2D", {"pool_size": 0}, ArgumentError, "pool_size"),
        ("AveragePooling2D", {"strides": (1, 2, 3)}, ArgumentError, "strides"),
        ("Reshape", {"target_shape": (-1, -1)}, ArgumentError, "one may be -1"),
        ("Reshape", {"target_shape": (None, 2)}, ArgumentError, "one may be -1"),
        ("Rescaling", {"scale": "small"}, ArgumentError, "scale is a number"),
        ("LSTM", {"units": 0}, ArgumentError, "units"),
    ],
)
def test_wrong_arguments(
    name: str, arguments: dict[str, Any], kind: type[WubuError], text: str
) -> None:
    with pytest.raises(kind) as caught:
        getattr(layers, name)(**arguments)
    assert text in str(caught.value)


def test_whole_floats_count() -> None:
    assert layers.Dense(128 / 2).units == 64


def test_the_case_of_words_does_not_matter() -> None:
    assert layers.Conv2D(1, 3, padding="SAME").padding == "same"


@pytest.mark.parametrize("kind", [layers.MaxPooling2D, layers.AveragePooling2D])
def test_a_window_larger_than_the_image_is_explained(kind: Any) -> None:
    with pytest.raises(ShapeError, match="larger than the input") as caught:
        kind(5)(np.ones((1, 4, 4, 1)))
    assert 'padding="same"' in str(caught.value.fix)
    assert kind(5, padding="same")(np.ones((1, 4, 4, 1))).shape == (1, 1, 1, 1)


def test_groups_divide_the_channels() -> None:
    with pytest.raises(ArgumentError, match="groups divide the channels") as caught:
        layers.Conv2D(4, 3, groups=2)(np.ones((1, 5, 5, 3)))
    assert caught.value.expected == "a divisor of 3"


def test_a_target_of_another_size_is_explained() -> None:
    layer = layers.Reshape((3, 5))
    for given in (np.ones((2, 14)), layers.Input((14,))):
        with pytest.raises(ShapeError) as caught:
            layer(given)
        assert caught.value.expected == "14, as in (batch, 14)"


def test_names_of_pooling_are_also_the_short_ones() -> None:
    assert layers.MaxPool2D is layers.MaxPooling2D
    assert layers.AvgPool2D is layers.AveragePooling2D
    assert layers.GlobalAvgPool2D is layers.GlobalAveragePooling2D


def test_old_spellings_are_taken_with_a_note(capsys: pytest.CaptureFixture) -> None:
    layer = layers.Embedding(5, 3, input_length=4)
    assert layer.input_shape_hint == (4,)
    captured = capsys.readouterr()
    assert "Input((4,)) in front" in captured.out + captured.err


def test_rescaling_of_images_by_channel() -> None:
    layer = layers.Rescaling(1 / 255, offset=[-0.5, -0.4, -0.3])
    y = layer(np.full((1, 2, 2, 3), 255, "uint8"))
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.numpy()[0, 0, 0], [0.5, 0.6, 0.7], 1e-6)


def test_open_sizes_of_images_stay_open() -> None:
    image = layers.Input((None, None, 3))
    assert layers.Conv2D(2, 3)(image).shape == (None, None, None, 2)
    assert layers.Conv2D(2, 3, padding="same")(image).shape == (None, None, None, 2)
    assert layers.MaxPooling2D()(image).shape == (None, None, None, 3)
    assert layers.GlobalAveragePooling2D()(image).shape == (None, 3)
    assert layers.Flatten()(image).shape == (None, None)
    assert layers.Reshape((-1, 3))(image).shape == (None, None, 3)


def test_empty_batches_have_empty_results() -> None:
    empty = wubu.zeros((0, 6, 4))
    assert layers.Dense(2)(empty).shape == (0, 6, 2)
    assert layers.LSTM(2)(empty).shape == (0, 2)
    assert layers.Reshape((-1, 2))(empty).shape == (0, 12, 2)
    assert layers.Flatten()(empty).shape == (0, 24)
