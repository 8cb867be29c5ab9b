"""Every primitive, driven by its own samples: shapes, derivatives, compilation."""

from __future__ import annotations

import numpy as np
import pytest

import wubu
from harness.gradients import check_gradients
from harness.primitives import (
    TESTED_ELSEWHERE,
    all_samples,
    call,
    differentiable_samples,
    draw,
)
from wubu.core.primitive import Primitive, primitives
from wubu.core.samples import Sample

INTEGERS = ["int32", "int64", "uint8"]


def test_every_primitive_has_samples_or_tests_of_its_own() -> None:
    silent = {name for name, p in primitives().items() if not p.samples}
    assert silent == set(TESTED_ELSEWHERE)


def test_every_primitive_has_a_docstring() -> None:
    assert not [name for name, p in primitives().items() if not p.__doc__]


def test_every_float_primitive_says_how_it_is_differentiated() -> None:
    """Without a rule a float result would silently be a constant."""
    integral = {"equal", "less", "argmax"} | {
        name for name in primitives() if name.startswith("bitwise")
    }
    without = {name for name, p in primitives().items() if not p.differentiable}
    assert without == integral | {"random_bits", "stop_gradient"}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("primitive", "sample"), all_samples())
def test_shape_rule_says_what_evaluation_returns(
    primitive: Primitive, sample: Sample, dtype: str
) -> None:
    check_rule(primitive, sample, draw(sample, dtype))


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize(("primitive", "sample"), all_samples())
def test_shape_rule_holds_for_integers_too(
    primitive: Primitive, sample: Sample, dtype: str
) -> None:
    arrays = [
        a
        if a.dtype == bool
        else np.maximum(np.abs(a), 1).astype(dtype)
        if a.dtype.kind == "f"
        else a
        for a in draw(sample)
    ]
    check_rule(primitive, sample, arrays)


def check_rule(primitive: Primitive, sample: Sample, arrays: list[np.ndarray]) -> None:
    given = list(arrays) if primitive.vjp_all else arrays
    prepared, params = (
        primitive.prepare(given, **sample.params)
        if primitive.vjp_all
        else primitive.prepare(*given, **sample.params)
    )
    inputs = [tensor.numpy() for tensor in prepared]
    with np.errstate(all="ignore"):
        found = primitive.evaluate(*inputs, **params)
    results = found if primitive.many_outputs else [found]
    expected = primitive.specs(prepared, params)
    assert [(np.shape(r), np.asarray(r).dtype) for r in results] == expected


@pytest.mark.parametrize(("primitive", "sample"), differentiable_samples())
def test_derivatives_equal_differences_twice(
    primitive: Primitive, sample: Sample
) -> None:
    arrays = draw(sample)
    if primitive.name in ("sign", "floor", "round", "floor_divide"):
        check_zero(primitive, sample, arrays)
    else:
        check_gradients(lambda *xs: call(primitive, xs, sample.params), arrays)


def check_zero(primitive: Primitive, sample: Sample, arrays: list[np.ndarray]) -> None:
    """Functions that are constant between jumps have the derivative 0."""
    gradient = wubu.grad(lambda xs: call(primitive, xs, sample.params).sum())(arrays)
    assert all((g.numpy() == 0).all() for g in gradient)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("primitive", "sample"), all_samples())
def test_compiled_equals_eager_bit_for_bit(
    primitive: Primitive, sample: Sample, dtype: str
) -> None:
    arrays = draw(sample, dtype)

    def apply(*xs: object) -> object:
        return call(primitive, xs, sample.params)

    eager = apply(*map(wubu.tensor, arrays))
    compiled = wubu.jit(apply, executor="numpy")(*arrays)
    assert compiled.dtype == eager.dtype
    np.testing.assert_array_equal(compiled.numpy(), eager.numpy())


@pytest.mark.parametrize(("primitive", "sample"), differentiable_samples())
def test_compiled_gradients_equal_eager_ones_bit_for_bit(
    primitive: Primitive, sample: Sample
) -> None:
    arrays = draw(sample, "float32")
    floats = [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]

    def gradient(*xs: object) -> object:
        return wubu.grad(
            lambda *ys: (call(primitive, ys, sample.params) ** 2).sum(), floats
        )(*xs)

    eager = gradient(*map(wubu.tensor, arrays))
    compiled = wubu.jit(gradient, executor="numpy")(*arrays)
    for a, b in zip(eager, compiled, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize(("primitive", "sample"), all_samples())
def test_derivative_rules_do_not_change_their_inputs(
    primitive: Primitive, sample: Sample
) -> None:
    arrays = draw(sample)
    before = [a.copy() for a in arrays]
    leaves = [wubu.Tensor(a) for a in arrays]
    for leaf in leaves:
        leaf.requires_grad = leaf.dtype.kind == "f"
    result = call(primitive, leaves, sample.params)
    if result.requires_grad:
        result.backward(wubu.ones(result.shape, dtype=result.dtype))
    for a, b in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, b)
