"""`Emitter`: LLVM IR by small, named steps: functions, loops, memory.

What happens in registers is in `registers.py`, arithmetic on indices in `indices.py`.
Together these are the one place that knows the width of vectors.
"""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from wubu.executors.native.code import ir
from wubu.executors.native.code.indices import INDEX, Index
from wubu.executors.native.code.instructions import IRBuilder
from wubu.executors.native.code.outlining import Outline
from wubu.executors.native.code.registers import (
    I1,
    I8,
    I32,
    Register,
    Registers,
    memory_type,
    scalar_type,
)

POINTER = ir.PointerType()
LINE = 64  # bytes of a cache line

__all__ = [
    "I1",
    "I8",
    "I32",
    "INDEX",
    "LINE",
    "POINTER",
    "Emitter",
    "Index",
    "Register",
    "memory_type",
    "scalar_type",
]


class Emitter(Registers):
    """Builds one module.

    Args:
        name: of the module.
        lanes: samples per vector.
    """

    def __init__(self, name: str, lanes: int) -> None:
        super().__init__(lanes)
        self.module = ir.Module(name)
        self.builder: Any = None
        self._entry: Any = None
        self._outline: Outline | None = None
        self._outlined: dict[str, Any] = {}  # functions, by what they do
        self._is_x86 = platform.machine().lower() in ("x86_64", "amd64")

    # -- functions, blocks, loops -------------------------------------------------

    @contextlib.contextmanager
    def function(
        self, name: str, arguments: Sequence[tuple[str, ir.Type]], result: Any = None
    ) -> Iterator[list[ir.Value]]:
        """A function; code emitted inside the block is its body."""
        types = [kind for _, kind in arguments]
        function = self.module.globals.get(name) or self.declare(name, types, result)
        function.name_arguments([label for label, _ in arguments])
        before = self.builder, self._entry
        self._entry = function.append_basic_block("entry")
        body = function.append_basic_block("body")
        self.builder = IRBuilder(body)
        yield list(function.args)
        if not self.builder.block.is_terminated:
            self.builder.ret_void()
        IRBuilder(self._entry).branch(body)
        self.builder, self._entry = before

    @contextlib.contextmanager
    def outlined(self, name: str, shared: bool = False) -> Iterator[Outline]:
        """Code that becomes a function of its own, called here; see `outlining.py`.

        Args:
            shared: whether code that does the same may become the same function.
        """
        caller = self.builder, self._entry

        def around(compute: Callable[[], Any]) -> Any:
            here = self.builder, self._entry
            self.builder, self._entry = caller
            found = compute()
            self.builder, self._entry = here
            return found

        before = self._outline
        self._outline = outline = Outline(self.module, name, shared, around)
        with self.function(outline.function.name, []):
            yield outline
        self._outline = before
        few = outline.few()
        if few is None:
            self.builder.call(*outline.finish(self._outlined))
        else:
            del self.module.globals[outline.function.name]
            self.builder.move_here(few, outline.function.blocks[-1].effects)

    def outside(self, key: Any, compute: Callable[[], Any]) -> Any:
        """What does not depend on this code, computed where outlined code is called."""
        return self._outline.outside(key, compute) if self._outline else compute()

    def declare(self, name: str, types: Sequence[ir.Type], result: Any = None) -> Any:
        """A function whose body follows."""
        kind = ir.FunctionType(result or ir.VoidType(), types)
        return ir.Function(self.module, kind, name)

    @contextlib.contextmanager
    def loop(
        self,
        count: Index,
        name: str,
        step: int = 1,
        start: Index = 0,
        carried: list[Register] | None = None,
    ) -> Iterator[Index]:
        """for i in range(start, count, step). Loops of one round are no loops.

        Args:
            carried: registers that change from round to round: the body replaces them
                in this list, which afterwards holds what the last round left.
        """
        b = self.builder
        function, carried = b.function, [] if carried is None else carried
        if isinstance(count, int) and isinstance(start, int):
            if count <= start:  # code that nobody reaches, and LLVM drops
                never, kept = ir.Constant(I1, 0), list(carried)
                with b.if_then(never):
                    yield start
                carried[:] = kept
                return
            if count - start <= step:
                yield start
                return
        head = function.append_basic_block(name)
        body = function.append_basic_block(f"{name}.body")
        after = function.append_basic_block(f"{name}.end")
        first, last, before = self.index(start), self.index(count), b.block
        b.branch(head)
        b.position_at_end(head)
        i = b.phi(INDEX, name)
        i.add_incoming(first, before)
        phis = [b.phi(register.value.type) for register in carried]
        for phi, register in zip(phis, carried, strict=True):
            phi.add_incoming(register.value, before)
        held = [r._replace(value=p) for r, p in zip(carried, phis, strict=True)]
        carried[:] = held
        b.cbranch(b.icmp_signed("<", i, last), body, after)
        b.position_at_end(body)
        yield i
        following = b.add(i, self.index(step), flags=("nsw",))
        i.add_incoming(following, b.block)
        for phi, register in zip(phis, carried, strict=True):
            phi.add_incoming(register.value, b.block)
        carried[:] = held
        b.branch(head)
        b.position_at_end(after)

    def loop_between(self, start: Index, stop: Index, name: str) -> Any:
        """for i in range(start, stop), where both may be known only at run time."""
        return self.loop(stop, name, start=start)

    @contextlib.contextmanager
    def nest(
        self,
        counts: Sequence[Index],
        name: str,
        carried: list[Register] | None = None,
    ) -> Iterator[tuple[Index, ...]]:
        """Loops inside each other, one for each count."""
        with contextlib.ExitStack() as stack:
            yield tuple(
                stack.enter_context(self.loop(n, f"{name}{i}", carried=carried))
                for i, n in enumerate(counts)
            )

    @contextlib.contextmanager
    def when(self, condition: ir.Value) -> Iterator[None]:
        """Code that runs if the condition holds."""
        with self.builder.if_then(condition):
            yield

    @contextlib.contextmanager
    def unless_full(self, full: bool, sample: Index, batch: int) -> Iterator[None]:
        """Code that runs if there is such a sample; at once if there always is."""
        if full:
            yield
            return
        inside = self.builder.icmp_signed("<", self.index(sample), self.index(batch))
        with self.builder.if_then(inside):
            yield

    def pause(self) -> None:
        """Tells the CPU that this is a loop that waits."""
        if self._is_x86:
            self._call("llvm.x86.sse2.pause", ir.FunctionType(ir.VoidType(), []))

    def _call(self, name: str, kind: ir.FunctionType, *arguments: ir.Value) -> ir.Value:
        function = self.module.globals.get(name)
        if function is None:
            function = ir.Function(self.module, kind, name)
        return self.builder.call(function, arguments)

    def variable(self, kind: ir.Type, name: str) -> ir.Value:
        """Room for a value that changes in a loop; LLVM makes a register of it."""
        return IRBuilder(self._entry).alloca(kind, name)

    # -- memory -------------------------------------------------------------------

    def load(self, pointer: ir.Value, offset: Index, dtype: np.dtype) -> Register:
        """One element; `offset` counts elements."""
        kind = memory_type(dtype)
        found = self.builder.load(self.address(pointer, offset, kind), typ=kind)
        if dtype.kind == "b":
            found = self.builder.icmp_unsigned("!=", found, ir.Constant(I8, 0))
        return Register(found, dtype, False)

    def load_lanes(
        self, pointer: ir.Value, offset: Index, dtype: np.dtype, align: int = 0
    ) -> Register:
        """One vector; `offset` counts elements."""
        kind = ir.VectorType(memory_type(dtype), self.lanes)
        at = self.address(pointer, offset, memory_type(dtype))
        found = self.builder.load(at, kind, align or self.lanes * dtype.itemsize)
        if dtype.kind == "b":
            found = self.builder.icmp_unsigned("!=", found, ir.Constant(kind, None))
        return Register(found, dtype, True)

    def prefetch(
        self,
        pointer: ir.Value,
        offset: Index,
        dtype: np.dtype,
        write: bool = False,
        count: int = 1,
        near: bool = True,
    ) -> None:
        """Asks for the cache lines of elements that will be read, and perhaps written;
        there need not be any. Those that are not near go into the second cache."""
        numbers = [ir.Constant(I32, n) for n in (int(write), 3 if near else 2, 1)]
        kind = ir.FunctionType(ir.VoidType(), [POINTER, I32, I32, I32])
        for i in range(0, count, LINE // dtype.itemsize):
            at = self.address(pointer, self.plus(offset, i), memory_type(dtype))
            self._call("llvm.prefetch.p0", kind, at, *numbers)

    def store(
        self, register: Register, pointer: ir.Value, offset: Index, align: int = 0
    ) -> None:
        """Writes a scalar or a vector; `offset` counts elements."""
        value, dtype = register.value, register.dtype
        if dtype.kind == "b":
            kind: ir.Type = I8
            kind = ir.VectorType(I8, self.lanes) if register.lanes else kind
            value = self.builder.zext(value, kind)
        at = self.address(pointer, offset, memory_type(dtype))
        if register.lanes:
            align = align or self.lanes * dtype.itemsize
        self.builder.store(value, at, align)

    def load_some(
        self, pointer: ir.Value, offset: Index, dtype: np.dtype, some: Index
    ) -> Register:
        """A vector of which only the first `some` elements are in memory."""
        if isinstance(some, int) and some == self.lanes:
            return self.load_lanes(pointer, offset, dtype, dtype.itemsize)
        kind = ir.VectorType(memory_type(dtype), self.lanes)
        suffix = f"v{self.lanes}{'f' if dtype.kind == 'f' else 'i'}{8 * dtype.itemsize}"
        mask = self.mask(some)
        signature = ir.FunctionType(kind, [POINTER, mask.type, kind])
        at = self.address(pointer, offset, memory_type(dtype))
        found = self._call(
            f"llvm.masked.load.{suffix}.p0",
            signature,
            at,
            mask,
            ir.Constant(kind, None),
        )
        if dtype.kind == "b":
            found = self.builder.icmp_unsigned("!=", found, ir.Constant(kind, None))
        return Register(found, dtype, True)

    def store_some(
        self, register: Register, pointer: ir.Value, offset: Index, some: Index
    ) -> None:
        """Writes the first `some` elements of a vector."""
        dtype = register.dtype
        if isinstance(some, int) and some == self.lanes:
            self.store(register, pointer, offset, dtype.itemsize)
            return
        suffix = f"v{self.lanes}{'f' if dtype.kind == 'f' else 'i'}{8 * dtype.itemsize}"
        mask, value = self.mask(some), register.value
        if dtype.kind == "b":
            value = self.builder.zext(value, ir.VectorType(I8, self.lanes))
        signature = ir.FunctionType(ir.VoidType(), [value.type, POINTER, mask.type])
        at = self.address(pointer, offset, memory_type(dtype))
        self._call(f"llvm.masked.store.{suffix}.p0", signature, value, at, mask)
