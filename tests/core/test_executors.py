"""Which executor runs: one that was named, else native, else numpy with a warning."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import wubu
from wubu.core import executors
from wubu.errors import ExecutorError, UnknownNameError
from wubu.executors.native.machine.target import check_words
from wubu.executors.native.running.program import NativeProgram
from wubu.executors.numpy import NumpyProgram


@pytest.fixture(autouse=True)
def _nobody_has_named_one(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(executors, "_named", None)
    executors._default.cache_clear()
    yield
    executors._default.cache_clear()


def program(function: Any, *args: Any) -> Any:
    """The program that a call has run."""
    (compiled,) = next(iter(function._programs._table.values()))
    return compiled.program


def half(x: Any) -> Any:
    return x * wubu.tensor(2.0, dtype="float16")


HALVES = np.array([1.5, -2.0], np.float16)


# -- names -------------------------------------------------------------------------


def test_functions_run_as_machine_code_unless_another_executor_is_named() -> None:
    assert wubu.get_executor() == "native"
    plain, named = (wubu.jit(lambda x: x + 1, executor=e) for e in (None, "numpy"))
    assert plain(np.ones(2)).tolist() == named(np.ones(2)).tolist() == [2.0, 2.0]
    assert isinstance(program(plain), NativeProgram)
    assert isinstance(program(named), NumpyProgram)


def test_an_executor_is_chosen_by_name_and_given_back() -> None:
    wubu.set_executor("numpy")
    assert wubu.get_executor() == "numpy"
    with pytest.raises(UnknownNameError, match="no executor"):
        wubu.set_executor("abacus")
    assert wubu.get_executor() == "numpy"
    wubu.set_executor(None)
    assert wubu.get_executor() == "native"


@pytest.mark.parametrize(("name", "found"), [("numpy", "numpy"), ("", "native")])
def test_the_environment_names_one_for_a_process(
    name: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WUBU_EXECUTOR", name)
    code = "import wubu; print(wubu.get_executor())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == found, done.stderr


# -- graphs that machine code cannot run ---------------------------------------------


def test_what_native_cannot_run_runs_on_numpy_with_one_warning() -> None:
    function = wubu.jit(half)
    with pytest.warns(UserWarning, match="half runs on the numpy executor") as caught:
        found = function(HALVES)
    assert found.tolist() == [3.0, -4.0]
    assert isinstance(program(function), NumpyProgram)
    text = str(caught[0].message)
    assert "float16" in text
    assert "test_executors.py:" in text  # the line of the operation
    assert 'executor="numpy"' in text
    assert caught[0].filename == __file__
    assert function(HALVES).tolist() == [3.0, -4.0]  # a second one would be an error


@pytest.mark.parametrize("how", ["argument", "set"])
def test_an_executor_that_was_named_refuses(how: str) -> None:
    if how == "set":
        wubu.set_executor("native")
    function = wubu.jit(half, executor="native" if how == "argument" else None)
    with pytest.raises(ExecutorError, match="float16") as caught:
        function(HALVES)
    assert "test_executors.py:" in str(caught.value.where)
    assert "numpy" in str(caught.value.fix)


def test_naming_an_executor_counts_for_functions_that_have_run_already() -> None:
    function = wubu.jit(half)
    with pytest.warns(UserWarning, match="numpy executor"):
        function(HALVES)
    wubu.set_executor("native")
    with pytest.raises(ExecutorError, match="float16"):
        function(HALVES)


# -- machines that cannot make machine code --------------------------------------------


def missing(name: str, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """As if this executor could not be imported."""
    load = importlib.import_module

    def importing(wanted: str) -> Any:
        if wanted == f"wubu.executors.{name}":
            raise error
        return load(wanted)

    monkeypatch.setattr(executors.importlib, "import_module", importing)


@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("No module named 'llvmlite'", name="llvmlite"),
        OSError("Could not find/load shared object file"),
    ],
)
def test_without_llvm_everything_runs_on_numpy_with_one_warning(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing("native", monkeypatch, error)
    functions = [wubu.jit(lambda x, n=n: x + n) for n in range(3)]
    with pytest.warns(UserWarning, match="cannot be loaded") as caught:
        found = [f(np.zeros(1, "f4")).item() for f in functions]
    assert found == [0.0, 1.0, 2.0]
    assert len(caught) == 1
    assert str(error) in str(caught[0].message)
    assert "pip install" in str(caught[0].message)
    assert wubu.get_executor() == "numpy"
    with pytest.raises(ExecutorError, match="cannot be loaded"):
        wubu.set_executor("native")
    with pytest.raises(ExecutorError, match="cannot be loaded"):
        wubu.jit(lambda x: x, executor="native")(np.zeros(1))


def test_on_a_cpu_it_cannot_write_for_numpy_takes_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    native = executors.load_executor("native")
    monkeypatch.setattr(native, "check", lambda: check_words(order="big"))
    with pytest.warns(UserWarning, match="cannot be made for this CPU"):
        assert wubu.get_executor() == "numpy"
    with pytest.raises(ExecutorError, match="32 bits"):
        check_words(largest=2**31 - 1)


def test_naming_numpy_loads_no_llvm() -> None:
    code = (
        "import sys, numpy, wubu\n"
        "wubu.jit(lambda x: x + 1, executor='numpy')(numpy.ones(2))\n"
        "print('llvmlite' in sys.modules)\n"
        "wubu.jit(lambda x: x + 1)(numpy.ones(2))\n"
        "print('llvmlite' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"], done.stderr
