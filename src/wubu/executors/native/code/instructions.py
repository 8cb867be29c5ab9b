"""`IRBuilder`: writes instructions, one after the other, at the end of a block.

Methods are called as LLVM's instructions are; those that make a value give it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from wubu.executors.native.code.ir import (
    Block,
    Constant,
    FunctionType,
    IntType,
    Phi,
    PointerType,
    StructType,
    Type,
    Value,
    VectorType,
)

_I1, _POINTER = IntType(1), PointerType()
_SIGNED = {"<": "slt", ">": "sgt", "<=": "sle", ">=": "sge", "==": "eq", "!=": "ne"}
_UNSIGNED = _SIGNED | {"<": "ult", ">": "ugt", "<=": "ule", ">=": "uge"}
_ORDERED = {"<": "lt", ">": "gt", "<=": "le", ">=": "ge", "==": "eq", "!=": "ne"}


def _binary(name: str) -> Callable[..., Value]:
    plain = f"{name} "

    def build(self: IRBuilder, a: Value, b: Value, flags: Sequence[str] = ()) -> Value:
        how = f"{name} {' '.join(flags)} " if flags else plain
        return self._result(a.type, f"{how}{a.typed}, {b.text}")

    return build


def _cast(name: str) -> Callable[[IRBuilder, Value, Type], Value]:
    def build(self: IRBuilder, a: Value, kind: Type) -> Value:
        return self._result(kind, f"{name} {a.typed} to {kind.text}")

    return build


def _compare(name: str, orders: dict[str, str]) -> Callable[..., Value]:
    def build(self: IRBuilder, order: str, a: Value, b: Value) -> Value:
        how, kind = orders.get(order, order), a.type
        several = isinstance(kind, VectorType)
        found = VectorType(_I1, kind.count) if several else _I1
        return self._result(found, f"{name} {how} {a.typed}, {b.text}")

    return build


class IRBuilder:
    """Writes instructions at the end of a block."""

    def __init__(self, block: Block) -> None:
        self.position_at_end(block)

    # -- where --------------------------------------------------------------------

    def position_at_end(self, block: Block) -> None:
        self.block = block
        self.function = block.function
        self._module = block.function.module
        self._lines = block.lines

    def append_basic_block(self, name: str) -> Block:
        return self.function.append_basic_block(name)

    def _result(self, kind: Type, text: str, name: str = "v") -> Value:
        found = self._module.value(kind, name)
        self._lines.append(f"  {found.text} = {text}")
        return found

    def _effect(self, text: str) -> None:
        self.block.effects += 1
        self._lines.append(f"  {text}")

    def move_here(self, lines: Sequence[str], effects: int) -> None:
        """Instructions that were written elsewhere."""
        self._lines += lines
        self.block.effects += effects

    # -- jumps --------------------------------------------------------------------

    def _end(self, text: str) -> None:
        assert not self.block.is_terminated, "code after the end of a block"
        self.block.is_terminated = True
        self._lines.append(f"  {text}")

    def branch(self, block: Block) -> None:
        self._end(f"br label {block.text}")

    def cbranch(self, condition: Value, yes: Block, no: Block) -> None:
        self._end(f"br {condition.typed}, label {yes.text}, label {no.text}")

    def ret(self, value: Value) -> None:
        self._end(f"ret {value.typed}")

    def ret_void(self) -> None:
        self._end("ret void")

    def unreachable(self) -> None:
        self._end("unreachable")

    @contextlib.contextmanager
    def if_then(self, condition: Value) -> Iterator[None]:
        """Code that runs if the condition holds."""
        inside, after = self.append_basic_block("if"), self.append_basic_block("endif")
        self.cbranch(condition, inside, after)
        with self._inside(inside, after):
            yield
        self.position_at_end(after)

    @contextlib.contextmanager
    def if_else(self, condition: Value) -> Iterator[tuple[Any, Any]]:
        """Code that runs if the condition holds, and other code if not."""
        yes, no = self.append_basic_block("if"), self.append_basic_block("else")
        after = self.append_basic_block("endif")
        self.cbranch(condition, yes, no)
        yield self._inside(yes, after), self._inside(no, after)
        self.position_at_end(after)

    @contextlib.contextmanager
    def _inside(self, block: Block, after: Block) -> Iterator[None]:
        self.position_at_end(block)
        yield
        if not self.block.is_terminated:
            self.branch(after)

    def phi(self, kind: Type, name: str = "p") -> Phi:
        found = Phi(kind, f"%{self._module.fresh(f'{name}.')}")
        self._module.values[found.text] = found
        self.block.phis.append(found)
        return found

    # -- numbers ------------------------------------------------------------------

    add, sub, mul = _binary("add"), _binary("sub"), _binary("mul")
    sdiv, udiv, srem, urem = map(_binary, ("sdiv", "udiv", "srem", "urem"))
    and_, or_, xor = _binary("and"), _binary("or"), _binary("xor")
    shl, lshr = _binary("shl"), _binary("lshr")
    fadd, fsub, fmul, fdiv = map(_binary, ("fadd", "fsub", "fmul", "fdiv"))

    icmp_signed, icmp_unsigned = _compare("icmp", _SIGNED), _compare("icmp", _UNSIGNED)
    fcmp_ordered = _compare("fcmp", {k: f"o{v}" for k, v in _ORDERED.items()})
    fcmp_unordered = _compare("fcmp", {k: f"u{v}" for k, v in _ORDERED.items()})

    bitcast, trunc, zext, sext = map(_cast, ("bitcast", "trunc", "zext", "sext"))
    fpext, fptrunc, fptosi = map(_cast, ("fpext", "fptrunc", "fptosi"))
    fptoui, sitofp, uitofp = map(_cast, ("fptoui", "sitofp", "uitofp"))

    def neg(self, a: Value) -> Value:
        return self.sub(Constant(a.type, None), a)

    def fneg(self, a: Value) -> Value:
        return self._result(a.type, f"fneg {a.typed}")

    def not_(self, a: Value) -> Value:
        kind = a.type
        ones = [-1] * kind.count if isinstance(kind, VectorType) else -1
        return self.xor(a, Constant(kind, ones))

    def select(self, condition: Value, yes: Value, no: Value) -> Value:
        text = f"select {condition.typed}, {yes.typed}, {no.typed}"
        return self._result(yes.type, text)

    # -- vectors ------------------------------------------------------------------

    def extract_element(self, vector: Value, lane: Value) -> Value:
        kind = vector.type.element
        return self._result(kind, f"extractelement {vector.typed}, {lane.typed}")

    def insert_element(self, vector: Value, element: Value, lane: Value) -> Value:
        text = f"insertelement {vector.typed}, {element.typed}, {lane.typed}"
        return self._result(vector.type, text)

    def shuffle_vector(self, a: Value, b: Value, lanes: Value) -> Value:
        kind = VectorType(a.type.element, lanes.type.count)
        return self._result(kind, f"shufflevector {a.typed}, {b.typed}, {lanes.typed}")

    def extract_value(self, several: Value, place: int) -> Value:
        kind = several.type.elements[place]
        return self._result(kind, f"extractvalue {several.typed}, {place}")

    # -- memory -------------------------------------------------------------------

    def alloca(self, kind: Type, name: str) -> Value:
        return self._result(_POINTER, f"alloca {kind.text}", f"{name}.")

    def gep(self, pointer: Value, index: Value, source_etype: Type) -> Value:
        text = f"getelementptr {source_etype.text}, {pointer.typed}, {index.typed}"
        return self._result(_POINTER, text)

    def load(self, pointer: Value, typ: Type, align: int = 0) -> Value:
        behind = f", align {align}" if align else ""
        return self._result(typ, f"load {typ.text}, {pointer.typed}{behind}")

    def store(self, value: Value, pointer: Value, align: int = 0) -> None:
        behind = f", align {align}" if align else ""
        self._effect(f"store {value.typed}, {pointer.typed}{behind}")

    def load_atomic(self, pointer: Value, order: str, align: int, typ: Type) -> Value:
        text = f"load atomic {typ.text}, {pointer.typed} {order}, align {align}"
        return self._result(typ, text)

    def atomic_rmw(self, name: str, pointer: Value, value: Value, order: str) -> Value:
        self.block.effects += 1
        text = f"atomicrmw {name} {pointer.typed}, {value.typed} {order}"
        return self._result(value.type, text)

    def cmpxchg(
        self, pointer: Value, expected: Value, new: Value, order: str, failed: str
    ) -> Value:
        """The value that was there, and whether it was the expected one."""
        self.block.effects += 1
        both = StructType([new.type, _I1])
        operands = f"{pointer.typed}, {expected.typed}, {new.typed}"
        return self._result(both, f"cmpxchg {operands} {order} {failed}")

    # -- calls --------------------------------------------------------------------

    def call(self, function: Any, arguments: Sequence[Any]) -> Any:
        """The result, or None if there is none. A function is what has a `signature`
        and a `text`."""
        given = ", ".join(argument.typed for argument in arguments)
        return self._call(function.signature.result, f"{function.text}({given})")

    def asm(self, kind: FunctionType, code: str, constraints: str) -> Any:
        """An instruction of the CPU itself, which has effects nobody knows."""
        return self._call(kind.result, f'asm sideeffect "{code}", "{constraints}"()')

    def _call(self, result: Type, text: str) -> Any:
        if result.text == "void":
            self._effect(f"call void {text}")
            return None
        self.block.effects += 1
        return self._result(result, f"call {result.text} {text}")
