"""Functions called on symbols become layers, and are saved by name."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wubu import Model, activations, layers, ops
from wubu.core import configurable
from wubu.errors import FileFormatError, ShapeError, UnknownNameError
from wubu.layers.operation import Operation
from wubu.saving import load_model

X = np.random.default_rng(0).normal(size=(5, 3, 4)).astype("float32")

FUNCTIONS: list[Callable[[Any], Any]] = [
    lambda x: ops.relu(x),
    lambda x: ops.mean(x, axis=1),
    lambda x: ops.mean(x=x, axis=-1, keepdims=True),
    lambda x: ops.concatenate([x, x * 2], axis=1),
    lambda x: ops.stack([x, ops.zeros_like(x)], axis=-1),
    lambda x: ops.where(x > 0, x, 0.5),
    lambda x: ops.where(ops.greater(x, 0), 0.0, x),
    lambda x: ops.maximum(0.25, x),
    lambda x: ops.einsum("btf,bsf->bts", x, x),
    lambda x: ops.split(x, 2, axis=2)[1],
    lambda x: ops.matmul(x, np.eye(4, dtype="float32")),
    lambda x: ops.reshape(x, (-1, 12)),
    lambda x: ops.cast(x, "int32"),
    lambda x: ops.moments(x, axes=[1])[1],
    lambda x: ops.softmax(x, axis=1),
    lambda x: activations.relu(x),
    lambda x: activations.glu(x, axis=-1),
    lambda x: activations.get("leaky_relu")(x, negative_slope=0.1),
    lambda x: x.reshape((-1, 12)),
    lambda x: x.reshape(-1, 12),
    lambda x: x.mean(axis=1),
    lambda x: x.astype("int32"),
    lambda x: x.transpose(1, 2),
    lambda x: abs(x),
    lambda x: ~((x > 0) & (x < 1)),
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_of_symbols_is_that_of_values(function: Any, tmp_path: Path) -> None:
    x = layers.Input((3, 4))
    model = Model(x, function(x))
    wanted = function(ops.convert_to_tensor(X)).numpy()
    assert model.output_shape == (None, *wanted.shape[1:])
    assert model.output.dtype == wanted.dtype
    np.testing.assert_allclose(model(X).numpy(), wanted, rtol=1e-6)
    model.save(tmp_path / "model.wubu")
    np.testing.assert_allclose(
        load_model(tmp_path / "model.wubu")(X).numpy(), wanted, rtol=1e-6
    )


def test_it_is_described_by_its_name() -> None:
    layer = ops.mean(layers.Input((3, 4)), axis=1).call.layer
    described = json.loads(json.dumps(configurable.serialize(layer)))
    assert described["config"]["function"] == "ops>mean"
    assert described["config"]["keywords"] == {"dict": [["axis", 1]]}
    copy = configurable.deserialize(described)
    np.testing.assert_array_equal(copy(X).numpy(), X.mean(1))


def test_an_error_is_that_of_the_function() -> None:
    with pytest.raises(ShapeError, match="cannot take this input"):
        ops.concatenate([layers.Input((3, 4)), layers.Input((3,))], axis=1)
    with pytest.raises(AttributeError, match="no 'item'"):
        layers.Input((3,)).item()


def test_functions_stay_what_they_were() -> None:
    for function in (ops.relu, ops.add, activations.relu, activations.swish):
        assert pickle.loads(pickle.dumps(function)) is function
    assert activations.get("relu") is activations.relu
    assert configurable.registered_name(activations.relu) == "activations>relu"
    with pytest.raises(TypeError):
        ops.mean()


def test_unknown_functions() -> None:
    for name in ("maen", "os>system", "Tensor>backward", "activations>get", "ops>_x"):
        with pytest.raises(UnknownNameError):
            Operation(name)


def test_the_mask_goes_where_places_stay() -> None:
    x = layers.Input((6,), dtype="int32")
    words = layers.Embedding(10, 4, mask_zero=True)(x)
    kept = Model(x, layers.LSTM(3)(ops.tanh(words)))
    model = Model(x, ops.mean(words, axis=1))
    numbers = np.array([[1, 2, 0, 0, 0, 0]])
    assert model(numbers).shape == (1, 4)
    lstm = kept.layers[-1]
    short = lstm(ops.tanh(kept.layers[0](numbers[:, :2])))
    np.testing.assert_allclose(kept(numbers).numpy(), short.numpy(), rtol=1e-6)


def test_a_file_cannot_ask_for_large_arrays_by_keywords(tmp_path: Path) -> None:
    x = layers.Input((1,))
    model = Model(x, ops.tile(x, repeats=[1, 2]))
    config = configurable.serialize(model)
    text = json.dumps(config).replace("[1, 2]", "[1, 1000000000]")
    from wubu.saving.vetting import vet

    rest = {"input": None, "layers": [], "fixed": [], "compile": None}
    with pytest.raises(FileFormatError, match="too large to be real"):
        vet({"model": json.loads(text), **rest})
