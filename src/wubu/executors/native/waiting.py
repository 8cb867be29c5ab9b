"""How one thread waits for others: awake at first, then by giving its CPU away.

Threads that have a CPU each meet within microseconds. If there are fewer CPUs than
threads, because other programs work too, the one that is waited for may be the one that
does not run: whoever waits must leave the CPU.
"""

from __future__ import annotations

import ctypes
import sys

import llvmlite.binding as llvm
import llvmlite.ir as ir

from wubu.executors.native.emitter import INDEX, POINTER, Emitter

PAUSES = 200  # a few microseconds; leaving the CPU for nothing costs about one
_YIELD = "wubu_yield"


def waiting(e: Emitter) -> ir.Function:
    """The function `wait(counter, wanted)`: returns when the counter is that high."""
    found = e.module.globals.get("wait")
    if found is not None:
        return found
    arguments = [("counter", POINTER), ("wanted", INDEX)]
    with e.function("wait", arguments) as (counter, wanted):
        b = e.builder
        function, before = b.function, b.block
        look = function.append_basic_block("look")
        more = function.append_basic_block("more")
        pause = function.append_basic_block("pause")
        leave = function.append_basic_block("leave")
        done = function.append_basic_block("done")
        b.branch(look)
        b.position_at_end(look)
        rounds = b.phi(INDEX, "rounds")
        rounds.add_incoming(ir.Constant(INDEX, 0), before)
        seen = b.load_atomic(counter, "acquire", 8, typ=INDEX)
        b.cbranch(b.icmp_signed("<", seen, wanted), more, done)
        b.position_at_end(more)
        following = b.add(rounds, ir.Constant(INDEX, 1))
        patient = b.icmp_signed("<", rounds, ir.Constant(INDEX, PAUSES))
        b.cbranch(patient, pause, leave)
        b.position_at_end(pause)
        e.pause()
        b.branch(look)
        b.position_at_end(leave)
        give = ir.Function(e.module, ir.FunctionType(ir.VoidType(), []), _YIELD)
        b.call(give, [])
        b.branch(look)
        rounds.add_incoming(following, pause)
        rounds.add_incoming(following, leave)
        b.position_at_end(done)
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
