"""The CPU that is compiled for: what the environment asks of it."""

from __future__ import annotations

import ctypes
import importlib
import os
import subprocess
import sys
import threading

import pytest

from wubu.errors import ArgumentError
from wubu.executors.native.machine import forking
from wubu.executors.native.machine.target import MachineCode, compile_objects, target


def asked(monkeypatch: pytest.MonkeyPatch, text: str) -> int:
    monkeypatch.setenv("WUBU_LANES", text)
    return target.__wrapped__().lanes


def test_the_environment_asks_for_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, " 4 ") == 4
    assert asked(monkeypatch, "") == asked(monkeypatch, " ") >= 4


@pytest.mark.parametrize("text", ["abc", "-4", "8.0", "0", "5", "1024"])
def test_other_words_are_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArgumentError, match="lanes"):
        asked(monkeypatch, text)


def test_modules_are_compiled_where_there_can_be_no_more_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [f"define i64 @f{i}() {{\n  ret i64 {i}\n}}\n" for i in range(3)]

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    codes = compile_objects(texts, target())
    code = MachineCode(codes, target())
    found = [
        ctypes.CFUNCTYPE(ctypes.c_int64)(code.address(f"f{i}"))() for i in range(3)
    ]
    assert found == [0, 1, 2]


def test_llvm_does_not_work_where_handlers_of_signals_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = []

    def compile_object(text: str, chosen: object) -> bytes:
        seen.append(threading.current_thread())
        return text.encode()

    module = importlib.import_module("wubu.executors.native.machine.target")
    monkeypatch.setattr(module, "compile_object", compile_object)
    assert compile_objects(["a"], target()) == [b"a"]
    assert compile_objects(["a", "b"], target()) == [b"a", b"b"]
    assert len(seen) == 3
    assert threading.main_thread() not in seen


def test_a_signal_may_fork_where_its_own_thread_compiles() -> None:
    with forking.inside():
        forking._before()
        forking._after()


_INTERRUPTED = """
import importlib, os, signal, time
import wubu

target = importlib.import_module("wubu.executors.native.machine.target")
compile_object = target.compile_object

def slowly(text, chosen):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.5)
    code = compile_object(text, chosen)
    print("compiled", flush=True)
    return code

target.compile_object = slowly
weight = wubu.Variable(1.0)
try:
    wubu.jit(lambda: weight.assign_add(1.0), executor="native")()
except KeyboardInterrupt:
    print("interrupted", weight.item(), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_python_ends_after_threads_whose_compilation_was_interrupted() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED],
        env={**os.environ, "WUBU_CACHE": "0"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["interrupted 1.0", "compiled"], done.stderr
    assert done.returncode == 0
