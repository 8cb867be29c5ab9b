"""Regularizers: Keras' numbers and derivatives, names, files."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest

import wubu
from executors.native.compare import ALL, compare
from reference.load import Case, cases, signatures
from wubu import regularizers
from wubu.errors import ArgumentError, ShapeError, UnknownNameError
from wubu.saving import register

NAMES = ["L1", "L2", "L1L2", "OrthogonalRegularizer"]


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
@pytest.mark.parametrize("case", cases("regularizer"), ids=str)
def test_values_and_derivatives_are_keras(case: Case, compiled: bool) -> None:
    penalty = getattr(regularizers, case.name)(**case.arguments)

    def both(x: Any) -> tuple[Any, Any]:
        return penalty(x), wubu.grad(penalty)(x)

    function = wubu.jit(both) if compiled else both
    value, gradient = function(wubu.tensor(case.inputs["x"]))
    np.testing.assert_allclose(value.numpy(), case.outputs["0"], rtol=1e-12)
    if case.cotangents:
        wanted = case.input_gradients["x"] / case.cotangents["0"]
        np.testing.assert_allclose(gradient.numpy(), wanted, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_keras(name: str) -> None:
    wanted = [(p["name"], p["default"]) for p in signatures()[f"regularizers.{name}"]]
    made = inspect.signature(getattr(regularizers, name).__init__).parameters.values()
    assert [(p.name, p.default) for p in list(made)[1:]] == wanted


@pytest.mark.parametrize("name", NAMES)
def test_each_goes_into_a_file_and_back(name: str) -> None:
    made = getattr(regularizers, name)(0.25)
    twin = regularizers.deserialize(
        json.loads(json.dumps(regularizers.serialize(made)))
    )
    assert type(twin) is type(made)
    assert twin.get_config() == made.get_config()


def test_get_takes_every_spelling() -> None:
    cls = regularizers.OrthogonalRegularizer
    for spelling in ("orthogonal_regularizer", "OrthogonalRegularizer", cls):
        assert type(regularizers.get(spelling)) is cls
    assert regularizers.get({"class_name": "L2", "config": {"l2": 0.5}}).l2 == 0.5
    for spelling in ("l1_l2", "L1L2", regularizers.L1L2):
        assert type(regularizers.get(spelling)) is regularizers.L1L2
    made = regularizers.L2(0.5)
    assert regularizers.get(made) is made
    assert regularizers.get(None) is None
    assert regularizers.get(abs) is abs


def test_wrong_factors_and_names_are_refused() -> None:
    for value in (-1.0, float("nan"), "much", True):
        with pytest.raises(ArgumentError, match="weight of a penalty"):
            regularizers.L2(value)
    with pytest.raises(ArgumentError, match="rows or columns"):
        regularizers.OrthogonalRegularizer(mode="diagonal")
    with pytest.raises(ShapeError, match="of a matrix"):
        regularizers.OrthogonalRegularizer()(np.ones((2, 3, 4)))
    with pytest.raises(UnknownNameError, match="l3"):
        regularizers.get("l3")


@pytest.mark.parametrize("name", NAMES)
def test_machine_code_gives_the_numbers_of_numpy(name: str) -> None:
    penalty = getattr(regularizers, name)()

    def both(x: Any) -> tuple[Any, Any]:
        return penalty(x), wubu.grad(penalty)(x)

    x = np.random.default_rng(0).standard_normal((19, 5)).astype("float32")
    compare(both, x, machines=ALL[-1:])


def test_rows_become_orthogonal() -> None:
    layer = wubu.layers.Dense(
        3, kernel_regularizer=regularizers.OrthogonalRegularizer(1.0, "columns")
    )
    model = wubu.Sequential([wubu.layers.Input((4,)), layer])
    model.compile(wubu.optimizers.SGD(0.01), "mse")
    x = np.zeros((4, 4), "float32")
    model.fit(x, np.zeros((4, 3)), epochs=300, verbose=0)
    kernel = layer.kernel.numpy() / np.linalg.norm(layer.kernel.numpy(), axis=0)
    np.testing.assert_allclose(kernel.T @ kernel, np.eye(3), atol=0.02)


def test_functions_of_ones_own_go_into_model_files(tmp_path: Any) -> None:
    @register("tests")
    def cubes(x: Any) -> Any:
        return abs(x * x * x).sum()

    model = wubu.Sequential(
        [wubu.layers.Input((2,)), wubu.layers.Dense(1, kernel_regularizer=cubes)]
    )
    model.set_weights([[[1.0], [-2.0]], [0.0]])
    model.save(tmp_path / "model.wubu")
    loaded = wubu.load_model(tmp_path / "model.wubu")
    assert loaded.layers[-1].kernel_regularizer is cubes
    assert [loss.item() for loss in loaded.losses] == [9.0]
