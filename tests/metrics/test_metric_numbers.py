"""Metrics give Keras' result after each of three updates: to the last digits eagerly in
float64, and compiled in their usual precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from reference.load import Case, cases
from wubu import metrics


@pytest.mark.parametrize(
    ("compiled", "dtype", "tolerance"),
    [(False, "float64", 1e-9), (True, None, 2e-5)],
    ids=["eager", "jit"],
)
@pytest.mark.parametrize("case", cases("metric"), ids=str)
def test_results_after_each_update(
    case: Case, compiled: bool, dtype: str | None, tolerance: float
) -> None:
    tolerance = max(tolerance, case.properties.get("tolerance", 0))
    metric = getattr(metrics, case.name)(**case.arguments, dtype=dtype)

    def add(**batch: Any) -> Any:
        metric.update_state(**batch)
        return metric.result()

    function = wubu.jit(add) if compiled else add
    for _ in range(2):  # and again after a reset
        for update, wanted in enumerate(case.outputs["result"]):
            found = function(**{k: v[update] for k, v in case.inputs.items()})
            np.testing.assert_allclose(found.numpy(), wanted, rtol=tolerance, atol=1e-7)
        metric.reset_state()
        assert not np.any(metric.result().numpy())
