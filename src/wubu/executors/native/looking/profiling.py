"""Where the time of a program goes: every part of it timed, while it runs.

The program is compiled once more with clocks in it (see `journal.py`) and runs for a
while. Numbers are computed as ever: the same bits come out.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wubu.core.graph import Graph, Slot
from wubu.core.tensor import Tensor
from wubu.executors.native.generation.accounts import Account, accounts, user_line
from wubu.executors.native.generation.journal import Part
from wubu.executors.native.looking.bandwidth import bandwidth
from wubu.executors.native.looking.peak import Peak
from wubu.executors.native.looking.profile import Machine, Profile, Record
from wubu.executors.native.machine import clock
from wubu.executors.native.running.compilation import Compiled, compile_emitted, emit
from wubu.executors.native.running.program import NativeProgram

_SECONDS = 0.03  # of a round, if nobody says how many steps
_ROUNDS = 20  # the fastest counts: something else may disturb the others
_TRIALS = 3  # of the peak, before each round
_MOST = 1000  # steps of a round


class TimedProgram(NativeProgram):
    """A program with clocks."""

    def _compile(self, threads: int) -> Compiled:
        emitted = emit(self._graph, self._chosen, threads, self._partials, clocks=True)
        self.generator = emitted[1]
        compiled = compile_emitted(*emitted, self._chosen)
        return compiled._replace(elastic=False)  # all threads are looked at

    def clear(self) -> None:
        """Sets all clocks to zero."""
        for part in self._parts_of_code():
            for thread in range(self.threads):
                self._stopwatch(thread, part)[:] = 0

    def read(self, part: Part) -> np.ndarray:
        """(threads, 3): ticks, calls, readings of a part's clock."""
        rows = [self._stopwatch(thread, part) for thread in range(self.threads)]
        return np.array(rows)

    def _parts_of_code(self) -> list[Part]:
        return list(self.generator.journal.step.walk())

    def _stopwatch(self, thread: int, part: Part) -> np.ndarray:
        private = self._memory[thread]
        return private[part.clock : part.clock + 24].view(np.int64)


def profile(
    program: NativeProgram,
    arguments: Sequence[np.ndarray],
    series: Mapping[int, np.ndarray],
    steps: int | None,
) -> Profile:
    """Times a program; see `NativeProgram.profile`."""
    timed = TimedProgram(
        program.graph, program.target, program.threads, program.partials
    )
    never = np.zeros(1, np.int32)
    if series:
        steps = len(next(iter(series.values())))

    def run(count: int) -> None:
        if series:
            timed.run_steps(arguments, series, never)
        else:
            timed.repeat(arguments, count)

    with unchanged(program.graph):
        steps = steps or _enough(run)
        peak, rounds = _peak(timed.threads), []
        for _ in range(_ROUNDS):
            peak.look(_TRIALS)
            rounds.append(_round(timed, run, steps))
    fastest = min(rounds, key=lambda found: found.seconds)
    return fastest._replace(machine=_machine(timed.threads))


def _enough(run: Callable[[int], None]) -> int:
    """How many steps take long enough."""
    run(1)
    start = time.perf_counter()
    run(1)
    once = time.perf_counter() - start
    return max(1, min(_MOST, round(_SECONDS / once)))


def _round(timed: TimedProgram, run: Callable[[int], None], steps: int) -> Profile:
    watch = clock.clock()
    timed.clear()
    first = watch.moment()
    run(steps)
    last = watch.moment()
    speed = (last.ticks - first.ticks) / (last.seconds - first.seconds)
    threads, journal = timed.threads, timed.generator.journal
    unit = 1 / (speed * steps)  # a tick in seconds of one step
    records, readings, phases, updates = [], 0, 0, False
    for account in accounts(journal, timed.generator.graph):
        ticks, calls, read = timed.read(account.part).sum(axis=0)
        readings += int(read)
        phases += account.part.form == "phase"
        updates = updates or account.part.form == "updates"
        phase = "updates" if updates else f"phase {max(1, phases)}"
        record = _record(timed.generator.graph, account, phase)
        seconds = ticks * unit / threads
        records.append(record._replace(seconds=seconds, calls=calls / steps))
    return Profile(
        name=timed.graph.name,
        records=records,
        threads=threads,
        steps=steps,
        wall=(last.seconds - first.seconds) / steps,
        overhead=readings * watch.ticks_per_reading() * unit / threads,
        machine=_machine(threads),
    )


def _machine(threads: int) -> Machine:
    return Machine(_peak(threads).best, _bandwidth(threads))


_peak = functools.cache(Peak)
_bandwidth = functools.cache(bandwidth)


def _record(graph: Graph, account: Account, phase: str) -> Record:
    part, node = account.part, account.part.node
    around = part.group.node if part.group is not None else None
    near = [node] if node is not None else [*account.nodes, *filter(None, [around])]
    where = next(filter(None, map(user_line, near)), "")
    return Record(
        phase=phase,
        layer=_variable(graph, part) or next((n.scope for n in near), ""),
        where=where,
        operation=node.primitive.name if node is not None else "",
        form=account.form,
        tile=part.tile,
        computes=[n.primitive.name for n in account.nodes if n is not node],
        flops=account.flops,
        bytes=account.bytes,
    )


def _variable(graph: Graph, part: Part) -> str:
    """The variable that a part changes, the first if there are many."""
    if part.form not in ("update", "aside", "copy", "wide gradient"):
        return ""
    made = part.values[:1]
    return next((slot.name for slot, value in graph.updates if value in made), "")


class unchanged:  # noqa: N801 - reads as words: with unchanged(graph)
    """Afterwards a graph's variables are what they were before."""

    def __init__(self, graph: Graph) -> None:
        self._slots = [slot for slot, _ in graph.updates]

    def __enter__(self) -> None:
        self._before = [(slot, _copied(slot)) for slot in self._slots]

    def __exit__(self, *exception: object) -> None:
        for slot, array in self._before:
            if array is None:
                slot.variable._grad = None
            else:
                slot.write(array)


def _copied(slot: Slot) -> Any:
    tensor: Tensor | None = slot.variable._grad
    if slot.kind != "value" and tensor is None:
        return None
    return np.array(slot.read())
