"""Vectors that run along elements, for values that all samples share.

`walk` emits the loops over the elements of an array. Along the last axis it takes as
many at once as a vector has lanes: the index is then one of `Indices.by_lane`, and what
is loaded and computed with it is a vector. The last vector of an axis may use a few
lanes only, `Emitter.active`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from wubu.executors.native.code import ir
from wubu.executors.native.code.emitter import Emitter, Index, Register
from wubu.executors.native.code.indices import step_of

Part = contextlib.AbstractContextManager[Index]


def walk(
    e: Emitter,
    shape: Sequence[int],
    name: str,
    body: Callable[[tuple[Index, ...]], None],
    vectors: bool = True,
) -> None:
    """Emits `body(place)` in loops over all places of a shape, if `vectors` is set with
    vectors along the last axis."""
    if not vectors or not shape or shape[-1] < 2:
        with e.nest(shape, name) as place:
            body(place)
        return
    with e.nest(shape[:-1], name) as place:
        for part in parts(e, shape[-1], name):
            with part as i:
                body((*place, i))


def parts(e: Emitter, count: int, name: str) -> list[Part]:
    """Loops that walk an axis in vectors: one for whole vectors, one for the rest. Each
    gives an index that differs from lane to lane."""

    @contextlib.contextmanager
    def along(loop: Part, active: int) -> Iterator[Index]:
        with loop as i, using(e, active):
            yield e.by_lane(i)

    return [along(loop, active) for loop, _, active in rounds(e, count, name, e.lanes)]


def rounds(
    e: Emitter, count: int, name: str, unit: int, most: int = 1
) -> list[tuple[Part, int, int]]:
    """Loops that walk an axis in units (vectors, or elements), up to `most` of them in
    a round: each with how many it takes, and how much of the last one there is."""
    found: list[tuple[Part, int, int]] = []
    start = 0
    for many in sorted({most, 1}, reverse=True):
        step = many * unit
        stop = start + (count - start) // step * step
        if stop > start:
            loop = e.loop(stop, name, step=step, start=start)
            found.append((loop, many, unit))
        start = stop
    if start < count:
        loop = e.loop(start + 1, f"{name}.rest", start=start)
        found.append((loop, 1, count - start))
    return found


def differs(place: Sequence[Index]) -> bool:
    """Whether a place differs from lane to lane."""
    return any(step_of(i) for i in place)


@contextlib.contextmanager
def using(e: Emitter, active: Index) -> Iterator[None]:
    """Code in which the first few lanes are in use."""
    before, e.active = e.active, active
    yield
    e.active = before


def load(e: Emitter, pointer: ir.Value, where: Index, dtype: np.dtype) -> Register:
    """The element at an offset; a vector of elements if the offset differs from lane to
    lane, with zeros in lanes not in use."""
    step = step_of(where)
    if step == 0:
        return e.load(pointer, where, dtype)
    last = e.active - 1
    if step == 1:
        return e.load_some(pointer, e.of_lane(where, 0), dtype, e.active)
    if step == -1:
        found = e.load_some(pointer, e.of_lane(where, last), dtype, e.active)
        order = [last - i if i <= last else i for i in range(e.lanes)]
        value = e.builder.shuffle_vector(found.value, found.value, e.choice(order))
        return Register(value, dtype, True)
    return gathered(e, dtype, lambda i: e.load(pointer, e.of_lane(where, i), dtype))


def store(e: Emitter, register: Register, pointer: ir.Value, where: Index) -> None:
    """Writes an element, or the lanes in use to one element each."""
    step = step_of(where)
    if step == 0:
        e.store(register, pointer, where)
        return
    register = e.spread(register)
    if step == 1:
        e.store_some(register, pointer, e.of_lane(where, 0), e.active)
        return
    for lane in range(e.active):
        e.store(e.extract(register, lane), pointer, e.of_lane(where, lane))


def gathered(
    e: Emitter, dtype: np.dtype, element: Callable[[int], Register]
) -> Register:
    """A vector of one element for each lane in use."""
    found = e.number(0, dtype, lanes=True)
    for lane in range(e.active):
        found = e.insert(found, element(lane), lane)
    return found
