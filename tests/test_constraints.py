"""Constraints: Keras' numbers, names, files, and that they hold after every update."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest

import wubu
from executors.native.compare import ALL, compare
from reference.load import Case, cases, signatures
from wubu import constraints, layers, optimizers
from wubu.errors import ArgumentError, UnknownNameError

NAMES = ["MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"]


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
@pytest.mark.parametrize("case", cases("constraint"), ids=str)
def test_values_are_keras(case: Case, compiled: bool) -> None:
    constraint = getattr(constraints, case.name)(**case.arguments)
    function = wubu.jit(constraint) if compiled else constraint
    for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-6)):
        found = function(wubu.tensor(case.inputs["w"], dtype))
        assert found.dtype == dtype
        np.testing.assert_allclose(found.numpy(), case.outputs["0"], rtol=tolerance)


@pytest.mark.parametrize("name", NAMES)
def test_machine_code_gives_the_numbers_of_numpy(name: str) -> None:
    w = np.random.default_rng(0).standard_normal((19, 5)).astype("float32")
    compare(getattr(constraints, name)(), w, machines=ALL[-1:])


@pytest.mark.parametrize("name", [n for n in NAMES if n != "NonNeg"])  # takes none
def test_arguments_are_keras(name: str) -> None:
    wanted = [(p["name"], p["default"]) for p in signatures()[f"constraints.{name}"]]
    made = inspect.signature(getattr(constraints, name)).parameters.values()
    assert [(p.name, p.default) for p in made] == wanted


@pytest.mark.parametrize("name", NAMES)
def test_get_takes_every_spelling_and_files_hold_each(name: str) -> None:
    cls = getattr(constraints, name)
    made = cls() if name == "NonNeg" else cls(axis=(0, 1))
    data = json.loads(json.dumps(constraints.serialize(made)))
    twin = constraints.deserialize(data)
    assert type(twin) is cls
    assert twin.get_config() == made.get_config()
    short = {"NonNeg": "non_neg", "MinMaxNorm": "min_max_norm"}
    snake = short.get(name, name.replace("Norm", "_norm").lower())
    assert getattr(constraints, snake) is cls
    for spelling in (name, snake, cls, {"class_name": name, "config": {}}):
        assert type(constraints.get(spelling)) is cls
    assert constraints.get(made) is made


def test_none_and_functions_are_themselves() -> None:
    assert constraints.get(None) is None
    assert constraints.get(abs) is abs


def test_what_is_no_constraint_is_refused() -> None:
    with pytest.raises(UnknownNameError) as error:
        layers.Dense(3, kernel_constraint="max_nrom")
    assert error.value.fix == 'did you mean "MaxNorm"?'
    with pytest.raises(ArgumentError, match="0 or above"):
        constraints.MaxNorm(-1.0)
    with pytest.raises(ArgumentError, match="between bounds"):
        constraints.MinMaxNorm(2.0, 1.0)
    with pytest.raises(ArgumentError, match="between bounds"):
        constraints.MinMaxNorm(rate=1.5)
    with pytest.raises(ArgumentError, match="cannot be used as constraint"):
        constraints.get(3)


# -- in layers ------------------------------------------------------------------------


def network(kernel: Any = "unit_norm", bias: Any = "non_neg") -> Any:
    wubu.set_random_seed(0)
    return wubu.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(3, kernel_constraint=kernel, bias_constraint=bias),
        ]
    )


X = np.random.default_rng(0).standard_normal((8, 4)).astype("float32")
Y = np.random.default_rng(1).standard_normal((8, 3)).astype("float32")


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("rule", ["sgd", "adam"])
def test_constraints_hold_after_every_step(rule: str, eagerly: bool) -> None:
    """A step with constraints is one without, and then the constraints."""
    model, free = network(constraints.MaxNorm(0.5)), network(None, None)
    for each in (model, free):
        each.compile(optimizers.get(rule), "mse", run_eagerly=eagerly)
        each.fit(X, Y, batch_size=8, verbose=0)
    kernel, bias = free.get_weights()
    found = model.get_weights()
    lengths = np.linalg.norm(kernel, axis=0)
    assert (lengths > 0.5).any()
    assert (bias < 0).any()
    wanted = kernel * np.minimum(lengths, 0.5) / lengths
    np.testing.assert_allclose(found[0], wanted, rtol=1e-5)
    np.testing.assert_allclose(found[1], np.maximum(bias, 0), rtol=1e-6)
    model.fit(X, Y, batch_size=2, epochs=2, verbose=0)
    kernel, bias = model.get_weights()
    assert (np.linalg.norm(kernel, axis=0) < 0.5 + 1e-6).all()
    assert (bias >= 0).all()


def test_constraints_go_into_model_files(tmp_path: Any) -> None:
    model = network(constraints.MinMaxNorm(0.25, 0.75, axis=1))
    model.compile("sgd", "mse")
    model.save(tmp_path / "model.wubu")
    loaded = wubu.load_model(tmp_path / "model.wubu")
    layer = loaded.layers[-1]
    assert layer.kernel_constraint.get_config() == {
        "min_value": 0.25,
        "max_value": 0.75,
        "rate": 1.0,
        "axis": 1,
    }
    assert isinstance(layer.bias.constraint, constraints.NonNeg)
    for each in (model, loaded):
        each.fit(X, Y, batch_size=4, verbose=0)
    for a, b in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
