"""Threads that help with one call of machine code after the other.

To wake a thread takes longer than many a program runs. So a helper that has finished
stays awake for a while, looks for the next call, and only then goes to sleep. What goes
on between it and the leader is a word in memory, one for each helper:

    ASLEEP   the leader must wake it
    WAKING   it has been woken
    AWAKE    it looks
    INVITED  the leader asks whether it is really there: others may have its CPU
    READY    it is, and waits for what comes
    CALLED   it runs the call

No Python code runs between an invitation and the end of a call: no signal can leave a
helper waiting for a leader, or the other way around.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import threading
import time
from typing import Any

from wubu.core.threads import MOST_THREADS
from wubu.executors.native.code import ir
from wubu.executors.native.code.emitter import I8, INDEX, POINTER, Emitter
from wubu.executors.native.code.waiting import FAR, PAUSES, until
from wubu.executors.native.generation.memory import zeroed
from wubu.executors.native.machine.slots import address
from wubu.executors.native.machine.target import MachineCode, compile_object, target

ASLEEP, WAKING, AWAKE, INVITED, READY, CALLED = range(6)
LINGER = 2000  # looks of a helper without a call: some tenths of a millisecond
_PATIENCE = 20_000  # looks of a leader for a helper that is getting up
_SOON = 0.001  # seconds
_RISE = 0.00005
_TRY = 1024  # calls, of which some go the way that seems slower:
_TRIES = 16  # one after the other,
_COLD = 8  # as the first ones find helpers asleep, and then nothing in their caches
_SELDOM = 4  # calls, of which one is timed
_WEIGHT = 8  # of what was before, to the last call
_FAR_OFF = 4  # times as long as usual
_LINE = 64  # bytes: words lie apart, each with the call that is meant for its helper
_FUNCTION, _BLOCK = 8, 16
_MOST = 1024  # helpers

_Lead = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_void_p] * 3, *[ctypes.c_int64] * 2)
_Serve = ctypes.CFUNCTYPE(None, ctypes.c_void_p, *[ctypes.c_int64] * 2)


class Crew:
    """The helpers of a process; they are started when first needed."""

    def __init__(self) -> None:
        self._missed = 0.0  # when somebody was asleep
        self._beds: list[Any] = []  # a lock for each helper, on which it sleeps
        self._memory = zeroed(MOST_THREADS * _LINE)
        self._lines = address(self._memory)
        numbers = ctypes.c_int64 * (MOST_THREADS * _LINE // 8)
        self._words = numbers.from_address(self._lines)
        self._code = MachineCode([compile_object(_functions(), target())], target())
        self._lead: Any = _Lead(self._code.address("lead"))
        self._serve: Any = _Serve(self._code.address("serve"))

    def run(self, function: int, block: int, threads: int) -> int:
        """Runs `function(block, number)` on so many threads at once, this one among
        them, and returns the answer of this one, which is not negative."""
        while True:
            self.wake(threads)
            found = self._lead(function, block, self._lines, threads - 1, _PATIENCE)
            if found >= 0:
                return found

    def try_to_run(self, function: int, block: int, threads: int) -> int:
        """The same if all are awake; -1 if not, and nothing has run."""
        if len(self._beds) < threads - 1:
            return -1
        return self._lead(function, block, self._lines, threads - 1, 0)

    def miss(self, threads: int) -> None:
        """Somebody did not come. Who is missed again soon is woken for the next time,
        and gets the interpreter for the moment that this needs."""
        before, self._missed = self._missed, time.perf_counter()
        if self._missed - before < _SOON and self.wake(threads):
            time.sleep(_RISE)

    def wake(self, threads: int) -> bool:
        """Has so many threads, the caller among them, awake soon; whether any slept."""
        while len(self._beds) < threads - 1:
            self._beds.append(self._engage(len(self._beds)))
        slept = False
        for i in range(threads - 1):
            word = self._words[8 * i]
            if word == ASLEEP:
                self._words[8 * i] = WAKING
                slept = True
            # A signal may have come in between the last time; twice does no harm.
            if word <= WAKING and self._beds[i].locked():
                self._beds[i].release()
        return slept

    def dismiss(self) -> None:
        """Waits a little until everybody sleeps."""
        end = time.perf_counter() + 1
        while any(self._words[8 * i] for i in range(len(self._beds))):
            time.sleep(0.0001)
            if time.perf_counter() > end:
                break

    def _engage(self, i: int) -> Any:
        bed = threading.Lock()
        bed.acquire()

        def work() -> None:
            while True:
                bed.acquire()
                self._serve(self._lines + _LINE * i, LINGER, i + 1)

        name = f"wubu-helper-{i + 1}"
        threading.Thread(target=work, name=name, daemon=True).start()
        return bed


class Experience:
    """Whether it helps a program to ask for help: how long it takes if it does and if
    not, of late. What other programs do, and how far CPUs lie apart, nobody foresees.

    Attributes:
        watches: whether the call that has just been decided about should be timed: not
            the first ones after a change, and few, since clocks take time too.

    Example:
        >>> found = Experience()
        >>> found.prefers_help()
        True
        >>> found.add(False, 2.0); found.add(True, 3.0)
        >>> found.prefers_help()
        False
    """

    def __init__(self) -> None:
        self._seconds = [0.0, 0.0]
        self._calls = _TRIES - 1
        self._asks = True
        self.watches = False

    def prefers_help(self) -> bool:
        """What is faster; now and then the other, to know."""
        self._calls += 1
        place = self._calls % _TRY
        if place == 0:
            self._asks = not self._is_better()
        elif place == _TRIES:
            self._asks = self._is_better()
        if place < _TRIES:
            self.watches = place >= _COLD
        else:
            self.watches = place >= _TRIES + _COLD and place % _SELDOM == 0
        return self._asks

    def add(self, asked: bool, seconds: float) -> None:
        """Notes how long a call has taken; if it was interrupted, only a part of it."""
        usual = self._seconds[not asked] or seconds
        before = self._seconds[asked] or min(seconds, _FAR_OFF * usual)
        change = min(seconds, _FAR_OFF * before) - before
        self._seconds[asked] = before + change / _WEIGHT
        if self._calls % _TRY >= _TRIES:
            self._asks = self._is_better()

    def _is_better(self) -> bool:
        """Whether it is faster to ask."""
        return self._seconds[True] <= self._seconds[False]


_crew: Crew | None = None


def crew() -> Crew:
    """The crew of this process."""
    global _crew
    if _crew is None:
        _crew = Crew()
        atexit.register(_crew.dismiss)
    return _crew


def _start_anew() -> None:
    """In the child of a fork there are no threads."""
    global _crew
    if _crew is not None:
        atexit.unregister(_crew.dismiss)
    _crew = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)


# -- machine code ---------------------------------------------------------------------


def _functions() -> str:
    """LLVM IR of `lead` and `serve`."""
    e = Emitter("crew", target().lanes)
    _emit_lead(e)
    _emit_serve(e)
    return str(e.module)


def _emit_lead(e: Emitter) -> None:
    """`lead(function, block, lines, helpers, patience)`: the answer, or -1 if a helper
    is asleep or does not come for so many looks; then nothing has run."""
    names = [("function", POINTER), ("block", POINTER), ("lines", POINTER)]
    counts = [("helpers", INDEX), ("patience", INDEX)]
    with e.function("lead", [*names, *counts], INDEX) as given:
        function, block, lines, helpers, patience = given
        b = e.builder
        coming = e.variable(INDEX, "coming")
        b.store(helpers, coming)

        def line(i: ir.Value) -> ir.Value:
            return e.address(lines, e.times(i, _LINE), I8)

        def ask(i: ir.Value) -> None:
            until(e, patience, lambda: b.not_(_is(e, line(i), WAKING)))
            asked = _change(e, line(i), AWAKE, INVITED)
            with b.if_then(b.not_(asked)):
                b.store(e.index(-1), coming)

        def is_ready(i: ir.Value) -> None:
            lost = b.icmp_signed("<", b.load(coming, typ=INDEX), e.index(0))
            more = b.select(lost, e.index(0), b.add(patience, e.index(PAUSES)))
            ready = until(e, more, lambda: _is(e, line(i), READY))
            with b.if_then(b.not_(ready)):
                b.store(e.index(-1), coming)

        for step in (ask, is_ready):
            with e.loop(helpers, "helper") as i:
                step(i)
        with b.if_then(b.icmp_signed("<", b.load(coming, typ=INDEX), e.index(0))):
            with e.loop(helpers, "sorry") as i:
                _change(e, line(i), INVITED, AWAKE)
                _change(e, line(i), READY, AWAKE)
            b.ret(e.index(-1))
        with e.loop(helpers, "call") as i:
            b.store(function, e.address(line(i), _FUNCTION, I8))
            b.store(block, e.address(line(i), _BLOCK, I8))
            _say(e, line(i), CALLED)
        found = b.call(_Called(function), [block, e.index(0)])
        with e.loop(helpers, "end") as i:
            until(e, e.index(FAR), lambda: b.not_(_is(e, line(i), CALLED)))
        b.ret(found)


def _emit_serve(e: Emitter) -> None:
    """`serve(line, linger, number)`: runs what a helper is called for, until nobody
    has called it for so many looks."""
    arguments = [("line", POINTER), ("linger", INDEX), ("number", INDEX)]
    with e.function("serve", arguments) as (line, linger, number):
        b = e.builder
        look, end = b.append_basic_block("look"), b.append_basic_block("end")
        _say(e, line, AWAKE)
        b.branch(look)
        b.position_at_end(look)
        until(e, linger, lambda: _is(e, line, INVITED))
        ready = _change(e, line, INVITED, READY)
        with b.if_else(ready) as (invited, alone):
            with invited:
                until(e, e.index(FAR), lambda: b.not_(_is(e, line, READY)))
                with b.if_then(_is(e, line, CALLED)):
                    function = b.load(e.address(line, _FUNCTION, I8), typ=POINTER)
                    block = b.load(e.address(line, _BLOCK, I8), typ=POINTER)
                    b.call(_Called(function), [block, number])
                    _say(e, line, AWAKE)
                b.branch(look)
            with alone:
                _change(e, line, WAKING, AWAKE)  # said by one who saw it asleep
                b.cbranch(_change(e, line, AWAKE, ASLEEP), end, look)
        b.unreachable()
        b.position_at_end(end)


class _Called:
    """A pointer that a call takes for a function `(block, number) -> answer`."""

    signature = ir.FunctionType(INDEX, [POINTER, INDEX])

    def __init__(self, pointer: ir.Value) -> None:
        self.text = pointer.text


def _is(e: Emitter, word: ir.Value, state: int) -> ir.Value:
    found = e.builder.load_atomic(word, "acquire", 8, typ=INDEX)
    return e.builder.icmp_signed("==", found, e.index(state))


def _say(e: Emitter, word: ir.Value, state: int) -> None:
    e.builder.atomic_rmw("xchg", word, e.index(state), "acq_rel")


def _change(e: Emitter, word: ir.Value, before: int, after: int) -> ir.Value:
    """Changes a word, if it is what is expected; whether it was."""
    found = e.builder.cmpxchg(
        word, e.index(before), e.index(after), "acq_rel", "acquire"
    )
    return e.builder.extract_value(found, 1)
