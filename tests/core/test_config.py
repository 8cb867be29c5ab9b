"""The defaults of a process: read when a layer is made, and kept by it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import wubu
from wubu import backend, config, layers, losses
from wubu.errors import ArgumentError


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    config.set_floatx("float32")
    config.set_epsilon(1e-7)
    config.set_image_data_format("channels_last")


def test_layers_inputs_and_models_take_the_default_type() -> None:
    config.set_floatx("float64")
    model = wubu.Sequential([layers.Input((3,)), layers.Dense(2)])
    assert config.floatx() == backend.floatx() == "float64"
    assert model.layers[0].kernel.dtype == np.float64
    assert model.input.dtype == np.float64
    config.set_floatx("float32")
    assert model(np.ones((1, 3))).dtype == np.float64
    assert layers.Dense(2).dtype == np.float32


def test_a_layer_keeps_the_data_format_it_was_made_with() -> None:
    config.set_image_data_format("channels_first")
    pool = layers.MaxPooling2D()
    assert pool(np.ones((1, 3, 4, 4), "float32")).shape == (1, 3, 2, 2)
    config.set_image_data_format("channels_last")
    twin = layers.MaxPooling2D.from_config(pool.get_config())
    assert twin(np.ones((1, 3, 4, 4), "float32")).shape == (1, 3, 2, 2)
    assert layers.MaxPooling2D()(np.ones((1, 4, 4, 3))).shape == (1, 2, 2, 3)


def test_probabilities_are_clipped_to_epsilon() -> None:
    y, p = np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]])
    for epsilon in (1e-7, 1e-3):
        config.set_epsilon(epsilon)
        loss = losses.CategoricalCrossentropy(dtype="float64")(y, p).item()
        assert loss == pytest.approx(-np.log(epsilon), rel=1e-6)


def test_a_fresh_session_counts_names_from_the_beginning() -> None:
    layers.Dense(2)
    backend.clear_session()
    assert [layers.Dense(2).name for _ in range(2)] == ["dense", "dense_1"]
    wubu.utils.clear_session(free_memory=False)
    assert layers.Dense(2).name == "dense"


@pytest.mark.parametrize("value", ["int32", "complex64", "float23"])
def test_a_type_that_is_not_real_is_refused(value: str) -> None:
    with pytest.raises(wubu.errors.WubuError):
        config.set_floatx(value)
    assert config.floatx() == "float32"


@pytest.mark.parametrize("value", [0, -1.0, 1, "small", True, None])
def test_an_epsilon_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(ArgumentError, match="epsilon"):
        config.set_epsilon(value)  # type: ignore[arg-type]


def test_a_data_format_that_is_none_is_refused() -> None:
    with pytest.raises(ArgumentError, match="channels_last"):
        config.set_image_data_format("channels_middle")
