"""Code that becomes a function of its own."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

import wubu
from wubu.executors.native.code.emitter import INDEX, POINTER, Emitter
from wubu.executors.native.machine.target import MachineCode, compile_object, target
from wubu.executors.native.running.program import NativeProgram

INT64 = np.dtype("int64")


def called(e: Emitter, memory: np.ndarray) -> None:
    """Calls the function `f(pointer)` of a module."""
    code = MachineCode([compile_object(str(e.module), target())], target())
    run = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(code.address("f"))
    run(memory.ctypes.data)


def functions(e: Emitter) -> list[str]:
    return [name for name in e.module.globals if name != "f"]


def test_code_that_does_the_same_becomes_one_function():
    e = Emitter("test", 4)
    with e.function("f", [("memory", POINTER)]) as (memory,):
        sum_of_all = e.load(memory, 0, INT64)
        for place, number in ((1, 10), (2, 20)):
            with e.outlined("add", shared=True) as outline:
                given = outline.given(e.index(number), "number")
                at = e.outside(place, lambda i=place: e.address(memory, i, INDEX))
                total = e.builder.add(e.load(at, 0, INT64).value, given)
                total = e.builder.add(total, sum_of_all.value)
                e.builder.store(total, at)
    assert len(functions(e)) == 1
    found = np.array([100, 1, 2])
    called(e, found)
    assert found.tolist() == [100, 111, 122]


def test_code_that_differs_becomes_two_functions():
    e = Emitter("test", 4)
    with e.function("f", [("memory", POINTER)]) as (memory,):
        for factor in (2, 3):
            with e.outlined("scale", shared=True):
                value = e.load(memory, 0, INT64).value
                e.builder.store(e.builder.mul(value, e.index(factor)), memory)
    assert len(functions(e)) == 2
    found = np.array([7])
    called(e, found)
    assert found.tolist() == [42]


@pytest.mark.parametrize("threads", [1, 2])
def test_variables_of_any_size_share_the_code_that_changes_them(threads: int):
    sizes = (1, 3, 16, 33, 100)
    variables = [wubu.Variable(wubu.ones((n,)) * n) for n in sizes]

    def step(x):
        for variable in variables:
            variable.assign(variable * 2 + x)

    graph = wubu.trace(step, wubu.zeros(()))
    program = NativeProgram(graph, target(), threads)
    program.repeat([np.float32(1)], 2)
    for variable, n in zip(variables, sizes, strict=True):
        assert np.array_equal(variable.numpy(), np.full(n, 4 * n + 3, np.float32))
    assert program.llvm().count("define void @update") == 1
