"""`Emitter`: LLVM IR by small, named steps. The one place that knows the vector width.

A number being computed with is a `Register`: one scalar, or one vector that holds a
value for each lane (each sample). Operations take both; a scalar meets a vector by
being spread over its lanes. Arithmetic on indices is in `indices.py`.
"""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import llvmlite.ir as ir
import numpy as np

from wubu.executors.native.indices import INDEX, Index, Indices

POINTER = ir.PointerType()
I1, I8, I32 = ir.IntType(1), ir.IntType(8), ir.IntType(32)

_FIRST = ir.Constant(I32, 0)
_FLOATS = {np.dtype("float32"): ir.FloatType(), np.dtype("float64"): ir.DoubleType()}
_SUFFIXES = {np.dtype("float32"): "f32", np.dtype("float64"): "f64"}


class Register(NamedTuple):
    """A number in a register: a scalar, or one for each lane."""

    value: ir.Value
    dtype: np.dtype
    lanes: bool


def scalar_type(dtype: np.dtype) -> ir.Type:
    """The IR type of one element in a register. Bools are one bit there."""
    if dtype.kind == "f":
        return _FLOATS[dtype]
    return I1 if dtype.kind == "b" else ir.IntType(8 * dtype.itemsize)


def memory_type(dtype: np.dtype) -> ir.Type:
    """The IR type of one element in memory. Bools are one byte there."""
    return I8 if dtype.kind == "b" else scalar_type(dtype)


