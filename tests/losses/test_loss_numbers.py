"""Losses give Keras' values and PyTorch's gradients, eagerly and compiled.

Eagerly in double precision, which shows the formula; compiled in single precision,
which is what is trained with.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from reference.load import Case, cases
from wubu import losses
from wubu.losses import Loss

CASES = cases("loss")


def make(case: Case) -> Loss:
    return getattr(losses, case.name)(**case.arguments)


def inputs(case: Case, dtype: str) -> dict[str, Any]:
    return {
        name: x.astype(dtype) if x.dtype.kind == "f" else x
        for name, x in case.inputs.items()
    }


@pytest.mark.parametrize(
    ("compiled", "dtype", "tolerance"),
    [(False, "float64", 1e-10), (True, "float32", 2e-5)],
    ids=["eager", "jit"],
)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_values_and_gradients(
    case: Case, compiled: bool, dtype: str, tolerance: float
) -> None:
    loss = make(case)
    given = inputs(case, dtype)
    cotangent = case.cotangents.get("0")

    def both(y_pred: Any, y_true: Any, weight: Any) -> tuple[Any, Any]:
        def total(y_pred: Any) -> Any:
            values = loss(y_true, y_pred, weight)
            return (values * cotangent.astype(dtype)).sum()

        value = loss(y_true, y_pred, weight)
        return value, None if cotangent is None else wubu.grad(total)(y_pred)

    function = wubu.jit(both) if compiled else both
    value, gradient = function(
        wubu.tensor(given["y_pred"]), given["y_true"], given.get("sample_weight")
    )
    assert value.dtype == dtype
    if dtype == "float32" and case.label.startswith("saturated"):
        tolerance = 2e-2  # 1 - 1e-7 lies between two float32 numbers, 6e-8 apart
    close = {"rtol": tolerance, "atol": tolerance}
    np.testing.assert_allclose(value.numpy(), case.outputs["0"], **close)
    if cotangent is not None:
        wanted = case.input_gradients["y_pred"]
        np.testing.assert_allclose(gradient.numpy(), wanted, **close)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_gradient_is_nan_or_infinite(case: Case) -> None:
    """Also where Keras has none: saturated probabilities, logits of 1000."""
    y_pred = wubu.tensor(case.inputs["y_pred"], "float32", requires_grad=True)
    value = make(case)(case.inputs["y_true"], y_pred, case.inputs.get("sample_weight"))
    value.sum().backward()
    assert np.isfinite(value.numpy()).all()
    assert np.isfinite(y_pred.grad.numpy()).all()
