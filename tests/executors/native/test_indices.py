"""Arithmetic on indices: what it computes, and that equal things are computed once."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wubu.executors.native.code.emitter import INDEX, POINTER, Emitter
from wubu.executors.native.machine.target import MachineCode, compile_object, target


def emitted(compute: Callable[[Emitter, Any, Any], Any]) -> tuple[str, Callable]:
    """The IR of a function of two indices, and the function."""
    e = Emitter("test", 4)
    with e.function("f", [("i", INDEX), ("j", INDEX)], INDEX) as (i, j):
        e.builder.ret(e.index(compute(e, i, j)))
    text = str(e.module)
    code = MachineCode([compile_object(text, target())], target())
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
    function = kind(code.address("f"))
    return text, lambda i, j, code=code: function(i, j)


@pytest.mark.parametrize(
    ("compute", "expected"),
    [
        (lambda e, i, j: 7, lambda i, j: 7),
        (lambda e, i, j: i, lambda i, j: i),
        (lambda e, i, j: e.plus(i, 3), lambda i, j: i + 3),
        (lambda e, i, j: e.plus(e.plus(i, 3), -3), lambda i, j: i),
        (lambda e, i, j: e.times(e.plus(i, 3), 5), lambda i, j: 5 * i + 15),
        (lambda e, i, j: e.times(0, i), lambda i, j: 0),
        (lambda e, i, j: e.times(e.plus(i, 1), j), lambda i, j: (i + 1) * j),
        (lambda e, i, j: e.plus(i, e.times(i, -1)), lambda i, j: 0),
        (lambda e, i, j: e.affine((i, 2, j), (12, 4, 1)), lambda i, j: 12 * i + 8 + j),
        (lambda e, i, j: e.smaller(e.plus(i, 1), j), lambda i, j: min(i + 1, j)),
    ],
)
def test_indices_are_numbers(compute: Any, expected: Any) -> None:
    function = emitted(compute)[1]
    for i, j in ((0, 0), (5, 3), (-4, 11), (2**40, -7)):
        assert function(i, j) == expected(i, j)


def test_known_numbers_need_no_instructions() -> None:
    e = Emitter("test", 4)
    assert e.plus(2, e.times(3, 4)) == 14
    text, _ = emitted(lambda e, i, j: e.plus(e.plus(i, 5), -5))
    assert " add " not in text


def test_equal_sums_are_one_object_and_computed_once_in_a_block() -> None:
    def compute(e: Emitter, i: Any, j: Any) -> Any:
        one = e.plus(e.times(i, 3), j)
        other = e.plus(j, e.times(3, i))
        assert one is other
        return e.builder.add(e.index(one), e.index(other))

    text, function = emitted(compute)
    assert text.count("mul ") == 1
    assert function(2, 5) == 22


def test_sums_of_other_blocks_are_computed_again() -> None:
    """What a loop or a condition computes is not known behind it."""

    def compute(e: Emitter, i: Any, j: Any) -> Any:
        total = e.variable(INDEX, "total")
        e.builder.store(e.index(0), total)
        wanted = e.plus(e.times(i, 3), 1)
        with e.loop(e.plus(j, 1), "k", start=e.plus(j, -1)):
            now = e.builder.load(total, typ=INDEX)
            e.builder.store(e.builder.add(now, e.index(wanted)), total)
        found = e.builder.load(total, typ=INDEX)
        return e.builder.add(found, e.index(wanted))

    assert emitted(compute)[1](2, 5) == 21


def test_addresses_share_what_they_have_in_common() -> None:
    e = Emitter("test", 4)
    dtype = np.dtype("int32")
    with e.function("f", [("x", POINTER), ("i", INDEX)], INDEX) as (x, i):
        total: Any = None
        for k in range(4):
            at = e.plus(e.times(i, 4), k - 4)
            found = e.load(x, at, dtype).value
            total = found if total is None else e.builder.add(total, found)
        e.builder.ret(e.builder.sext(total, INDEX))
    text = str(e.module)
    assert text.count("mul ") == 1
    code = MachineCode([compile_object(text, target())], target())
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
    array = np.arange(16, dtype=np.int32)
    assert kind(code.address("f"))(array.ctypes.data, 2) == 4 + 5 + 6 + 7
