"""The operation that makes NaN is found: by `debug_nans`, and back from a check."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import Variable, layers, ops
from wubu.core.origin import origin
from wubu.errors import NotFiniteError

X = np.array([[1.0, -2.0], [3.0, 4.0]], np.float32)


# -- debug_nans -----------------------------------------------------------------------


@pytest.mark.parametrize("compiled", [False, True])
def test_the_first_operation_that_makes_nan_is_an_error(compiled: bool) -> None:
    def function(x: Any) -> Any:
        return ops.sqrt(ops.log(x * 2) + 1)

    function = wubu.jit(function) if compiled else function
    assert np.isnan(function(wubu.tensor(X)).numpy()).any()
    with wubu.debug_nans(), pytest.raises(NotFiniteError, match="log makes nan") as e:
        function(wubu.tensor(X))
    assert "test_not_finite.py:" in str(e.value.where)
    assert e.value.got == "log of numbers from -4 to 8 makes nan"
    assert np.isnan(function(wubu.tensor(X)).numpy()).any()  # it is off again


@pytest.mark.parametrize("compiled", [False, True])
def test_derivatives_are_looked_at_too(compiled: bool) -> None:
    """0 * inf in the derivative of the square root of 0 * x."""

    def gradient(x: Any) -> Any:
        return wubu.grad(lambda x: ops.sqrt(x * 0).sum())(x)

    gradient = wubu.jit(gradient) if compiled else gradient
    with wubu.debug_nans(), pytest.raises(NotFiniteError, match="makes nan") as caught:
        gradient(wubu.tensor(X))
    assert "test_not_finite.py:" in str(caught.value.where)


def test_nan_that_was_there_is_nobodys_fault() -> None:
    with wubu.debug_nans():
        found = ops.exp(wubu.tensor([np.nan, 1.0])) + np.inf
    assert np.isnan(found.numpy()[0])


def test_steps_of_loops_are_looked_at() -> None:
    @wubu.jit
    def function(x: Any) -> Any:
        return ops.scan(lambda h, row: (ops.log(h - row), row), wubu.tensor(3.0), x)[0]

    with wubu.debug_nans(), pytest.raises(NotFiniteError, match="log makes nan"):
        function(np.array([1.0, 2.0, 3.0], "float32"))


def test_infinite_numbers_are_found_where_they_go_into_a_variable() -> None:
    weight = Variable([1.0, 2.0], name="kernel")

    @wubu.jit
    def function(x: Any) -> Any:
        unused = ops.exp(x * 100)
        weight.assign_sub(ops.square(x * 1e30).sum() * weight)
        return 1 / unused

    with wubu.debug_nans(), pytest.raises(NotFiniteError, match="kernel gets") as found:
        function(X)
    assert "test_not_finite.py:" in str(found.value.where)
    assert str(found.value.got).startswith("mul of numbers from")
    assert weight.numpy().tolist() == [1.0, 2.0]
    weight.assign([np.inf, 2.0])
    with wubu.debug_nans():  # it is infinite already
        wubu.jit(lambda: weight.assign(weight + 1))()


def test_the_layer_is_named() -> None:
    model = wubu.Sequential([layers.Input((2,)), layers.Dense(2, name="first")])
    model.add(layers.Activation(lambda x: ops.log(x - 1e9), name="bad"))
    with wubu.debug_nans(), pytest.raises(NotFiniteError) as caught:
        model.predict(X)
    assert "bad" in str(caught.value.where)


def test_the_environment_switches_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUBU_DEBUG_NANS", "1")
    code = "import wubu; wubu.ops.log(wubu.tensor(-1.0))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "NotFiniteError: log makes nan" in done.stderr
    monkeypatch.setenv("WUBU_DEBUG_NANS", "0")
    done = subprocess.run([sys.executable, "-c", code], env=dict(os.environ))
    assert done.returncode == 0


# -- back from a check ----------------------------------------------------------------


def found_by(function: Any, *arrays: Any) -> Any:
    graph = wubu.trace(function, *arrays)
    before = [slot.read().copy() for slot, _ in graph.updates]
    found = origin(graph, arrays)
    for (slot, _), array in zip(graph.updates, before, strict=True):
        np.testing.assert_array_equal(slot.read(), array)
    return found


def test_the_way_back_goes_along_nan_to_its_maker() -> None:
    found = found_by(
        lambda x: ops.check_finite(ops.tanh(ops.log(x) * 2).sum() + ops.exp(x).sum()), X
    )
    assert found.what == "log of numbers from -2 to 4 makes nan"
    assert "test_not_finite.py:" in found.where
    assert "above zero" in found.fix


def test_nan_made_of_infinities_leads_to_what_made_those() -> None:
    def function(x: Any) -> Any:
        big = ops.exp(x * 100)
        return ops.check_finite((big - big).sum())

    assert found_by(function, X).what == "exp of numbers from -200 to 400 makes inf"


def test_infinities_that_were_given_are_not_blamed() -> None:
    """As those of a mask: it is the difference that makes NaN."""

    def function(x: Any) -> Any:
        scores = x + np.array([[0, 0], [-np.inf, -np.inf]], np.float32)
        scores = scores - ops.max(scores, 1, keepdims=True)
        return ops.check_finite(ops.exp(scores).sum())

    assert found_by(function, X).what == (
        "sub of numbers from -inf to 1 and from -inf to 1 makes nan"
    )


def test_a_weight_that_is_not_finite_is_named() -> None:
    weight = Variable([np.nan, 1.0], name="kernel")

    def function(x: Any) -> Any:
        loss = ops.check_finite((x * weight).sum())
        weight.assign_sub(loss * 1)

    found = found_by(function, X)
    assert "kernel holds nan since an earlier step" in found.what
    assert "debug_nans" in found.fix


def test_of_several_weights_the_last_is_named_for_gradients_go_the_other_way() -> None:
    names = ("first", "hidden", "head", "top")
    weights = [Variable(np.ones(2, np.float32), name=name) for name in names]

    def function(x: Any) -> Any:
        for weight in weights:
            x = ops.tanh(x * weight)
        loss = ops.check_finite(x.sum())
        weights[3].assign_sub(loss * weights[0])
        return loss

    for weight in weights[:2]:
        weight.assign([1.0, np.nan])
    found = found_by(function, X)
    assert found.where == "hidden"
    assert found.what == (
        "hidden holds nan since an earlier step; head, which comes next, does not"
    )
    weights[3].assign([np.inf, 1.0])
    assert found_by(function, X).what == "top holds inf since an earlier step"


def test_an_input_that_is_not_finite_is_named() -> None:
    found = found_by(lambda x: ops.check_finite(x.sum()), X * np.float32(np.nan))
    assert found.what == "an input holds nan"


def test_infinities_before_convolutions_are_named_where_nothing_fails_here() -> None:
    """Executors may make NaN of them; here the hyperbolic tangent makes 1."""
    kernel = np.ones((3, 3, 1, 1), np.float32)
    ready = np.array([0.0, -np.inf], np.float32)  # as of a mask: was not made

    def function(x: Any) -> Any:
        y = ops.conv(ops.exp(x), kernel, strides=1, padding="same")
        return ops.check_finite(ops.tanh(y).sum() + ops.exp(ready).sum())

    image = np.zeros((1, 8, 8, 1), np.float32)
    assert found_by(function, image) is None
    image[0, 3, 3, 0] = 100
    assert found_by(function, image).what == "exp of numbers from 0 to 100 makes inf"


def test_nothing_is_found_where_nothing_fails() -> None:
    assert found_by(lambda x: ops.check_finite(x.sum()), X) is None
    assert wubu.jit(lambda x: ops.log(x)).origin(X) is None
