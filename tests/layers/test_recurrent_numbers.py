"""Loops with masks, states and layers inside give the numbers of Keras and PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from layers.harness import Result, assert_results_close, names_of, run
from reference.load import Case, cases


def made(value: Any, dtype: str) -> Any:
    """What a description, or a list of them, stands for."""
    if isinstance(value, list):
        return [made(part, dtype) for part in value]
    if not isinstance(value, dict):
        return value
    config = {name: made(part, dtype) for name, part in value["config"].items()}
    return getattr(wubu.layers, value["class_name"])(**config, dtype=dtype)


@pytest.mark.parametrize(
    ("dtype", "tolerance", "transform"),
    [("float64", 1e-11, lambda function: function), ("float32", 2e-5, wubu.jit)],
    ids=["eager", "jit"],
)
@pytest.mark.parametrize("case", cases("recurrent"), ids=str)
def test_numbers_are_those_of_keras_and_pytorch(
    case: Case, dtype: str, tolerance: float, transform: Any
) -> None:
    layer = made({"class_name": case.name, "config": case.arguments}, dtype)
    arrays = dict(case.inputs)
    keywords = {"mask": arrays.pop("mask")} if "mask" in arrays else {}
    x, *states = (a.astype(dtype) for a in arrays.values())
    layer.ensure_built((x.shape,))
    assert [f"{i}_{v.name}" for i, v in enumerate(layer.weights)] == list(case.weights)
    layer.set_weights(list(case.weights.values()))
    found = run(
        layer,
        *([x, states] if states else [x]),
        cotangents=list(case.cotangents.values()),
        transform=transform,
        **keywords,
    )
    names = list(names_of(layer).values())
    wanted = Result(
        list(case.outputs.values()),
        list(case.input_gradients.values()),
        dict(zip(names, case.weight_gradients.values(), strict=True)),
        dict(zip(names, case.weights.values(), strict=True)),
    )
    assert all(y.dtype == dtype for y in found.outputs)
    assert_results_close(found, wanted, tolerance)


def test_every_mode_and_mask_is_among_the_cases() -> None:
    found = cases("recurrent")
    modes = [c.arguments.get("merge_mode", "concat") for c in found if "Bidir" in c.id]
    assert set(modes) == {"concat", "sum", "mul", "ave", None}
    assert sum("mask" in c.inputs for c in found) >= 8
    assert all(np.isfinite(y).all() for c in found for y in c.outputs.values())
