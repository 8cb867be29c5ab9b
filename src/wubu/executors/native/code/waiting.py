"""How one thread waits for others: awake at first, then by giving its CPU away.

Threads that have a CPU each meet within microseconds. If there are fewer CPUs than
threads, because other programs work too, the one that is waited for may be the one that
does not run: whoever waits must leave the CPU.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

import llvmlite.binding as llvm

from wubu.executors.native.code import ir
from wubu.executors.native.code.emitter import INDEX, POINTER, Emitter

PAUSES = 200  # a few microseconds; leaving the CPU for nothing costs about one
FAR = 1 << 62  # looks, if one waits for what surely comes
_YIELD = "wubu_yield"


def until(e: Emitter, looks: ir.Value, condition: Callable[[], ir.Value]) -> ir.Value:
    """Waits until a condition holds; whether it did within so many looks."""
    b = e.builder
    function, before = b.function, b.block
    look = function.append_basic_block("look")
    more = function.append_basic_block("more")
    met = function.append_basic_block("met")
    b.branch(look)
    b.position_at_end(look)
    rounds = b.phi(INDEX, "rounds")
    rounds.add_incoming(ir.Constant(INDEX, 0), before)
    holds = condition()
    over = b.icmp_signed(">=", rounds, looks)
    seen = b.block
    b.cbranch(b.or_(holds, over), met, more)
    b.position_at_end(more)
    patient = b.icmp_signed("<", rounds, ir.Constant(INDEX, PAUSES))
    with b.if_else(patient) as (pause, leave):
        with pause:
            e.pause()
        with leave:
            give = e.module.globals.get(_YIELD)
            kind = ir.FunctionType(ir.VoidType(), [])
            b.call(give or ir.Function(e.module, kind, _YIELD), [])
    rounds.add_incoming(b.add(rounds, ir.Constant(INDEX, 1)), b.block)
    b.branch(look)
    b.position_at_end(met)
    found = b.phi(holds.type, "holds")
    found.add_incoming(holds, seen)
    return found


def waiting(e: Emitter) -> ir.Function:
    """The function `wait(counter, wanted)`: returns when the counter is that high."""
    found = e.module.globals.get("wait")
    if found is not None:
        return found
    arguments = [("counter", POINTER), ("wanted", INDEX)]
    with e.function("wait", arguments) as (counter, wanted):
        b = e.builder

        def is_there() -> ir.Value:
            seen = b.load_atomic(counter, "acquire", 8, typ=INDEX)
            return b.icmp_signed(">=", seen, wanted)

        until(e, ir.Constant(INDEX, FAR), is_there)
    return e.module.globals["wait"]


def provide_yield() -> None:
    """Tells the linker of machine code where the system's function is."""
    if sys.platform == "win32":
        function = ctypes.windll.kernel32.SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    place = ctypes.cast(function, ctypes.c_void_p).value
    assert place is not None
    llvm.add_symbol(_YIELD, place)
