"""This CPU: how wide its vectors are, and machine code for it."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import sys
import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

import llvmlite.binding as llvm
from llvmlite.binding import ffi

from wubu.errors import ArgumentError, ExecutorError
from wubu.executors.native.code.waiting import provide_yield
from wubu.executors.native.machine import forking


class Target(NamedTuple):
    """A CPU to compile for.

    Attributes:
        lanes: float32 numbers in one vector register.
        registers: how many vector registers there are.
        features: in LLVM's notation.
        winograd: whether convolutions may be computed with fewer products.
    """

    cpu: str
    features: str
    lanes: int
    registers: int
    winograd: bool = True


@functools.cache
def target(lanes: int | None = None) -> Target:
    """The CPU this runs on, with its widest vectors, or with as many lanes as asked.

    The environment variable `WUBU_LANES` asks for a number of lanes too, and
    `WUBU_WINOGRAD=0` for convolutions product by product.

    Raises:
        ArgumentError: this CPU has no such vectors, or that is no number.
        ExecutorError: no machine code can be made for this CPU.
    """
    check_words()
    features = _host_features()
    widest = 16 if features.get("avx512f") else 8 if features.get("avx2") else 4
    asked = lanes or _lanes_of_environment(widest)
    if asked not in (4, 8, 16) or asked > widest:
        raise ArgumentError(
            "this CPU has no vectors with so many lanes",
            expected=", ".join(str(n) for n in (4, 8, 16) if n <= widest),
            got=asked,
        )
    for name in features:
        if (asked < 16 and name.startswith("avx512")) or (
            asked < 8 and (name.startswith("avx") or name in ("fma", "f16c"))
        ):
            features[name] = False
    text = ",".join(f"{'+' if on else '-'}{name}" for name, on in features.items())
    if asked == 16:
        text += ",-prefer-256-bit"
    registers = 32 if asked == 16 else 16
    winograd = os.environ.get("WUBU_WINOGRAD") != "0"
    return Target(llvm.get_host_cpu_name(), text, asked, registers, winograd)


def _lanes_of_environment(default: int) -> int:
    asked = os.environ.get("WUBU_LANES", "").strip()
    if asked and not asked.isdecimal():
        raise ArgumentError(
            "the environment variable WUBU_LANES is not a number of lanes",
            expected="16, 8 or 4",
            got=asked,
        )
    return int(asked) if asked else default


def check_words(order: str = sys.byteorder, largest: int = sys.maxsize) -> None:
    """Raises an ExecutorError where numbers and addresses lie otherwise in memory than
    emitted code takes for granted."""
    if order != "little" or largest < 2**63 - 1:
        raise ExecutorError(
            "machine code cannot be made for this CPU",
            expected="a little-endian CPU, and a Python of 64 bits",
            got=f"{order}-endian, {largest.bit_length() + 1} bits",
            fix='use the "numpy" executor',
        )


def _host_features() -> dict[str, bool]:
    try:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        llvm.Target.from_default_triple()
    except RuntimeError as error:
        raise ExecutorError(
            "machine code cannot be made for this CPU",
            got=f"LLVM says: {error}",
            fix='use the "numpy" executor',
        ) from error
    try:
        return dict(llvm.get_host_cpu_features())
    except RuntimeError:  # LLVM cannot tell: what every CPU of this family has
        return {}


# Emitted code is already fused, vectorised and unrolled. What is left to do is to put
# variables in registers and to simplify; the passes of -O2 cost fifteen times as much
# and make steps no faster. Nor does the reduction of loop strength, which takes a
# quarter of the time in which LLVM chooses instructions.
_PASSES = ("sroa", "simplify_cfg")
_OPTIONS = ("-disable-lsr",)


def compile_object(text: str, chosen: Target) -> bytes:
    """The object code of a module given as LLVM IR."""
    machine, module = _optimised(text, chosen)
    return _object(machine, module)


def compile_objects(texts: Sequence[str], chosen: Target) -> list[bytes]:
    """The object code of several modules, compiled at the same time.

    Threads do that, and the caller only waits: a signal's handler that raises would
    else meet llvmlite in the middle, which may lose the error, or leave its lock
    behind. Where no thread can be started, as at the end of Python, the caller does it.
    Threads whose caller has gone are waited for at the end of Python: LLVM is taken
    apart there, and would abort the process.
    """
    found: dict[int, bytes] = {}

    def work(i: int) -> None:
        with contextlib.suppress(Exception):  # raised below
            found[i] = compile_object(texts[i], chosen)

    started = []
    for i in range(len(texts)):
        thread = threading.Thread(target=work, args=(i,), daemon=False)
        with contextlib.suppress(RuntimeError):
            thread.start()
            started.append(thread)
    for thread in started:
        thread.join()
    return [
        found[i] if i in found else compile_object(text, chosen)
        for i, text in enumerate(texts)
    ]


def assembly(text: str, chosen: Target) -> str:
    """The machine code of a module given as LLVM IR, as text."""
    machine, module = _optimised(text, chosen)
    return machine.emit_assembly(module)


def _object(machine: Any, module: Any) -> bytes:
    """`machine.emit_object(module)`, where the module has a context of its own.

    llvmlite lets one thread at a time into LLVM, which takes most of its time here.
    Contexts are apart, so here llvmlite's lock is gone around, if it is where it was.
    """
    locked = ffi.lib.LLVMPY_TargetMachineEmitToMemory
    emit = getattr(locked, "_cfn", locked)
    with ffi.OutputString() as error, forking.inside():
        buffer = emit(machine, module, 1, error)
        if not buffer:
            raise RuntimeError(f"LLVM gives no object code: {error}")
    start, size = ffi.lib.LLVMPY_GetBufferStart, ffi.lib.LLVMPY_GetBufferSize
    try:
        return ctypes.string_at(start(buffer), size(buffer))
    finally:
        ffi.lib.LLVMPY_DisposeMemoryBuffer(buffer)


def _optimised(text: str, chosen: Target) -> tuple[Any, Any]:
    machine = _machine(chosen)
    module = llvm.parse_assembly(text, llvm.create_context())
    module.triple = llvm.get_default_triple()
    passes = llvm.create_new_module_pass_manager()
    for name in _PASSES:
        getattr(passes, f"add_{name}_pass")()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    passes.run(module, llvm.create_pass_builder(machine, options))
    return machine, module


@functools.cache
def _set_options() -> None:
    """LLVM's options are set once for a process."""
    for option in _OPTIONS:
        llvm.set_option("wubu", option)


def _machine(chosen: Target) -> Any:
    _set_options()
    triple = llvm.Target.from_default_triple()
    return triple.create_target_machine(cpu=chosen.cpu, features=chosen.features, opt=2)


class MachineCode:
    """Object code in memory, ready to be called."""

    def __init__(self, codes: Sequence[bytes], chosen: Target) -> None:
        provide_yield()
        empty = llvm.parse_assembly("")
        self._engine: Any = llvm.create_mcjit_compiler(empty, _machine(chosen))
        for code in codes:
            self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        return self._engine.get_function_address(name)
