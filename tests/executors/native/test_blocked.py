"""Large products of matrices without samples, in blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from executors.native.compare import LANES, WIDEST, compare
from wubu import ops
from wubu.executors.native import blocked

SHAPES = [
    # rows, steps, columns
    (70, 300, 400),  # more steps, more columns than in a block
    (257, 64, 301),  # nothing is a multiple of a tile
    (33, 517, 33),
    (32, 512, 256),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("turned", ["", "left", "right", "both"])
@pytest.mark.parametrize(("rows", "steps", "columns"), SHAPES, ids=str)
def test_products_of_matrices_in_any_order(
    rows: int,
    steps: int,
    columns: int,
    turned: str,
    dtype: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocked, "_LEAST_WORK", 1)
    used = []
    emit = blocked.Blocked.emit
    monkeypatch.setattr(
        blocked.Blocked, "emit", lambda self, store: (used.append(1), emit(self, store))
    )
    left, right = turned in ("left", "both"), turned in ("right", "both")

    def multiply(x: Any, y: Any) -> Any:
        x = ops.transpose(x) if left else x
        y = ops.transpose(y) if right else y
        return ops.tanh(ops.matmul(x, y) * 0.01)  # computed where sums are stored

    rng = np.random.default_rng(0)
    x, y = (
        rng.standard_normal(shape[::-1] if is_turned else shape).astype(dtype)
        for shape, is_turned in (((rows, steps), left), ((steps, columns), right))
    )
    machines = [(WIDEST, 2)] if dtype == "float64" else [(LANES[0], 1), (WIDEST, 2)]
    compare(multiply, x, y, axes=lambda graph: {}, machines=machines, tolerance=1e-4)
    assert len(used) == len(machines)
