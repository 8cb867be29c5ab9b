"""Gradients of weights used at many places, with vectors along the units."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

import wubu
from executors.native.compare import ALL, compare
from wubu import ops
from wubu.executors.native.code.emitter import POINTER, Emitter
from wubu.executors.native.machine.slots import address
from wubu.executors.native.machine.target import MachineCode, compile_object, target


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_a_square_of_vectors_is_transposed(dtype):
    chosen = target()
    e, kind = Emitter("test", chosen.lanes), np.dtype(dtype)
    with e.function("run", [("memory", POINTER)]) as (memory,):
        rows = [
            e.load_lanes(memory, i * e.lanes, kind, kind.itemsize)
            for i in range(e.lanes)
        ]
        for i, row in enumerate(e.transposed(rows)):
            e.store(row, memory, i * e.lanes, kind.itemsize)
    square = np.arange(e.lanes**2).reshape(e.lanes, e.lanes).astype(kind)
    found = square.copy()
    code = MachineCode([compile_object(str(e.module), chosen)], chosen)
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(code.address("run"))(address(found))
    np.testing.assert_array_equal(found, square.T)


@pytest.mark.parametrize("batch", [16, 21, 64])
@pytest.mark.parametrize(
    ("features", "units"), [(3, 16), (20, 80), (37, 64), (80, 20), (16, 70), (33, 17)]
)
def test_gradients_equal_those_of_numpy(batch, features, units):
    """Vectors along either operand, whole ones and others, tiles and their edges."""
    xs, goal = numbers(batch, 5, features), numbers(batch, 5, units, seed=1)
    w = numbers(features, units, seed=2)

    def loss(xs, goal, w):
        first, second = xs @ w - goal, ops.flip(xs, 1) @ w
        return (first * first).sum() + (second * goal).sum()

    compare(wubu.grad(loss, 2), xs, goal, w, machines=ALL)


@pytest.mark.parametrize("dtype", ["float32", "uint8", "int32", "float64", "bool"])
@pytest.mark.parametrize("shape", [(5, 7, 3), (28, 1), (3,), (17,), (16, 2), (1, 33)])
def test_samples_are_read_along_their_elements(dtype, shape):
    """Samples as they come, and picked from a table; full vectors and edges; into
    memory with margins and without."""
    data = (50 * numbers(40, *shape) ** 2).astype(dtype)
    picked = np.random.default_rng(1).integers(0, 40, 21)

    def function(x, table, indices):
        found = []
        for value in (x, ops.take(table, indices, axis=0)):
            value = ops.cast(value, "float32") * 0.5 + 1
            flat = ops.reshape(value, (21, -1))
            found += [ops.cumsum(flat, axis=1), ops.sum(value), value]
            rows = ops.reshape(value, (21, -1, 1))
            found.append(ops.conv(rows, numbers(3, 1, 2), padding="same"))
        return found

    compare(function, data[:21], data, picked, machines=ALL)
