"""Every layer gives the numbers of Keras, and gradients the numbers of PyTorch.

Eagerly in double precision, which shows the formula; compiled in single precision,
which is what is trained with.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from layers.harness import Result, assert_results_close, run
from reference.load import Case, cases

CASES = cases("layer")


@pytest.mark.parametrize(
    ("transform", "dtype", "tolerance"),
    [("eager", "float64", 1e-11), ("jit", "float32", 2e-5)],
    ids=["eager", "jit"],
)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_numbers_are_those_of_keras_and_pytorch(
    case: Case, transform: str, dtype: str, tolerance: float
) -> None:
    layer = getattr(wubu.layers, case.name)(**case.arguments, dtype=dtype)
    inputs, keywords = _inputs(case, dtype)
    layer.ensure_built(
        tuple([x.shape for x in i] if isinstance(i, list) else i.shape for i in inputs)
    )
    assert [v.name for v in layer.weights] == list(case.weights)
    layer.set_weights(list(case.weights.values()))
    found = run(
        layer,
        *inputs,
        cotangents=[case.cotangents[key] for key in case.outputs],
        transform=wubu.jit if transform == "jit" else lambda function: function,
        **keywords,
    )
    assert all(y.dtype == dtype for y in found.outputs)
    wanted = Result(
        list(case.outputs.values()),
        list(case.input_gradients.values()),
        case.weight_gradients,
        {**case.weights, **case.updated},
    )
    assert_results_close(found, wanted, tolerance)


def _inputs(case: Case, dtype: str) -> tuple[list[Any], dict[str, Any]]:
    arrays = {
        name: x.astype(dtype) if x.dtype.kind == "f" else x
        for name, x in case.inputs.items()
    }
    states = [x for name, x in arrays.items() if name.startswith("initial_state")]
    rest = [x for name, x in arrays.items() if not name.startswith("initial_state")]
    first: Any = rest[0] if next(iter(case.inputs)) == "inputs" else rest
    return [first, states] if states else [first], dict(case.call)


def test_cases_cover_every_layer_with_numbers_in_keras() -> None:
    assert len(CASES) >= 107
    assert all(np.isfinite(y).all() for case in CASES for y in case.outputs.values())
