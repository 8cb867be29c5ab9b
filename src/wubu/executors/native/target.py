"""This CPU: how wide its vectors are, and machine code for it."""

from __future__ import annotations

import functools
import os
from typing import Any, NamedTuple

import llvmlite.binding as llvm

from wubu.errors import ArgumentError


class Target(NamedTuple):
    """A CPU to compile for.

    Attributes:
        lanes: float32 numbers in one vector register.
        registers: how many vector registers there are.
        features: in LLVM's notation.
    """

    cpu: str
    features: str
    lanes: int
    registers: int


@functools.cache
def target(lanes: int | None = None) -> Target:
    """The CPU this runs on, with its widest vectors, or with as many lanes as asked.

    The environment variable `WUBU_LANES` asks for a number of lanes too.
    """
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = dict(llvm.get_host_cpu_features())
    widest = 16 if features.get("avx512f") else 8 if features.get("avx2") else 4
    asked = lanes or int(os.environ.get("WUBU_LANES", widest))
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
    return Target(llvm.get_host_cpu_name(), text, asked, 32 if asked == 16 else 16)


class MachineCode:
    """A module compiled and loaded."""

    def __init__(self, text: str, chosen: Target) -> None:
        machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=chosen.cpu, features=chosen.features, opt=3
        )
        module = llvm.parse_assembly(text)
        module.triple = llvm.get_default_triple()
        options = llvm.create_pipeline_tuning_options(speed_level=2)
        options.loop_vectorization = False
        options.slp_vectorization = False
        options.loop_unrolling = True
        builder = llvm.create_pass_builder(machine, options)
        builder.getModulePassManager().run(module, builder)
        self.module = module
        self._machine = machine
        self._engine: Any = llvm.create_mcjit_compiler(module, machine)
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        return self._engine.get_function_address(name)

    def assembly(self) -> str:
        return self._machine.emit_assembly(self.module)
