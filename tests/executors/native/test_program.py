"""Programs: who owns memory, what may be passed, threads, forks, interrupts."""

from __future__ import annotations

import _thread
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import ops
from wubu.errors import ExecutorError, StaleValueError
from wubu.executors.native.machine.placing import LARGE
from wubu.executors.native.machine.slots import address
from wubu.executors.native.machine.target import target
from wubu.executors.native.planning import plan
from wubu.executors.native.planning.axes import batch_axes
from wubu.executors.native.running.program import NativeProgram

THREADS = (1, 2, 3)


def compiled(function: Callable[..., Any], *args: Any, threads: int = 1) -> Any:
    return NativeProgram(wubu.trace(function, *args), target(), threads)


def halving(*variables: wubu.Variable, threads: int = 1) -> Any:
    """A program that halves variables and returns the sum over rows of its input."""

    def halve(x: Any) -> Any:
        for variable in variables:
            variable.assign(variable.value * 0.5)
        return x.sum(axis=1)

    return compiled(halve, wubu.zeros((64, 3)), threads=threads)


ROWS = np.arange(192, dtype=np.float32).reshape(64, 3)


def where(variable: wubu.Variable) -> int:
    assert variable._array is not None
    return address(variable._array)


# --- variables -----------------------------------------------------------------------


def test_a_variable_nobody_looks_at_changes_where_it_lies() -> None:
    variable = wubu.Variable(np.full(5, 8.0, np.float32))
    program = halving(variable)
    before = where(variable)
    program.run([ROWS])
    program.run([ROWS])
    assert where(variable) == before
    np.testing.assert_array_equal(variable.numpy(), np.full(5, 2.0))


