"""`Value`: a register with operators, so that a formula is read as a formula.

A Python number in a formula becomes a constant of the other operand's type. Nothing
here may be given fast-math flags: the formulas depend on every single rounding.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from wubu.executors.native.code import ir
from wubu.executors.native.code.emitter import Emitter, Register

_BOOL = np.dtype("bool")


class Format(NamedTuple):
    """The binary format of a float dtype (IEEE 754)."""

    bits: np.dtype  # the unsigned integer of the same size
    mantissa: int  # bits of the significand that are stored
    bias: int  # the stored exponent of 1.0
    smallest: float  # smallest normal number


FORMATS = {
    "float32": Format(np.dtype("uint32"), 23, 127, 2.0**-126),
    "float64": Format(np.dtype("uint64"), 52, 1023, 2.0**-1022),
}


class Value:
    """A scalar or a vector of the emitter's lanes, with arithmetic.

    Comparisons are false where an operand is NaN.
    """

    def __init__(self, emitter: Emitter, register: Register) -> None:
        self.emitter = emitter
        self.register = register

    @property
    def dtype(self) -> np.dtype:
        return self.register.dtype

    @property
    def format(self) -> Format:
        return FORMATS[self.dtype.name]

    def constant(self, number: Any) -> Value:
        """The number, in this value's dtype and lanes."""
        if self.dtype.kind != "f":
            number = int(number) % (1 << 8 * self.dtype.itemsize)
        lanes = self.register.lanes
        return Value(self.emitter, self.emitter.number(number, self.dtype, lanes))

    def _with(self, value: ir.Value, dtype: np.dtype | None = None) -> Value:
        found = Register(value, dtype or self.dtype, self.register.lanes)
        return Value(self.emitter, found)

    def _operand(self, other: Value | float) -> ir.Value:
        other = other if isinstance(other, Value) else self.constant(other)
        return other.register.value

    def _combine(self, name: str, other: Value | float, reverse: bool = False) -> Value:
        kind = f"f{name}" if self.dtype.kind == "f" else name
        operands = [self.register.value, self._operand(other)]
        if reverse:
            operands.reverse()
        return self._with(getattr(self.emitter.builder, kind)(*operands))

    def __add__(self, other: Value | float) -> Value:
        return self._combine("add", other)

    def __sub__(self, other: Value | float) -> Value:
        return self._combine("sub", other)

    def __rsub__(self, other: float) -> Value:
        return self._combine("sub", other, reverse=True)

    def __mul__(self, other: Value | float) -> Value:
        return self._combine("mul", other)

    def __truediv__(self, other: Value | float) -> Value:
        return self._combine("div", other)

    def __rtruediv__(self, other: float) -> Value:
        return self._combine("div", other, reverse=True)

    def __neg__(self) -> Value:
        b = self.emitter.builder
        negate = b.fneg if self.dtype.kind == "f" else b.neg
        return self._with(negate(self.register.value))

    # -- bits and truth values ----------------------------------------------------

    def _bitwise(self, name: str, other: Value | int) -> Value:
        operation = getattr(self.emitter.builder, name)
        return self._with(operation(self.register.value, self._operand(other)))

    def __and__(self, other: Value | int) -> Value:
        return self._bitwise("and_", other)

    def __or__(self, other: Value | int) -> Value:
        return self._bitwise("or_", other)

    def __xor__(self, other: Value | int) -> Value:
        return self._bitwise("xor", other)

    def __invert__(self) -> Value:
        return self._with(self.emitter.builder.not_(self.register.value))

    def __lshift__(self, places: int) -> Value:
        return self._bitwise("shl", places)

    def __rshift__(self, places: int) -> Value:
        """Zeros come in from the left, whatever the dtype."""
        return self._bitwise("lshr", places)

    # -- comparisons --------------------------------------------------------------

    def _compare(self, how: str, other: Value | float) -> Value:
        b = self.emitter.builder
        kinds = {"f": b.fcmp_ordered, "i": b.icmp_signed}
        compare = kinds.get(self.dtype.kind, b.icmp_unsigned)
        found = compare(how, self.register.value, self._operand(other))
        return self._with(found, _BOOL)

    def __lt__(self, other: Value | float) -> Value:
        return self._compare("<", other)

    def __gt__(self, other: Value | float) -> Value:
        return self._compare(">", other)

    def equals(self, other: Value | float) -> Value:
        return self._compare("==", other)

    def is_nan(self) -> Value:
        value = self.register.value
        return self._with(
            self.emitter.builder.fcmp_unordered("uno", value, value), _BOOL
        )

    # -- other forms of the same number -------------------------------------------

    def _kind(self, dtype: np.dtype) -> ir.Type:
        return self.emitter.type_of(dtype, self.register.lanes)

    def as_bits(self) -> Value:
        """The float's bits as an unsigned integer."""
        bits = self.format.bits
        cast = self.emitter.builder.bitcast(self.register.value, self._kind(bits))
        return self._with(cast, bits)

    def as_float(self, dtype: np.dtype) -> Value:
        """The float that has these bits."""
        cast = self.emitter.builder.bitcast(self.register.value, self._kind(dtype))
        return self._with(cast, dtype)

    def resize(self, dtype: np.dtype) -> Value:
        """The same number in the other size of float, or of unsigned integer."""
        names = {"f": ("fpext", "fptrunc"), "u": ("zext", "trunc")}[dtype.kind]
        name = names[dtype.itemsize < self.dtype.itemsize]
        cast = getattr(self.emitter.builder, name)
        return self._with(cast(self.register.value, self._kind(dtype)), dtype)

    # -- functions that are one instruction ---------------------------------------

    def intrinsic(self, name: str, *others: Value) -> Value:
        registers = [other.register for other in others]
        found = self.emitter.intrinsic(name, self.register, *registers)
        return Value(self.emitter, found)

    def absolute(self) -> Value:
        return self.intrinsic("fabs")

    def with_sign_of(self, other: Value) -> Value:
        return self.intrinsic("copysign", other)

    def limit(self, low: float | None = None, high: float | None = None) -> Value:
        """This value within the limits; NaN stays NaN."""
        found = self
        if high is not None:
            found = select(found > high, high, found)
        if low is not None:
            found = select(found < low, low, found)
        return found


def fma(a: Value, b: Value | float, c: Value | float) -> Value:
    """a * b + c, rounded once."""
    b = b if isinstance(b, Value) else a.constant(b)
    c = c if isinstance(c, Value) else a.constant(c)
    return Value(a.emitter, a.emitter.fma(a.register, b.register, c.register))


def select(condition: Value, a: Value | float, b: Value | float) -> Value:
    """a where the condition holds, b elsewhere. One of them is a Value."""
    like = a if isinstance(a, Value) else b
    assert isinstance(like, Value)
    operands = [like._operand(a), like._operand(b)]
    chosen = like.emitter.builder.select(condition.register.value, *operands)
    return like._with(chosen)


def polynomial(x: Value, coefficients: Sequence[float]) -> Value:
    """c0 + c1 x + c2 x**2 + ... by Horner's rule.

    Many vectors are under way at once, so the fewest operations are the fastest; a
    shorter chain of dependences (Estrin's scheme) would cost more of them.
    """
    total = x.constant(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        total = fma(total, x, c)
    return total


def emitted(formula: Callable[..., Value]) -> Callable[..., Register]:
    """The formula as a function of an emitter and registers."""

    @functools.wraps(formula)
    def function(emitter: Emitter, *registers: Register) -> Register:
        values = [Value(emitter, register) for register in emitter.match(registers)]
        return formula(*values).register

    return function