class Emitter(Indices):
    """Builds one module.

    Args:
        name: of the module.
        lanes: samples per vector.
    """

    def __init__(self, name: str, lanes: int) -> None:
        super().__init__()
        self.module = ir.Module(name)
        self._constants: dict[Any, ir.Constant] = {}  # each written out once
        self.lanes = lanes
        self.active = lanes  # lanes in use while vectors run along elements
        self._is_x86 = platform.machine().lower() in ("x86_64", "amd64")
        self.builder: ir.IRBuilder = None
        self._entry: ir.Block = None

    # -- functions, blocks, loops -------------------------------------------------

    @contextlib.contextmanager
    def function(
        self, name: str, arguments: Sequence[tuple[str, ir.Type]], result: Any = None
    ) -> Iterator[list[ir.Argument]]:
        """A function; code emitted inside the block is its body."""
        types = [kind for _, kind in arguments]
        function = self.module.globals.get(name) or self.declare(name, types, result)
        for argument, (label, _) in zip(function.args, arguments, strict=True):
            argument.name = label
        before = (self.builder, self._entry)
        self._entry = function.append_basic_block("entry")
        body = function.append_basic_block("body")
        self.builder = ir.IRBuilder(body)
        yield list(function.args)
        if not self.builder.block.is_terminated:
            self.builder.ret_void()
        ir.IRBuilder(self._entry).branch(body)
        self.builder, self._entry = before

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
        b = ir.IRBuilder(self._entry)
        return b.alloca(kind, name=name)

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
        found = self.builder.load(at, typ=kind)
        found.align = align or self.lanes * dtype.itemsize
        if dtype.kind == "b":
            found = self.builder.icmp_unsigned("!=", found, ir.Constant(kind, None))
        return Register(found, dtype, True)

    def prefetch(self, pointer: ir.Value, offset: Index, dtype: np.dtype) -> None:
        """Asks for the cache line of an element that will be read and written."""
        numbers = [ir.Constant(I32, n) for n in (1, 3, 1)]  # to write; keep; data
        kind = ir.FunctionType(ir.VoidType(), [POINTER, I32, I32, I32])
        at = self.address(pointer, offset, memory_type(dtype))
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
        stored = self.builder.store(value, at)
        if register.lanes:
            stored.align = align or self.lanes * dtype.itemsize

    def _mask(self, some: Index) -> ir.Value:
        """True in the first `some` lanes."""
        if isinstance(some, int):
            kind = ir.VectorType(I1, self.lanes)
            return ir.Constant(kind, [int(i < some) for i in range(self.lanes)])
        int64 = np.dtype("int64")
        limit = self.spread(Register(self.index(some), int64, False))
        numbers = self.lane_numbers(int64)
        return self.builder.icmp_signed("<", numbers.value, limit.value)

    def load_some(
        self, pointer: ir.Value, offset: Index, dtype: np.dtype, some: Index
    ) -> Register:
        """A vector of which only the first `some` elements are in memory."""
        if isinstance(some, int) and some == self.lanes:
            return self.load_lanes(pointer, offset, dtype, dtype.itemsize)
        kind = ir.VectorType(memory_type(dtype), self.lanes)
        suffix = f"v{self.lanes}{'f' if dtype.kind == 'f' else 'i'}{8 * dtype.itemsize}"
        mask = self._mask(some)
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
        mask, value = self._mask(some), register.value
        if dtype.kind == "b":
            value = self.builder.zext(value, ir.VectorType(I8, self.lanes))
        signature = ir.FunctionType(ir.VoidType(), [value.type, POINTER, mask.type])
        at = self.address(pointer, offset, memory_type(dtype))
        self._call(f"llvm.masked.store.{suffix}.p0", signature, value, at, mask)

    # -- registers ----------------------------------------------------------------

    def type_of(self, dtype: np.dtype, lanes: bool) -> ir.Type:
        kind = scalar_type(dtype)
        return ir.VectorType(kind, self.lanes) if lanes else kind

    def number(self, value: Any, dtype: np.dtype, lanes: bool = False) -> Register:
        """A constant."""
        value = float(value) if dtype.kind == "f" else int(value)
        key = (repr(value), dtype, lanes)  # 0.0 equals -0.0
        if key not in self._constants:
            constant = ir.Constant(scalar_type(dtype), value)
            if lanes:
                kind = ir.VectorType(constant.type, self.lanes)
                constant = ir.Constant(kind, [constant] * self.lanes)
            self._constants[key] = constant
        return Register(self._constants[key], dtype, lanes)

    def choice(self, lanes: Sequence[int]) -> ir.Constant:
        """Which lanes a shuffle takes."""
        key = tuple(lanes)
        if key not in self._constants:
            kind = ir.VectorType(I32, len(key))
            self._constants[key] = ir.Constant(kind, list(key) if any(key) else None)
        return self._constants[key]

    def spread(self, register: Register) -> Register:
        """A scalar in every lane; a vector stays as it is."""
        if register.lanes:
            return register
        kind = ir.VectorType(register.value.type, self.lanes)
        empty = ir.Constant(kind, ir.Undefined)
        first = self.builder.insert_element(empty, register.value, _FIRST)
        zeros = self.choice([0] * self.lanes)
        spread = self.builder.shuffle_vector(first, empty, zeros)
        return Register(spread, register.dtype, True)

    def match(self, registers: Sequence[Register]) -> list[Register]:
        """All scalars, or all vectors."""
        if any(r.lanes for r in registers):
            return [self.spread(r) for r in registers]
        return list(registers)

    def lane_numbers(self, dtype: np.dtype) -> Register:
        """0, 1, 2 ... in the lanes."""
        kind = ir.VectorType(scalar_type(dtype), self.lanes)
        return Register(ir.Constant(kind, list(range(self.lanes))), dtype, True)

    def extract(self, register: Register, lane: Index) -> Register:
        """The number of one lane."""
        at = ir.Constant(I32, lane) if isinstance(lane, int) else lane
        found = self.builder.extract_element(register.value, at)
        return Register(found, register.dtype, False)

    def insert(self, register: Register, element: Register, lane: int) -> Register:
        found = self.builder.insert_element(
            register.value, element.value, ir.Constant(I32, lane)
        )
        return Register(found, register.dtype, True)

    def undefined(self, dtype: np.dtype) -> Register:
        kind = self.type_of(dtype, lanes=True)
        return Register(ir.Constant(kind, ir.Undefined), dtype, True)

    def intrinsic(self, name: str, *registers: Register) -> Register:
        """`llvm.<name>` for the type of the first operand."""
        first = registers[0]
        kind = first.value.type
        suffix = _SUFFIXES.get(first.dtype, f"i{8 * first.dtype.itemsize}")
        if first.lanes:
            suffix = f"v{self.lanes}{suffix}"
        signature = ir.FunctionType(kind, [kind] * len(registers))
        full = f"llvm.{name}.{suffix}"
        function = self.module.globals.get(full)
        if function is None:
            function = ir.Function(self.module, signature, full)
        found = self.builder.call(function, [r.value for r in registers])
        return Register(found, first.dtype, first.lanes)

    def fma(self, a: Register, b: Register, c: Register) -> Register:
        """a * b + c, rounded once."""
        a, b, c = self.match([a, b, c])
        if a.dtype.kind == "b":
            both = self.builder.and_(a.value, b.value)
            return Register(self.builder.or_(both, c.value), a.dtype, a.lanes)
        if a.dtype.kind != "f":
            product = self.builder.mul(a.value, b.value)
            return Register(self.builder.add(product, c.value), a.dtype, a.lanes)
        return self.intrinsic("fma", a, b, c)

    def fold_lanes(self, register: Register, join: Callable) -> Register:
        """All lanes joined, in a fixed order: halves with halves. `join` takes and
        gives IR values."""
        value, width = register.value, self.lanes
        while width > 1:
            width //= 2
            low = self.choice(range(width))
            high = self.choice(range(width, 2 * width))
            a = self.builder.shuffle_vector(value, value, low)
            b = self.builder.shuffle_vector(value, value, high)
            value = join(a, b)
        found = self.builder.extract_element(value, _FIRST)
        return Register(found, register.dtype, False)

    def only_active(self, register: Register, other: Any = 0) -> Register:
        """Zero, or another number, in lanes that are not in use."""
        if self.active == self.lanes or not register.lanes:
            return register
        rest = self.number(other, register.dtype, lanes=True)
        mask = self._mask(self.active)
        kept = self.builder.select(mask, register.value, rest.value)
        return Register(kept, register.dtype, True)

    def transposed(self, rows: Sequence[Register]) -> list[Register]:
        """As many vectors as there are lanes, rows and columns exchanged."""
        found, b = [row.value for row in rows], self.builder
        step = 1
        while step < self.lanes:
            lanes = range(self.lanes)
            low = self.choice([i + self.lanes - step if i & step else i for i in lanes])
            high = self.choice(
                [i + self.lanes if i & step else i + step for i in lanes]
            )
            for i in lanes:
                if not i & step:
                    one, other = found[i], found[i + step]
                    found[i] = b.shuffle_vector(one, other, low)
                    found[i + step] = b.shuffle_vector(one, other, high)
            step *= 2
        return [Register(value, rows[0].dtype, True) for value in found]

    def any_lane(self, register: Register) -> ir.Value:
        """Whether a bool is true, in any lane."""
        if not register.lanes:
            return register.value
        whole = ir.IntType(self.lanes)
        bits = self.builder.bitcast(register.value, whole)
        return self.builder.icmp_unsigned("!=", bits, ir.Constant(whole, 0))

    def sum_lanes(self, register: Register) -> Register:
        """The sum over all lanes."""
        kind = register.dtype.kind
        name = {"f": "fadd", "b": "or_"}.get(kind, "add")
        return self.fold_lanes(register, getattr(self.builder, name))
