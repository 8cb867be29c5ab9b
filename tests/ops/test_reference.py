"""Operations and activations against numbers from Keras (values) and PyTorch."""

from __future__ import annotations

from operator import attrgetter

import numpy as np
import pytest

import wubu
from reference.load import Case, cases
from wubu import ops
from wubu.core.autodiff import gradients

# Activations that are no functions of `wubu.ops`, but of `wubu.activations`.
ELSEWHERE = {
    "exponential",
    "glu",
    "hard_shrink",
    "linear",
    "soft_shrink",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "threshold",
}
# keras.activations.gelu is exact by default, keras.ops.gelu is not.
DEFAULTS = {"gelu": {"approximate": False}}


def chosen() -> list[Case]:
    """Every case of an operation, and of those activations that are operations."""
    activations = [
        c
        for c in cases("activation")
        if c.name not in ELSEWHERE and not (c.name == "relu" and c.arguments)
    ]
    return [*cases("op"), *activations]


def apply(case: Case, arrays: list) -> list:
    arguments = dict(case.arguments)
    if case.kind == "activation":
        arguments = {**DEFAULTS.get(case.name, {}), **arguments}
    first = [arguments.pop("subscripts")] if "subscripts" in arguments else []
    found = attrgetter(case.name)(ops)(*first, *arrays, **arguments)
    return list(found) if isinstance(found, tuple | list) else [found]


def test_no_operation_is_missing():
    for case in chosen():
        assert callable(attrgetter(case.name)(ops))
    assert not [name for name in ELSEWHERE if hasattr(ops, name)]


@pytest.mark.parametrize("case", chosen(), ids=str)
def test_values_are_those_of_keras(case):
    found = apply(case, list(case.inputs.values()))
    for y, expected in zip(found, case.outputs.values(), strict=True):
        assert y.shape == expected.shape
        np.testing.assert_allclose(y.numpy(), expected, 1e-9, 1e-10)


@pytest.mark.parametrize("case", [c for c in chosen() if c.input_gradients], ids=str)
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_gradients_are_those_of_pytorch(case, compiled):
    names = list(case.inputs)
    wanted = [names.index(name) for name in case.input_gradients]

    def gradient(*arrays):
        leaves = list(arrays)
        with wubu.enable_grad():
            for i in wanted:
                leaves[i] = wubu.as_tensor(arrays[i]).detach().requires_grad_()
            roots = apply(case, leaves)
            seeds = [wubu.tensor(u) for u in case.cotangents.values()]
            return gradients(roots, [leaves[i] for i in wanted], seeds)

    function = wubu.jit(gradient) if compiled else gradient
    found = function(*case.inputs.values())
    expected = case.input_gradients.values()
    for g, value, i in zip(found, expected, wanted, strict=True):
        g = wubu.zeros(case.inputs[names[i]].shape) if g is None else g
        np.testing.assert_allclose(g.numpy(), value, 1e-9, 1e-9)
