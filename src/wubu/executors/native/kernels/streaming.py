"""One row times a large matrix: every element of the matrix is read once, in order.

How fast that goes is a matter of memory. Sums of all units do not fit into registers;
here they lie in a buffer. A few rows of the matrix at a time are added to them, from
the first unit to the last. Of a matrix that comes from memory, the next rows are asked
for meanwhile: the CPU alone looks no further than the end of a page.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from wubu.executors.native.code.emitter import Index, Register
from wubu.executors.native.kernels.contraction import Contraction, Store
from wubu.executors.native.planning.divided import parts_of
from wubu.executors.native.planning.lazy import View
from wubu.executors.native.planning.strided import load, rounds, using

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator

_ROWS = 8  # at a time; with more, rows a power of two apart displace each other
NEAR = 1 << 22  # bytes of a matrix that threads have in their caches from last time


def stream(g: Generator, work: Contraction, axis: int, store: Store) -> None:
    """Emits a contraction with one long outer axis, along which the right operand lies
    side by side; the others have one element.

    Args:
        axis: the long one.
    """
    e, dtype = g.e, work.right.dtype
    size, inner = work.outer[axis].size, work.inner
    steps = math.prod(a.size for a in inner)
    ahead = _ROWS * inner[-1].right if steps * size * dtype.itemsize > NEAR else 0
    wide = -(-size // e.lanes) * e.lanes
    offset = g.scratch.take(wide * dtype.itemsize)
    sums = View(g.place("scratch", offset), (size,), dtype, lanes=False)
    zero = e.number(0, dtype, lanes=True)

    def along(name: str, body: Callable[[Index], None]) -> None:
        """A loop over vectors of units; threads divide them."""
        for loop, active in parts_of(g, size, e.lanes, name, g.dividing):
            with loop as i, using(e, active):
                body(e.by_lane(i))

    along("zero", lambda i: sums.put(e, (i,), zero))

    def add(steps: list[tuple[Index, ...]]) -> None:
        """Adds some rows."""
        factors = [_left(g, work, step) for step in steps]

        def unit(i: Index) -> None:
            total = sums.at(e, (i,))
            for step, factor in zip(steps, factors, strict=True):
                at = e.plus(i, e.affine(step, [a.right for a in inner]))
                at = e.plus(at, work.right.offset)
                row = load(e, work.right.pointer(), at, dtype)
                total = e.fma(factor, row, total)
                if ahead:
                    then = e.plus(e.of_lane(at, 0), ahead)
                    e.prefetch(work.right.pointer(), then, dtype, near=False)
            sums.put(e, (i,), total)

        along("unit", unit)

    with e.nest([a.size for a in inner[:-1]], "inner") as before:
        for loop, many, _ in rounds(e, inner[-1].size, "row", 1, _ROWS):
            with loop as row:
                add([(*before, e.plus(row, k)) for k in range(many)])

    def finish(i: Index) -> None:
        place = [i if a == axis else 0 for a in range(len(work.outer))]
        store(place, sums.at(e, (i,)))

    along("store", finish)
    g.scratch.give(offset)


def _left(g: Generator, work: Contraction, step: tuple[Index, ...]) -> Register:
    """The number of the other operand that a row is multiplied by, in every lane."""
    e, left = g.e, work.left
    where = e.plus(e.affine(step, [a.left for a in work.inner]), left.offset)
    return e.spread(load(e, left.pointer(), where, left.dtype))
