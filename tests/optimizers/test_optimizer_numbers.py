"""Optimizers and schedules give Keras' trajectories, eagerly and compiled.

Eagerly in double precision, which shows the formula; compiled in single precision,
which is what is trained with.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from reference.load import Case, cases
from wubu import optimizers
from wubu.optimizers import schedules

CASES = cases("optimizer")
STEPS = 8


@pytest.mark.parametrize(
    ("compiled", "dtype", "tolerance"),
    [(False, "float64", 2e-6), (True, "float32", 2e-5)],
    ids=["eager", "jit"],
)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_weights_after_each_step(
    case: Case, compiled: bool, dtype: str, tolerance: float
) -> None:
    """The learning rate is float32, hence the tolerance in float64."""
    optimizer = getattr(optimizers, case.name)(**case.arguments)
    variables = [wubu.Variable(w, dtype, name=name) for name, w in case.weights.items()]

    def apply(*gradients: Any) -> None:
        optimizer.apply(gradients, variables)

    function = wubu.jit(apply) if compiled else apply
    for step in range(STEPS):
        function(*[g[step].astype(dtype) for g in case.inputs.values()])
        for variable, wanted in zip(variables, case.outputs.values(), strict=True):
            np.testing.assert_allclose(
                variable.numpy(), wanted[step], rtol=tolerance, atol=tolerance
            )
    assert optimizer.iterations.item() == STEPS


@pytest.mark.parametrize("case", CASES, ids=str)
def test_step_by_backward_is_apply(case: Case) -> None:
    """loss = sum(g * w) has the gradient g."""
    optimizer = getattr(optimizers, case.name)(**case.arguments)
    variables = [
        wubu.Variable(w, "float64", name=name) for name, w in case.weights.items()
    ]
    for step in range(STEPS):
        gradients = [g[step] for g in case.inputs.values()]
        loss: Any = 0.0
        for g, w in zip(gradients, variables, strict=True):
            loss = loss + (w * g).sum()
        loss.backward()
        optimizer.step(variables)
    for variable, wanted in zip(variables, case.outputs.values(), strict=True):
        np.testing.assert_allclose(variable.numpy(), wanted[-1], rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
@pytest.mark.parametrize("case", cases("schedule"), ids=str)
def test_learning_rates(case: Case, compiled: bool) -> None:
    schedule = getattr(schedules, case.name)(**case.arguments)
    function = wubu.jit(schedule) if compiled else schedule
    for step, wanted in zip(
        case.inputs["step"], case.outputs["learning_rate"], strict=True
    ):
        found = function(step)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found.numpy(), wanted, rtol=2e-6, atol=1e-8)
    assert schedule(3).item() == schedule(wubu.tensor(3)).item()
