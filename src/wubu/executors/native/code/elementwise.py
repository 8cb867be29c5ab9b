"""The lowering table of elementwise primitives: name -> code for one element.

Each rule takes registers of one kind, all scalars or all vectors, and is the same code
for both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wubu.executors.native.code import mathematics
from wubu.executors.native.code.emitter import Emitter, Register

Rule = Callable[..., Register]

_BOOL = np.dtype("bool")


def _arithmetic(floats: str, integers: str, bools: str) -> Rule:
    def rule(e: Emitter, a: Register, b: Register) -> Register:
        a, b = e.match([a, b])
        name = {"f": floats, "b": bools}.get(a.dtype.kind, integers)
        flags = ("contract",) if a.dtype.kind == "f" else ()
        build = getattr(e.builder, name)
        return Register(
            build(a.value, b.value, flags=flags) if flags else build(a.value, b.value),
            a.dtype,
            a.lanes,
        )

    return rule


def _compare(operator: str) -> Rule:
    def rule(e: Emitter, a: Register, b: Register) -> Register:
        a, b = e.match([a, b])
        if a.dtype.kind == "f":
            found = e.builder.fcmp_ordered(operator, a.value, b.value)
        elif a.dtype.kind == "i":
            found = e.builder.icmp_signed(operator, a.value, b.value)
        else:
            found = e.builder.icmp_unsigned(operator, a.value, b.value)
        return Register(found, _BOOL, a.lanes)

    return rule


def _where(e: Emitter, condition: Register, a: Register, b: Register) -> Register:
    a, b = e.match([a, b])
    if condition.lanes and not a.lanes:
        a, b = e.spread(a), e.spread(b)
    found = e.builder.select(condition.value, a.value, b.value)
    return Register(found, a.dtype, a.lanes)


def _extreme(operator: str) -> Rule:
    """maximum and minimum; NaN if either is."""
    less = _compare(operator)

    def rule(e: Emitter, a: Register, b: Register) -> Register:
        a, b = e.match([a, b])
        chosen = e.builder.select(less(e, a, b).value, b.value, a.value)
        if a.dtype.kind == "f":
            nan = e.builder.fcmp_unordered("uno", b.value, b.value)
            chosen = e.builder.select(nan, b.value, chosen)
        return Register(chosen, a.dtype, a.lanes)

    return rule


def _negative(e: Emitter, x: Register) -> Register:
    if x.dtype.kind == "f":
        return Register(e.builder.fneg(x.value), x.dtype, x.lanes)
    if x.dtype.kind == "b":
        return x
    return Register(e.builder.neg(x.value), x.dtype, x.lanes)


def convert(e: Emitter, x: Register, dtype: np.dtype) -> Register:
    """x in another dtype, as NumPy's astype."""
    if x.dtype == dtype:
        return x
    b, kind = e.builder, e.type_of(dtype, x.lanes)
    source, target = x.dtype.kind, dtype.kind
    if target == "b":
        zero = e.number(0, x.dtype, x.lanes).value
        compare = b.fcmp_unordered if source == "f" else b.icmp_unsigned
        found = compare("!=", x.value, zero)
    elif source == "f" and target == "f":
        grow = dtype.itemsize > x.dtype.itemsize
        found = (b.fpext if grow else b.fptrunc)(x.value, kind)
    elif source == "f":
        found = (b.fptosi if target == "i" else b.fptoui)(x.value, kind)
    elif target == "f":
        found = (b.sitofp if source == "i" else b.uitofp)(x.value, kind)
    else:
        width = 1 if source == "b" else 8 * x.dtype.itemsize
        if width < 8 * dtype.itemsize:
            found = (b.sext if source == "i" else b.zext)(x.value, kind)
        elif width > 8 * dtype.itemsize:
            found = b.trunc(x.value, kind)
        else:
            found = x.value
    return Register(found, dtype, x.lanes)


def _cast(e: Emitter, x: Register, dtype: np.dtype) -> Register:
    return convert(e, x, dtype)


def _floor_divide(e: Emitter, a: Register, b: Register) -> Register:
    a, b = e.match([a, b])
    if a.dtype.kind == "f":
        return mathematics.floor_divide(e, a, b)
    zero, one = (e.number(n, a.dtype, a.lanes).value for n in (0, 1))
    # Division by zero gives 0, as in NumPy, instead of a trap.
    safe = e.builder.select(e.builder.icmp_unsigned("==", b.value, zero), one, b.value)
    if a.dtype.kind == "u":
        found = e.builder.udiv(a.value, safe)
    else:
        # So does the lowest number by -1: it is itself, turned around.
        minus = e.number(-1, a.dtype, a.lanes).value
        turned = e.builder.icmp_signed("==", b.value, minus)
        safe = e.builder.select(turned, one, safe)
        found = e.builder.sdiv(a.value, safe)
        rest = e.builder.srem(a.value, safe)
        wrong = e.builder.and_(
            e.builder.icmp_signed("!=", rest, zero),
            e.builder.icmp_signed("<", e.builder.xor(rest, safe), zero),
        )
        found = e.builder.select(wrong, e.builder.sub(found, one), found)
        found = e.builder.select(turned, e.builder.sub(zero, a.value), found)
    by_zero = e.builder.icmp_unsigned("==", b.value, zero)
    return Register(e.builder.select(by_zero, zero, found), a.dtype, a.lanes)


