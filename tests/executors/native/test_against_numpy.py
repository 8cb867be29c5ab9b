"""Machine code gives the numbers of NumPy: every primitive, and its derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import wubu
from executors.native.compare import ALL, compare
from executors.native.lifting import Case, cases
from harness.primitives import TESTED_ELSEWHERE, all_samples
from wubu import ops
from wubu.core.autodiff import gradients
from wubu.core.dtypes import DTYPES
from wubu.core.executors import load_executor
from wubu.core.modes import enable_grad
from wubu.core.primitive import Primitive, apply, primitives
from wubu.core.samples import Sample
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ExecutorError
from wubu.executors.native import kernels
from wubu.executors.native.code.elementwise import RULES
from wubu.executors.native.kernels import moves
from wubu.executors.native.planning.axes import batch_axes

SAMPLES = all_samples()


def all_cases(batch: int) -> list[Any]:
    """pytest parameters (primitive, sample, case)."""
    return [
        pytest.param(primitive, sample, case, id=f"{parameter.id}-{case.label}")
        for parameter in SAMPLES
        for primitive, sample in [parameter.values]
        for case in cases(primitive, sample, batch)
    ]


def test_every_primitive_has_code_or_a_reason_why_not():
    covered = {*RULES, *moves.RULES, *kernels.RULES}
    unsupported = load_executor("native").unsupported()
    assert not covered & set(unsupported)
    assert covered | set(unsupported) == set(primitives())
    assert {p.values[0].name for p in SAMPLES} | set(TESTED_ELSEWHERE) >= covered


@pytest.mark.parametrize("name", DTYPES)
def test_every_dtype_is_computed_with_or_there_is_a_reason_why_not(name):
    function = wubu.jit(
        lambda x: ops.where(x == x, x, ops.zeros_like(x)), executor="native"
    )
    x = np.arange(40).reshape(20, 2).astype(name)
    reason = load_executor("native").unsupported_dtypes().get(name)
    if reason is None:
        np.testing.assert_array_equal(function(x).numpy(), x)
        return
    with pytest.raises(ExecutorError, match=reason):
        function(x)


@pytest.mark.parametrize(("primitive", "sample", "case"), all_cases(19))
def test_primitives_and_their_derivatives(
    primitive: Primitive, sample: Sample, case: Case
) -> None:
    """19 samples: the last vector is not full."""
    arrays = case.arrays(sample, "float32")
    graph = compare(lambda *x: values_and_gradients(primitive, x, case.params), *arrays)
    assert case.label == "as it is" or not graph.nodes or batch_axes(graph)


@pytest.mark.parametrize(("primitive", "sample", "case"), all_cases(40)[1::7])
def test_some_on_every_kind_of_vector_and_in_threads(
    primitive: Primitive, sample: Sample, case: Case
) -> None:
    arrays = case.arrays(sample, "float32")
    compare(
        lambda *x: values_and_gradients(primitive, x, case.params),
        *arrays,
        machines=ALL,
    )


@pytest.mark.parametrize(("primitive", "sample", "case"), all_cases(16)[::5])
def test_some_in_double_precision(
    primitive: Primitive, sample: Sample, case: Case
) -> None:
    arrays = case.arrays(sample, "float64")
    compare(lambda *x: values_and_gradients(primitive, x, case.params), *arrays)


def values_and_gradients(
    primitive: Primitive, inputs: Sequence[Tensor], params: dict
) -> list[Tensor]:
    """The output, and the gradient of every input that has one."""
    y = apply(primitive, tuple(inputs), params)
    if not primitive.differentiable or y.dtype.kind != "f":
        return [y]
    with enable_grad():
        leaves = [
            x.detach().requires_grad_() if x.dtype.kind == "f" else x for x in inputs
        ]
        again = apply(primitive, tuple(leaves), params)
        floats = [x for x in leaves if x.requires_grad]
        seed = np.random.default_rng(1).standard_normal(y.shape).astype(y.dtype)
        found = gradients([again], floats, [as_tensor(seed)])
    return [y, *[g for g in found if g is not None]]
