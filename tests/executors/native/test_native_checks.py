"""What machine code finds wrong while it runs is NumPy's error, and changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from executors.native.compare import ALL
from wubu import Variable, ops
from wubu.core.executors import EXECUTORS, load_executor
from wubu.errors import ArgumentError, ExecutorError, NotFiniteError, WubuError
from wubu.executors.native.machine.target import target
from wubu.executors.native.running.program import NativeProgram
from wubu.ops import selection


def errors(
    function: Any, *arrays: np.ndarray, kind: type[WubuError] = ArgumentError
) -> list[WubuError]:
    """NumPy's error, then those of machine code on every kind of machine."""
    graph = wubu.trace(function, *arrays)
    programs = [load_executor("numpy").compile(graph)]
    programs += [NativeProgram(graph, target(n), threads) for n, threads in ALL]
    found = []
    for program in programs:
        with pytest.raises(kind) as caught:
            program.run(arrays)
        found.append(caught.value)
    return found


def assert_alike(found: list[WubuError]) -> None:
    wanted, *others = found
    for error in others:
        assert type(error) is type(wanted)
        assert (error.what, error.expected, error.got) == (
            wanted.what,
            wanted.expected,
            wanted.got,
        )
        assert str(error.where) == str(wanted.where)


@pytest.mark.parametrize("wrong", [7, -8, 2**40, -(2**63)])
@pytest.mark.parametrize("batch", [1, 16, 19, 40])
def test_an_index_outside_a_table(wrong: int, batch: int) -> None:
    table = Variable(np.ones((7, 3), "float32"))
    total = Variable(0.0)

    def function(i: Any) -> Any:
        rows = selection.gather(table.value, i, axis=0, batch_dims=0)
        total.assign_add(rows.sum())
        table.assign_sub(rows.sum((0, 1)))
        return rows

    numbers = np.zeros((batch, 2), "int64")
    numbers[batch - 1, 1] = wrong
    assert_alike(errors(function, numbers))
    assert total.item() == 0
    assert (table.numpy() == 1).all()


def test_an_index_outside_what_is_added_to() -> None:
    def function(i: Any, g: Any) -> Any:
        return selection.scatter_add(i, g, axis=0, batch_dims=0, size=4)

    numbers = np.arange(19) % 5
    numbers[5:] = 0
    assert_alike(errors(function, numbers, np.ones((19, 2), "float32")))


def test_an_index_of_another_step() -> None:
    """Steps before it have been done."""
    total = Variable(0.0)
    table = np.arange(4.0, dtype="float32")

    @wubu.jit(executor="native")
    def function(i: Any) -> Any:
        return total.assign_add(ops.take(wubu.tensor(table), i, 0).sum()).value

    numbers = np.array([[1, 1], [2, 2], [3, 9], [1, 1]])
    with pytest.raises(ArgumentError, match="9 at place"):
        function.run_steps(wubu.each(numbers))
    assert total.item() == 6
    assert function(numbers[0]).item() == 8


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch", [1, 19])
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite(number: float, batch: int, dtype: str) -> None:
    """Among samples, and of all of them."""
    total = Variable(0.0)
    x = np.ones((batch, 3), dtype)
    x[batch - 1, 1] = number
    for axis in ((), 0, None):
        what = "the sum" if axis is None else "a part"

        def function(x: Any, axis: Any = axis, what: str = what) -> Any:
            found = ops.check_finite(x if axis == () else x.sum(axis), what=what)
            total.assign_add(found.sum().astype("float32"))
            return found * 2

        found = errors(function, x, kind=NotFiniteError)
        assert_alike(found)
        assert found[0].what == f"{what} is {number}"
        assert "test_native_checks.py:" in str(found[0].where)
        assert total.item() == 0


@pytest.mark.parametrize("name", EXECUTORS)
def test_how_many_steps_were_done_is_told(name: str) -> None:
    total = Variable(0.0)

    @wubu.jit(executor=name)
    def function(x: Any) -> Any:
        return total.assign_add(ops.check_finite(x)).value

    numbers = np.array([1, 2, 3, np.nan, 4], "float32")
    with pytest.raises(NotFiniteError) as caught:
        function.run_steps(wubu.each(numbers))
    assert caught.value.steps_done == 3
    assert total.item() == 6


@pytest.mark.parametrize("batch", [1, 19])
def test_an_integer_to_a_negative_power(batch: int) -> None:
    def function(a: Any, b: Any) -> Any:
        return ops.power(a, b)

    a, b = np.full((batch, 2), 3), np.full((batch, 2), 2)
    b[batch - 1, 1] = -1
    assert_alike(errors(function, a, b))


def test_indices_that_no_sample_has_do_no_harm() -> None:
    """Lanes without a sample are not looked at."""

    def function(x: Any) -> Any:
        places = ops.argmax(x, 1) * (x.sum(1) > 0).astype("int64")
        return ops.take(wubu.tensor(np.arange(3.0)), places, 0)

    x = np.eye(3, dtype="float32")[np.arange(19) % 3]
    graph = wubu.trace(function, x)
    wanted = load_executor("numpy").compile(graph).run([x])
    found = NativeProgram(graph, target(), 1).run([x])
    np.testing.assert_array_equal(found[0], wanted[0])


def test_half_floats_are_refused_with_the_line() -> None:
    for function in (lambda x: x * 2, lambda x: x):
        graph = wubu.trace(function, np.ones((19, 2), "float16"))
        with pytest.raises(ExecutorError, match="float16 is not covered yet"):
            NativeProgram(graph, target(), 1)


@pytest.mark.parametrize("name", sorted(EXECUTORS))
def test_a_step_that_ends_leaves_nothing_behind(name: str) -> None:
    weight = Variable(np.ones(3, "float32"))
    count = Variable(np.zeros((), "float32"))

    @wubu.jit(executor=name)
    def step(x: Any) -> Any:
        loss = ops.check_finite(ops.sum(ops.log(x * weight)))
        loss.backward()
        count.assign_add(1.0)
        return loss

    older = count * count
    with pytest.raises(NotFiniteError):
        step(np.array([[1, 2, -3]], "float32"))
    assert weight.grad is None
    assert float(count.numpy()) == 0.0
    older.backward()  # looks at the value of `count` that is still there
    count.grad = None
    step(np.array([[1, 2, 3]], "float32"))
    assert weight.grad is not None
    assert float(count.numpy()) == 1.0
