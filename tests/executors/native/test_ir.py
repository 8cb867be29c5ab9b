"""LLVM IR as text: what is written is what LLVM reads."""

from __future__ import annotations

import ctypes
import math

import llvmlite.binding as llvm
import numpy as np
import pytest

from wubu.executors.native.code import ir
from wubu.executors.native.code.instructions import IRBuilder
from wubu.executors.native.machine.target import (
    MachineCode,
    compile_object,
    compile_objects,
    target,
)

F32, F64, I64 = ir.FloatType(), ir.DoubleType(), ir.IntType(64)


def returning(number: ir.Value) -> ir.Module:
    """A function `f` that gives a constant."""
    module = ir.Module("test")
    function = ir.Function(module, ir.FunctionType(number.type, []), "f")
    IRBuilder(function.append_basic_block("body")).ret(number)
    return module


@pytest.mark.parametrize(
    "value", [0.1, -0.0, 1e-45, 3e38, math.inf, -math.inf, math.nan, 1 / 3]
)
@pytest.mark.parametrize(
    "kind, native, dtype",
    [(F32, ctypes.c_float, np.float32), (F64, ctypes.c_double, np.float64)],
)
def test_floats_keep_their_bits(kind, native, dtype, value):
    module = returning(ir.Constant(kind, value))
    code = MachineCode([compile_object(str(module), target())], target())
    found = dtype(ctypes.CFUNCTYPE(native)(code.address("f"))())
    assert found.tobytes() == dtype(value).tobytes()


def test_vectors_and_arrays_are_spelt_number_by_number():
    vector = ir.Constant(ir.VectorType(I64, 2), [1, -2])
    assert vector.typed == "<2 x i64> <i64 1, i64 -2>"
    assert ir.Constant(ir.ArrayType(I64, 1), [3]).typed == "[1 x i64] [i64 3]"
    assert ir.Constant(vector.type, None).text == "zeroinitializer"
    assert ir.Constant(vector.type, ir.Undefined).text == "undef"


def test_llvm_reads_every_kind_of_instruction():
    module = ir.Module("test")
    pointer, i32 = ir.PointerType(), ir.IntType(32)
    other = ir.Function(module, ir.FunctionType(ir.VoidType(), [I64]), "other")
    kind = ir.FunctionType(I64, [pointer, I64, F32])
    function = ir.Function(module, kind, "f", ["p", "i", "x"])
    p, i, x = function.args
    b = IRBuilder(function.append_basic_block("body"))
    table = ir.Table(module, ir.Constant(ir.ArrayType(I64, 2), [5, 6]), "numbers")
    for name in ("add", "sub", "mul", "sdiv", "udiv", "srem", "urem", "shl", "lshr"):
        i = getattr(b, name)(i, i)
    for name in ("and_", "or_", "xor"):
        i = getattr(b, name)(i, i)
    for name in ("fadd", "fsub", "fmul", "fdiv"):
        x = getattr(b, name)(x, x, flags=("contract",))
    less = b.icmp_signed("<", b.neg(i), b.not_(i))
    for compare, order in ((b.fcmp_ordered, ">="), (b.fcmp_unordered, "uno")):
        less = b.and_(less, compare(order, b.fneg(x), x))
    wide, narrow = b.fpext(x, F64), b.trunc(i, i32)
    x = b.fptrunc(b.sitofp(b.fptosi(wide, I64), F64), F32)
    x = b.fadd(x, b.uitofp(b.fptoui(b.bitcast(narrow, F32), I64), F32))
    i = b.add(b.sext(narrow, I64), b.zext(less, I64), flags=("nsw",))
    empty = ir.Constant(ir.VectorType(F32, 4), ir.Undefined)
    vector = b.insert_element(empty, x, ir.Constant(i32, 1))
    lanes = ir.Constant(ir.VectorType(i32, 2), [1, 5])
    two = b.shuffle_vector(vector, empty, lanes)
    assert two.type == ir.VectorType(F32, 2)
    x = b.extract_element(b.select(less, two, two), ir.Constant(i32, 0))
    room = b.alloca(I64, "room")
    b.store(b.load(b.gep(table, i, I64), I64), room, align=8)
    with b.if_then(less):
        b.call(other, [i])
        b.atomic_rmw("add", p, i, "acq_rel")
    found = b.cmpxchg(p, i, i, "acq_rel", "acquire")
    i = b.select(b.extract_value(found, 1), b.extract_value(found, 0), i)
    i = b.add(i, b.load_atomic(p, "acquire", 8, I64))
    before, after = b.block, b.append_basic_block("after")
    b.branch(after)
    b.position_at_end(after)
    phi = b.phi(I64, "phi")
    phi.add_incoming(i, before)
    b.ret(phi)
    llvm.parse_assembly(str(module)).verify()


def test_a_module_in_parts_is_linked_again():
    module = ir.Module("test")
    kind = ir.FunctionType(I64, [I64])
    whole = ir.Constant(ir.ArrayType(I64, 2), [30, 40])
    table = ir.Table(module, whole, "numbers")
    functions = [ir.Function(module, kind, name, ["i"]) for name in "fgh"]
    for function, called in zip(functions, [*functions[1:], None], strict=True):
        b = IRBuilder(function.append_basic_block("body"))
        (i,) = function.args
        found = b.load(b.gep(table, i, I64), I64)
        b.ret(b.add(found, b.call(called, [i])) if called else found)
    texts = module.parts(most=3, least=1)
    assert [text.count("define") for text in texts] == [1, 1, 1]
    code = MachineCode(compile_objects(texts, target()), target())
    run = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(code.address("f"))
    assert (run(0), run(1)) == (90, 120)


def test_a_small_module_stays_whole():
    module = returning(ir.Constant(I64, 1))
    assert len(module.parts(most=8, least=1000)) == 1


def test_effects_are_what_writes_or_calls():
    module = ir.Module("test")
    kind = ir.FunctionType(ir.VoidType(), [ir.PointerType()])
    function = ir.Function(module, kind, "f", ["p"])
    b = IRBuilder(function.append_basic_block("body"))
    found = b.load(function.args[0], I64)
    assert b.block.effects == 0
    b.store(found, function.args[0])
    b.call(function, function.args)
    assert b.block.effects == 2


def test_nothing_follows_the_end_of_a_block():
    module = ir.Module("test")
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), []), "f")
    b = IRBuilder(function.append_basic_block("body"))
    b.ret_void()
    with pytest.raises(AssertionError):
        b.ret_void()
