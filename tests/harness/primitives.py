"""Every primitive with its samples, and how to apply one to the arrays of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import wubu  # noqa: F401 - defines the primitives
from wubu.core.primitive import Primitive, primitives
from wubu.core.samples import Sample

# Primitives without samples, and the tests that stand for them.
TESTED_ELSEWHERE = {
    "random_bits": "takes the state of a generator: tests/ops/test_random.py",
    "scan": "has a graph among its parameters: tests/ops/test_scan.py",
}


def all_samples() -> list[Any]:
    """pytest parameters (primitive, sample), with readable ids."""
    return [
        pytest.param(p, s, id=f"{name}-{i}")
        for name, p in primitives().items()
        for i, s in enumerate(p.samples)
    ]


def differentiable_samples() -> list[Any]:
    """Those of `all_samples` that have a derivative with respect to something."""
    return [
        parameter
        for parameter in all_samples()
        if parameter.values[0].differentiable
        and any(a.dtype.kind == "f" for a in draw(parameter.values[1]))
    ]


def draw(sample: Sample, dtype: str = "float64", seed: int = 0) -> list[np.ndarray]:
    """The arrays of a sample; its floats in this dtype."""
    random = np.random.default_rng(seed)
    arrays = [np.asarray(given.array(random)) for given in sample.inputs]
    return [a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays]


def call(primitive: Primitive, arguments: Sequence[Any], params: dict) -> Any:
    """The public way to use a primitive. Those of any number of inputs take a list."""
    if primitive.vjp_all is not None:
        return primitive(list(arguments), **params)
    return primitive(*arguments, **params)