def _power(e: Emitter, a: Register, b: Register) -> Register:
    """a ** b; of integers by squaring, with the bits that NumPy's has."""
    if a.dtype.kind == "f":
        return mathematics.power(e, *e.match([a, b]))
    a, b = e.match([a, b])
    one = e.number(1, a.dtype, a.lanes)
    build, found, bit = e.builder, one.value, one.value
    square = a.value
    zero = e.number(0, a.dtype, a.lanes).value
    for i in range(1 if a.dtype.kind == "b" else 8 * a.dtype.itemsize):
        odd = build.icmp_unsigned("!=", build.and_(b.value, bit), zero)
        found = build.select(odd, build.mul(found, square), found)
        if i + 1 < 8 * a.dtype.itemsize:
            square = build.mul(square, square)
            bit = build.shl(bit, one.value)
    return Register(found, a.dtype, a.lanes)


def _math(name: str) -> Rule:
    function = getattr(mathematics, name)

    def rule(e: Emitter, *registers: Register) -> Register:
        return function(e, *e.match(registers))

    return rule


def _only_floats(name: str) -> Rule:
    """Functions that leave integers as they are."""
    function = _math(name)

    def rule(e: Emitter, x: Register) -> Register:
        return function(e, x) if x.dtype.kind == "f" else x

    return rule


def _absolute(e: Emitter, x: Register) -> Register:
    if x.dtype.kind == "f":
        return e.intrinsic("fabs", x)
    if x.dtype.kind != "i":
        return x
    negative = e.builder.icmp_signed("<", x.value, e.number(0, x.dtype, x.lanes).value)
    return Register(
        e.builder.select(negative, e.builder.neg(x.value), x.value), x.dtype, x.lanes
    )


def _sign(e: Emitter, x: Register) -> Register:
    zero, one = (e.number(n, x.dtype, x.lanes) for n in (0, 1))
    less = _compare("<")
    if x.dtype.kind in "ub":
        return _where(e, less(e, zero, x), one, zero)
    minus = e.number(-1, x.dtype, x.lanes)
    positive = _where(e, less(e, zero, x), one, x)
    return _where(e, less(e, x, zero), minus, positive)


# name: (rule, about how many operations it takes)
RULES: dict[str, tuple[Rule, int]] = {
    "add": (_arithmetic("fadd", "add", "or_"), 1),
    "sub": (_arithmetic("fsub", "sub", "xor"), 1),
    "mul": (_arithmetic("fmul", "mul", "and_"), 1),
    "div": (_arithmetic("fdiv", "sdiv", "and_"), 4),
    "neg": (_negative, 1),
    "pow": (_power, 40),
    "maximum": (_extreme("<"), 2),
    "minimum": (_extreme(">"), 2),
    "floor_divide": (_floor_divide, 8),
    "bitwise_and": (_arithmetic("", "and_", "and_"), 1),
    "bitwise_or": (_arithmetic("", "or_", "or_"), 1),
    "bitwise_xor": (_arithmetic("", "xor", "xor"), 1),
    "equal": (_compare("=="), 1),
    "less": (_compare("<"), 1),
    "where": (_where, 1),
    "cast": (_cast, 1),
    "exp": (_math("exp"), 12),
    "expm1": (_math("expm1"), 20),
    "log": (_math("log"), 16),
    "log1p": (_math("log1p"), 20),
    "sqrt": (_math("sqrt"), 4),
    "tanh": (_math("tanh"), 20),
    "sigmoid": (_math("sigmoid"), 20),
    "erf": (_math("erf"), 30),
    "sin": (_math("sin"), 20),
    "cos": (_math("cos"), 20),
    "abs": (_absolute, 1),
    "sign": (_sign, 3),
    "floor": (_only_floats("floor"), 1),
    "round": (_only_floats("round"), 1),
    "identity": (lambda e, x: x, 0),
    "stop_gradient": (lambda e, x: x, 0),
}


def rule_of(name: str, params: dict[str, Any]) -> tuple[Rule, int]:
    """The code and the cost of an elementwise primitive with these parameters."""
    rule, cost = RULES[name]
    if not params:
        return rule, cost
    return lambda e, *registers: rule(e, *registers, **params), cost
