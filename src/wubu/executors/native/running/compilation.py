"""From a graph to object code: found in the cache, or compiled and put there."""

from __future__ import annotations

import gc
import itertools
from typing import Any, NamedTuple

from wubu.core.graph import Graph
from wubu.core.threads import get_num_threads
from wubu.executors.native.generation.generate import Generator
from wubu.executors.native.machine import cache
from wubu.executors.native.machine.fingerprint import fingerprint
from wubu.executors.native.machine.target import Target, compile_objects
from wubu.executors.native.planning.plan import make_plan
from wubu.executors.native.planning.work import WAKING, operations

_PART = 50_000  # characters of LLVM IR that are worth a thread: some 10 ms


class Compiled(NamedTuple):
    """Object code and what must be known to call it.

    Attributes:
        codes: object code that, linked, defines `run` (see `skeleton.py`).
        slots: what each pointer in its table is for: a kind, and the how-manieth.
        sizes: bytes of private, fixed and scratch memory for each thread, and of memory
            common to all.
        threads: how many run it.
        partials: how often there is private memory; see `plan.py`.
        elastic: whether one thread alone may run it as well.
    """

    codes: list[bytes]
    slots: list[tuple[str, int]]
    sizes: list[int]
    threads: int
    partials: int
    elastic: bool


def compile_graph(
    graph: Graph, chosen: Target, threads: int, partials: int | None = None
) -> Compiled:
    """The object code of a graph.

    Raises:
        ExecutorError: the graph needs something that cannot be compiled.
    """
    key = fingerprint(graph, chosen, threads, partials) if cache.folder() else None
    found = cache.find(key) if key else None
    if found is not None:
        facts, code = found
        slots = [(kind, i) for kind, i in facts["slots"]]
        ends = itertools.accumulate(facts["lengths"], initial=0)
        codes = [code[start:end] for start, end in itertools.pairwise(ends)]
        rest = (facts[name] for name in Compiled._fields[2:])
        return Compiled(codes, slots, *rest)
    compiled = compile_emitted(*emit(graph, chosen, threads, partials), chosen)
    if key:
        facts = compiled._asdict()
        codes = facts.pop("codes")
        cache.store(key, {**facts, "lengths": [*map(len, codes)]}, b"".join(codes))
    return compiled


def compile_emitted(text: str, generator: Generator, chosen: Target) -> Compiled:
    """The object code of what `emit` has given."""
    own = (generator.private, generator.fixed, generator.scratch)
    return Compiled(
        compile_objects(generator.e.module.parts(get_num_threads(), _PART), chosen),
        _numbered(generator.graph, generator.slots),
        [arena.size for arena in (*own, generator.common)],
        generator.plan.threads,
        generator.plan.partials,
        not generator.plan.axes and operations(generator.graph) < WAKING,
    )


def emit(
    graph: Graph,
    chosen: Target,
    threads: int,
    partials: int | None = None,
    clocks: bool = False,
) -> tuple[str, Generator]:
    """The LLVM IR of a graph, and the generator that knows its memory.

    Args:
        clocks: whether every part of the code is timed; see `journal.py`.
    """
    # Everything that is made here stays: looking for garbage would take a third of
    # the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        plan = make_plan(graph, chosen.lanes, threads, partials, chosen.winograd)
        generator = Generator(plan, chosen.registers, clocks)
        generator.run()
        return str(generator.e.module), generator
    finally:
        if collecting:
            gc.enable()


def _numbered(graph: Graph, slots: list[Any]) -> list[tuple[str, int]]:
    """Slots without values of the graph: a constant becomes its number."""
    order = {value: i for i, value in enumerate(graph.constants)}
    return [(kind, order[what] if kind == "constant" else what) for kind, what in slots]