@pytest.mark.parametrize(
    "look",
    [
        lambda v: v._array,
        lambda v: v.numpy(),
        lambda v: v.numpy()[1:3],
        lambda v: v.detach(),
        lambda v: v.detach().numpy(),
        lambda v: memoryview(v.detach().numpy()),
        lambda v: v * 1.0 if v.requires_grad else v.detach(),
        lambda v: wubu.Tensor(v.detach()),
    ],
    ids=["array", "numpy", "slice", "detach", "both", "memory", "history", "tensor"],
)
@pytest.mark.parametrize("size", [5, LARGE])
@pytest.mark.parametrize("warm", [False, True])
def test_what_somebody_holds_keeps_its_value(
    look: Callable[[Any], Any], warm: bool, size: int
) -> None:
    variable = wubu.Variable(np.full(size, 8.0, np.float32))
    program = halving(variable)
    if warm:
        program.run([ROWS])
    held = look(variable)
    before = np.array(held.detach().numpy() if hasattr(held, "detach") else held)
    program.run([ROWS])
    after = np.array(held.detach().numpy() if hasattr(held, "detach") else held)
    np.testing.assert_array_equal(after, before)
    np.testing.assert_array_equal(variable.numpy(), np.full(size, 2.0 if warm else 4.0))


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool"])
def test_large_variables_lie_apart_at_cache_lines(dtype: str) -> None:
    variables = [
        wubu.Variable(np.ones((LARGE // 32, 32), dtype)),
        wubu.Variable(np.ones((LARGE, 1), dtype)),
    ]
    unchanged, changing = variables

    def step(x: Any) -> Any:
        changing.assign(changing.value == 0)
        return x.sum() + unchanged.value.sum().astype("float32")

    program = compiled(step, wubu.zeros((64, 3)))
    program.run([ROWS])
    places = [where(variable) for variable in variables]
    assert [at % 64 for at in places] == [0, 0]
    assert places[0] % 4096 != places[1] % 4096
    program.run([ROWS])
    program.run([ROWS])
    assert [where(variable) for variable in variables] == places
    for variable, value in zip(variables, (1, 0), strict=True):
        assert variable.dtype == dtype
        np.testing.assert_array_equal(
            variable.numpy(), np.full(variable.shape, value, dtype)
        )


def test_a_derivative_that_needs_the_old_value_says_so_as_after_assign() -> None:
    variable = wubu.Variable(np.full(5, 8.0, np.float32))
    squares, twice = (variable * variable).sum(), (variable * 2.0).sum()
    halving(variable).run([ROWS])
    with pytest.raises(StaleValueError):
        squares.backward()
    twice.backward()
    np.testing.assert_array_equal(variable.grad.numpy(), np.full(5, 2.0))


def test_two_variables_with_one_array_part() -> None:
    one = wubu.Variable(np.ones(4, np.float32))
    other = wubu.Variable(np.zeros(4, np.float32))
    other.replace(one._array)
    halving(one).run([ROWS])
    np.testing.assert_array_equal(one.numpy(), np.full(4, 0.5))
    np.testing.assert_array_equal(other.numpy(), np.ones(4))
    other.replace(one._array)
    halving(one, other).run([ROWS])
    np.testing.assert_array_equal(one.numpy(), np.full(4, 0.25))
    np.testing.assert_array_equal(other.numpy(), np.full(4, 0.25))
    assert where(one) != where(other)


def _read_only() -> np.ndarray:
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    array.flags.writeable = False
    return array


def _unaligned() -> np.ndarray:
    raw = np.zeros(49, np.uint8)[1:]
    array = raw.view(np.float32).reshape(3, 4)
    array[:] = np.arange(12).reshape(3, 4)
    return array


@pytest.mark.parametrize(
    "make",
    [
        _read_only,
        _unaligned,
        lambda: np.arange(12, dtype=np.float32).reshape(4, 3).T,
        lambda: np.broadcast_to(np.arange(4, dtype=np.float32), (3, 4)),
    ],
    ids=["read-only", "unaligned", "transposed", "broadcast"],
)
def test_variables_may_hold_any_array(make: Callable[[], np.ndarray]) -> None:
    source, expected = make(), np.array(make())
    written, read = wubu.Variable(np.zeros((3, 4), "f4")), wubu.Variable(expected)
    written.replace(source)
    read.replace(source)

    def step(x: Any) -> Any:
        written.assign(written.value * 2)
        return x.sum(axis=1), read.value + 1

    program = compiled(step, wubu.zeros((64, 3)))
    for i in (1, 2):
        found = program.run([ROWS])[1]
        np.testing.assert_array_equal(found, expected + 1)
        np.testing.assert_array_equal(written.numpy(), expected * 2**i)
        np.testing.assert_array_equal(source, expected)


def test_an_argument_may_be_the_memory_of_a_variable() -> None:
    variable = wubu.Variable(ROWS)

    def step(x: Any) -> Any:
        variable.assign(variable.value * 0.5)
        return x + 1

    program = compiled(step, wubu.zeros((64, 3)))
    (found,) = program.run([variable._array])
    np.testing.assert_array_equal(found, ROWS + 1)
    np.testing.assert_array_equal(variable.numpy(), ROWS / 2)


def test_gradients_are_made_added_up_and_not_changed_in_other_hands() -> None:
    variable = wubu.Variable(np.ones(3, np.float32))

    @wubu.jit(executor="native")
    def step(x: Any) -> Any:
        loss = (x * variable).sum()
        loss.backward()
        return loss

    total = ROWS.sum(axis=0)
    step(ROWS)
    held = variable.grad
    np.testing.assert_allclose(held.numpy(), total)
    for times in (2, 3):
        step(ROWS)
        np.testing.assert_allclose(variable.grad.numpy(), times * total)
    np.testing.assert_allclose(held.numpy(), total)
    array = variable.grad.numpy()
    step(ROWS)
    np.testing.assert_allclose(array, 3 * total)


def test_outputs_belong_to_the_caller() -> None:
    variable = wubu.Variable(np.ones(3, np.float32))

    def step(x: Any) -> Any:
        variable.assign(variable.value + 1)
        return x * 2, variable.value

    program = compiled(step, wubu.zeros((64, 3)))
    first, second = program.run([ROWS]), program.run([ROWS])
    np.testing.assert_array_equal(first[1], np.full(3, 2.0))
    np.testing.assert_array_equal(second[1], np.full(3, 3.0))
    assert all(array.flags.owndata and array.flags.writeable for array in first)
    assert not np.shares_memory(first[0], second[0])


# --- arguments -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "array",
    [np.asfortranarray(ROWS), np.repeat(ROWS, 2, axis=1)[:, ::2], ROWS[::-1]],
    ids=["columns", "steps", "backwards"],
)
def test_arguments_may_have_any_strides(array: np.ndarray) -> None:
    (found,) = compiled(lambda x: x * 2, wubu.zeros((64, 3))).run([array])
    np.testing.assert_array_equal(found, array * 2)


def _read_only() -> np.ndarray:
    array = ROWS.copy()
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "array",
    [ROWS, ROWS[1:], ROWS[::-1], ROWS[:0], _read_only(), np.array(1.0), ROWS > 0],
    ids=["plain", "a part", "backwards", "empty", "read-only", "a number", "bool"],
)
def test_the_address_of_any_array(array: np.ndarray) -> None:
    assert address(array) == array.__array_interface__["data"][0]


@pytest.mark.parametrize(
    "arguments",
    [[], [ROWS, ROWS], [ROWS[:5]], [ROWS.astype("f8")], [ROWS.astype(">f4")]],
    ids=["none", "two", "shape", "dtype", "byte order"],
)
def test_arguments_that_do_not_fit_are_refused(arguments: list) -> None:
    program = compiled(lambda x: x * 2, wubu.zeros((64, 3)))
    with pytest.raises(ExecutorError, match="does not fit"):
        program.run(arguments)


@pytest.mark.parametrize("threads", THREADS)
def test_steps_take_rows_and_stop_when_asked(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = wubu.Variable(np.zeros(3, np.float32))

    def step(x: Any) -> Any:
        return total.assign_add((x * 2).sum(axis=0)).value

    monkeypatch.setattr(plan, "chosen_axes", lambda graph, lanes: batch_axes(graph))
    program = compiled(step, wubu.zeros((64, 3)), threads=threads)
    assert program.threads == min(threads, -(-64 // target().lanes))
    rows = np.stack([ROWS, 2 * ROWS, 4 * ROWS])
    flag = np.zeros(1, np.int32)
    outputs, done = program.run_steps([rows[0]], {0: rows}, flag)
    assert done == 3
    np.testing.assert_allclose(outputs[0], 14 * ROWS.sum(axis=0))
    flag[0] = 1
    outputs, done = program.run_steps([rows[0]], {0: rows}, flag)
    assert done == 1
    np.testing.assert_allclose(total.numpy(), 16 * ROWS.sum(axis=0))


def _ctrl_c() -> None:
    main = threading.main_thread().ident
    assert main is not None
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()


@pytest.mark.parametrize("threads", (1, 2))
def test_ctrl_c_stops_after_the_step_and_leaves_whole_ones_behind(threads: int) -> None:
    """In the middle of a call that would do very many more."""
    one, two = (wubu.Variable(np.zeros(3, np.float64)) for _ in range(2))

    def step(x: Any, number: Any) -> Any:
        one.assign_add((x * 0).sum(axis=0) + 1.0)
        two.assign_add((x * 0).sum(axis=0) + 2.0)
        return x * number

    x = ROWS.astype("float64")
    program = compiled(step, x, np.uint8(0), threads=threads)
    rows, flag = np.ones(50_000_000, np.uint8), np.zeros(1, np.int32)
    threading.Timer(0.05, _ctrl_c).start()
    with pytest.raises(KeyboardInterrupt):
        program.run_steps([x, rows[0]], {1: rows}, flag)
    assert flag[0] == 0
    done = one.numpy()[0]
    assert done < len(rows)
    np.testing.assert_array_equal(two.numpy(), np.full(3, 2 * done))
    np.testing.assert_array_equal(program.run([x, rows[0]])[0], x)
    np.testing.assert_array_equal(one.numpy(), np.full(3, done + 1))


def test_an_input_that_is_a_result_is_that_of_the_last_step() -> None:
    program = compiled(lambda x: (x, x * 2), wubu.zeros((64, 3)))
    rows = np.stack([ROWS, 2 * ROWS, 4 * ROWS])
    (same, double), _ = program.run_steps([ROWS], {0: rows}, np.zeros(1, np.int32))
    np.testing.assert_array_equal(same, 4 * ROWS)
    np.testing.assert_array_equal(double, 8 * ROWS)
    assert not np.shares_memory(same, rows)


def test_a_number_of_numpy_is_an_argument() -> None:
    program = compiled(lambda x, y: x * y, wubu.zeros((64, 3)), wubu.tensor(0.0))
    (found,) = program.run([ROWS, np.float32(3)])
    np.testing.assert_array_equal(found, ROWS * 3)


def test_series_of_different_lengths_are_refused() -> None:
    program = compiled(lambda x, y: x + y, wubu.zeros((64, 3)), wubu.zeros((64, 3)))
    series = {0: np.stack([ROWS]), 1: np.stack([ROWS, ROWS])}
    with pytest.raises(ExecutorError, match="equally long"):
        program.run_steps([ROWS, ROWS], series, np.zeros(1, np.int32))


# --- threads and processes -----------------------------------------------------------


def test_the_number_of_threads_does_not_change_shared_results_much() -> None:
    def step(x: Any) -> Any:
        return ops.exp(x * 0.01).sum(axis=0)

    expected = np.exp(ROWS * 0.01).sum(axis=0)
    for threads in THREADS:
        (found,) = compiled(step, wubu.zeros((64, 3)), threads=threads).run([ROWS])
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("threads", THREADS)
def test_python_threads_may_share_a_program(threads: int) -> None:
    total = wubu.Variable(np.zeros(3, np.float32))

    def step(x: Any) -> Any:
        total.assign_add(x.sum(axis=0) * 0 + 1)
        return x * 2

    program = compiled(step, wubu.zeros((64, 3)), threads=threads)
    wrong = []

    def work(factor: int) -> None:
        for _ in range(50):
            (found,) = program.run([factor * ROWS])
            if not np.array_equal(found, 2 * factor * ROWS):
                wrong.append(factor)

    workers = [threading.Thread(target=work, args=(i,)) for i in range(1, 5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong
    np.testing.assert_array_equal(total.numpy(), np.full(3, 200.0))


def _python(source: str) -> str:
    """What a new interpreter prints for this source."""
    found = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)],
        env={**os.environ, "WUBU_CACHE": "0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return found.stdout.strip()


_START = """
import os, wubu, numpy as np
from wubu.executors.native.running.program import NativeProgram
from wubu.executors.native.machine.target import target
x = np.ones((64, 3), np.float32)
graph = wubu.trace(lambda x: (2 * x).sum(), wubu.zeros((64, 3)))
program = NativeProgram(graph, target(), 2)
print(program.run([x])[0], flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_has_threads_of_its_own() -> None:
    found = _python(
        _START
        + "child = os.fork()\n"
        + 'os.write(1, b"%f\\n" % program.run([2 * x])[0])\n'
        + "if child == 0: os._exit(0)\n"
        + "print(os.waitpid(child, 0)[1])\n"
    )
    assert found.split() == ["384.0", "768.000000", "768.000000", "0"]


def test_the_interpreter_ends_although_threads_wait() -> None:
    assert _python(_START) == "384.0"


def test_addresses_of_arrays_of_any_kind(tmp_path: Path) -> None:
    """Read where NumPy keeps them, and the same as asked for."""
    whole = np.arange(12.0).reshape(3, 4)
    fixed = whole.copy()
    fixed.flags.writeable = False
    mapped = np.memmap(tmp_path / "numbers", np.uint8, "w+", shape=(8,))
    arrays = [whole, whole[1:, ::2], whole.T[::-1], fixed, np.array(1.0), mapped]
    for array in [*arrays, np.empty((0, 3)), np.zeros(2, bool)]:
        assert address(array) == array.__array_interface__["data"][0]


# --- looking inside ------------------------------------------------------------------


def test_a_program_shows_its_code() -> None:
    program = compiled(lambda x: (2 * x).sum(), wubu.zeros((64, 3)))
    assert "@run(" in program.llvm()
    assert "run:" in program.assembly()
