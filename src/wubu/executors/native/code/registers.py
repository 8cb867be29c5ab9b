"""Registers: what is computed with them, and between their lanes.

A number being computed with is a `Register`: one scalar, or one vector that holds a
value for each lane (each sample). Operations take both; a scalar meets a vector by
being spread over its lanes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from wubu.executors.native.code import ir
from wubu.executors.native.code.indices import Index, Indices

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


class Registers(Indices):
    """Operations on registers; a part of `Emitter`.

    Args:
        lanes: samples per vector.
    """

    module: ir.Module

    def __init__(self, lanes: int) -> None:
        super().__init__()
        self.lanes = lanes
        self.active = lanes  # lanes in use while vectors run along elements
        self._constants: dict[Any, ir.Constant] = {}  # each written out once

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
        mask = self.mask(self.active)
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

    def mask(self, some: Index) -> ir.Value:
        """True in the first `some` lanes."""
        if isinstance(some, int):
            kind = ir.VectorType(I1, self.lanes)
            return ir.Constant(kind, [int(i < some) for i in range(self.lanes)])
        count, known = self.index(some), self.here()
        key = ("mask", count.text)
        if key not in known:
            int64 = np.dtype("int64")
            limit = self.spread(Register(count, int64, False))
            numbers = self.lane_numbers(int64)
            known[key] = self.builder.icmp_signed("<", numbers.value, limit.value)
        return known[key]
