"""Helpers of machine code: all are there, or nobody runs; asleep ones are woken."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from wubu.executors.native.code.emitter import INDEX, POINTER, Emitter
from wubu.executors.native.code.waiting import FAR, until
from wubu.executors.native.machine.target import MachineCode, compile_object, target
from wubu.executors.native.running.crew import ASLEEP, AWAKE, WAKING, Crew, Experience


def meeting(threads: int) -> str:
    """LLVM IR of `meet(block, number)`: adds 10 ** number to the block's second word,
    and waits until so many threads are there; answers the number."""
    e = Emitter("meeting", target().lanes)
    arguments = [("block", POINTER), ("number", INDEX)]
    with e.function("meet", arguments, INDEX) as (block, number):
        b = e.builder
        power = e.variable(INDEX, "power")
        b.store(e.index(1), power)
        with e.loop(number, "power"):
            b.store(b.mul(b.load(power, typ=INDEX), e.index(10)), power)
        here = e.address(block, 1, INDEX)
        b.atomic_rmw("add", here, b.load(power, typ=INDEX), "acq_rel")
        b.atomic_rmw("add", block, e.index(1), "acq_rel")

        def all_here() -> Any:
            seen = b.load_atomic(block, "acquire", 8, typ=INDEX)
            return b.icmp_signed(">=", seen, e.index(threads))

        until(e, e.index(FAR), all_here)
        b.ret(number)
    return str(e.module)


@pytest.fixture
def meet() -> Callable[[Crew, int], list[int]]:
    kept = []

    def call(crew: Crew, threads: int) -> list[int]:
        code = MachineCode([compile_object(meeting(threads), target())], target())
        block = (ctypes.c_int64 * 2)()
        kept.append(code)
        assert crew.run(code.address("meet"), ctypes.addressof(block), threads) == 0
        return list(block)

    return call


@pytest.fixture
def crew() -> Any:
    found = Crew()
    yield found
    found.dismiss()


def states(crew: Crew) -> list[int]:
    return [crew._words[8 * i] for i in range(len(crew._beds))]


def asleep(crew: Crew) -> bool:
    end = time.perf_counter() + 20
    while any(state != ASLEEP for state in states(crew)):
        time.sleep(0.001)
        assert time.perf_counter() < end
    return True


def test_every_thread_is_called_once(meet: Any, crew: Crew) -> None:
    for threads in (2, 4, 3, 1):
        assert meet(crew, threads) == [threads, int("1" * threads)]


def test_they_fall_asleep_and_are_woken(meet: Any, crew: Crew) -> None:
    for _ in range(3):
        assert meet(crew, 3) == [3, 111]
        assert asleep(crew)


def test_nothing_runs_if_one_is_asleep(meet: Any, crew: Crew) -> None:
    meet(crew, 3)
    assert asleep(crew)
    block = (ctypes.c_int64 * 2)()
    code = MachineCode([compile_object(meeting(3), target())], target())
    at, function = ctypes.addressof(block), code.address("meet")
    crew._words[0] = AWAKE  # says so, but is not there
    assert crew._lead(function, at, crew._lines, 2, 10) == -1
    assert list(block) == [0, 0]
    assert states(crew) == [AWAKE, ASLEEP]
    crew._words[0] = ASLEEP
    assert meet(crew, 3) == [3, 111]


def test_who_was_woken_twice_does_no_harm(meet: Any, crew: Crew) -> None:
    for _ in range(20):
        crew.wake(3)
        crew.wake(3)
    assert meet(crew, 3) == [3, 111]
    assert asleep(crew)
    assert meet(crew, 2) == [2, 11]


def test_help_is_asked_for_where_it_helps() -> None:
    """Now and then the other way is tried."""
    found = Experience()
    assert asks(found, helped=1.0, alone=2.0) == 1024 - 16
    assert asks(found, helped=5.0, alone=2.0) == 16  # somebody else needs the CPU
    assert asks(found, helped=1.0, alone=2.0) == 1024 - 16


def test_who_has_just_got_up_is_not_judged_yet() -> None:
    """The first calls after a change are slow, whichever way they go."""
    found = Experience()
    assert asks(found, helped=5.0, alone=2.0) == 16
    assert asks(found, helped=1.0, alone=2.0, first=50.0) == 1024 - 16


def asks(found: Experience, helped: float, alone: float, first: float = 0.0) -> int:
    """How many of 1024 calls ask for help, after some thousands to learn.

    Args:
        first: how long each of the first calls after a change takes.
    """
    history: list[bool] = []
    for _ in range(20 * 1024):
        history.append(found.prefers_help())
        if found.watches:
            changed = len(set(history[-6:])) > 1
            usual = helped if history[-1] else alone
            found.add(history[-1], first if first and changed else usual)
    return sum(history[-1024:])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_has_helpers_of_its_own() -> None:
    from wubu.executors.native.running import crew as module

    before = module.crew()
    before.wake(2)
    child = os.fork()
    if child == 0:
        os._exit(0 if module.crew() is not before else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert module.crew() is before


def test_a_crew_that_was_dismissed_still_works(meet: Any, crew: Crew) -> None:
    """Handlers at the end of Python may call compiled functions."""
    assert meet(crew, 2) == [2, 11]
    crew.dismiss()
    assert meet(crew, 2) == [2, 11]


def test_one_that_is_called_asleep_while_it_looks_goes_to_sleep(
    meet: Any, crew: Crew
) -> None:
    meet(crew, 2)
    for _ in range(50):
        crew.wake(2)
        crew._words[0] = WAKING  # by a leader that saw it asleep before
        assert asleep(crew)
    assert meet(crew, 2) == [2, 11]
