"""Activations: Keras' numbers and derivatives, names, files."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable

import numpy as np
import pytest

import wubu
from reference.load import Case, cases, signatures
from wubu import activations
from wubu.errors import ArgumentError, ShapeError, UnknownNameError

NAMES = sorted({case.name for case in cases("activation")})

# Keras' sparsemax adds up cumulative sums, and its rows do not sum to 1; ours is tested
# by its definition below.
CASES = [case for case in cases("activation") if case.name != "sparsemax"]


def apply(case: Case, x: wubu.Tensor) -> wubu.Tensor:
    return getattr(activations, case.name)(x, **case.arguments)


def apply_to(case: Case) -> Callable[[wubu.Tensor], wubu.Tensor]:
    return lambda x: apply(case, x)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_values_are_keras(case: Case, compiled: bool) -> None:
    function = wubu.jit(apply_to(case)) if compiled else apply_to(case)
    result = function(wubu.tensor(case.inputs["x"]))
    np.testing.assert_allclose(
        result.numpy(), case.outputs["0"], rtol=1e-9, atol=1e-12, err_msg=str(case)
    )


@pytest.mark.parametrize("case", [c for c in CASES if c.cotangents], ids=str)
def test_derivatives_are_keras(case: Case) -> None:
    x = wubu.tensor(case.inputs["x"], requires_grad=True)
    apply(case, x).backward(wubu.tensor(case.cotangents["0"]))
    np.testing.assert_allclose(
        x.grad.numpy(), case.input_gradients["x"], rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_float32_is_float64_within_rounding(case: Case) -> None:
    result = apply(case, wubu.tensor(case.inputs["x"], "float32"))
    assert result.dtype == np.float32
    np.testing.assert_allclose(result.numpy(), case.outputs["0"], rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_each_goes_into_a_file_and_back(name: str) -> None:
    function = activations.get(name)
    assert function is getattr(activations, name)
    data = json.loads(json.dumps(activations.serialize(function)))
    assert activations.deserialize(data) is function


KERAS = [name.split(".")[1] for name in signatures() if name.startswith("activations.")]


@pytest.mark.parametrize("name", KERAS)
def test_arguments_are_keras(name: str) -> None:
    wanted = [
        (p["name"], p.get("default")) for p in signatures()[f"activations.{name}"]
    ]
    made = inspect.signature(getattr(activations, name)).parameters.values()
    empty = inspect.Parameter.empty
    assert [(p.name, None if p.default is empty else p.default) for p in made] == wanted


def test_serialized_form_names_room_and_function() -> None:
    assert activations.serialize(activations.relu) == {"function": "activations>relu"}


def test_none_is_linear_and_functions_are_themselves() -> None:
    def mine(x: wubu.Tensor) -> wubu.Tensor:
        return x

    assert activations.get(None) is activations.linear
    assert activations.get(mine) is mine
    assert activations.get("SoftMax") is activations.softmax


def test_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as error:
        activations.get("sofmax")
    assert error.value.fix == 'did you mean "softmax"?'


def test_what_is_no_activation_is_refused() -> None:
    with pytest.raises(ArgumentError, match="cannot be used as activation"):
        activations.get(3)


def test_glu_of_an_odd_axis_is_refused() -> None:
    with pytest.raises(ShapeError, match="halves"):
        activations.glu(wubu.ones((2, 3)))


def test_relu_of_integers_stays_integer() -> None:
    result = activations.relu(np.array([-1, 2]))
    assert result.dtype == np.int64
    assert result.tolist() == [0, 2]


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("glu", "threshold")])
def test_no_nan_in_value_or_derivative(name: str) -> None:
    """Where a careless formula overflows, and at every bend."""
    x = np.array(
        [[-1e30, -1e4, -100, -6, -3, -1, -0.5, 0], [0, 0.5, 1, 3, 6, 1e4, 1, 1]]
    )
    x = wubu.tensor(x, "float32", requires_grad=True)
    y = activations.get(name)(x)
    y.sum().backward()
    if name not in ("exponential", "squareplus"):
        assert np.isfinite(y.numpy()).all()
    assert not np.isnan(y.numpy()).any()
    assert not np.isnan(x.grad.numpy()).any()


def test_sparsemax_is_a_projection() -> None:
    """The nearest point of the simplex, found by bisection on tau in float64."""
    rows = np.random.default_rng(0).normal(size=(20, 7)) * 2
    low, high = rows.min(-1, keepdims=True) - 1, rows.max(-1, keepdims=True)
    for _ in range(100):
        tau = (low + high) / 2
        above = np.maximum(rows - tau, 0).sum(-1, keepdims=True) > 1
        low, high = np.where(above, tau, low), np.where(above, high, tau)
    found = activations.sparsemax(wubu.tensor(rows)).numpy()
    np.testing.assert_allclose(found, np.maximum(rows - tau, 0), atol=1e-12)
