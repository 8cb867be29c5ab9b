"""Regularizers: Keras' numbers and derivatives, names, files."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest

import wubu
from reference.load import Case, cases, signatures
from wubu import regularizers
from wubu.errors import ArgumentError, UnknownNameError

NAMES = ["L1", "L2", "L1L2"]


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
    with pytest.raises(UnknownNameError, match="l3"):
        regularizers.get("l3")
