"""How a sum of products over shared values is computed: a decision that can be printed.

There are no lanes of samples here, so vectors run along an axis of the operands: along
one of the result, if an operand has its elements side by side there (units of a layer,
channels of a convolution), while the other operand gives one number to all lanes; or
along one that is summed, and lanes are added up at the end. Strided operands may be
packed side by side first, if they are read often enough.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

from wubu.executors.native.kernels.contraction import Axis, Contraction

_STRIDED = 2.0  # vector operations that an element costs which is fetched alone
_FOLD = 8.0  # and that adding up the lanes of a sum takes
_STREAMS = 4  # rows of a large matrix that are read side by side
_AGAIN = 4  # packing pays if an element is then read so often
_LARGE = 1 << 17  # elements that do not stay in a cache of the first levels
_ENOUGH = 8  # sums that must be under way at once to hide the time one takes


class Scheme(NamedTuple):
    """How a contraction is computed.

    Attributes:
        axis: the outer axis that vectors run along, -1 if none.
        inner: whether they run along the last inner axis instead.
        counts: sums kept in registers along each outer axis; along `axis`, vectors.
        packed: whether the right operand is packed first.
        cost: about how many vector operations it takes.
        streams: whether a large right operand is read once, row by row.
    """

    axis: int
    inner: bool
    counts: tuple[int, ...]
    packed: bool
    cost: float
    streams: bool = False


class Arranged(NamedTuple):
    """A contraction whose vectors, if any, are in its right operand, and how."""

    work: Contraction
    scheme: Scheme


class _Way(NamedTuple):
    """One way to compute a contraction, without a tile as yet."""

    work: Contraction
    axis: int
    inner: bool
    packed: bool
    cost: float


def arrange(work: Contraction, lanes: int, registers: int) -> Arranged:
    """The cheapest way to compute a contraction of shared values.

    Args:
        registers: vector registers for elements of its dtype.
    """
    work = work._replace(inner=_merged(work.inner))
    way = min(_ways(work, lanes), key=lambda way: way.cost)
    return _with_tile(way, lanes, registers)


def _merged(inner: list[Axis]) -> list[Axis]:
    """Axes that lie in both operands like one become one."""
    found: list[Axis] = []
    for axis in inner:
        if axis.size == 1:
            continue
        before = found[-1] if found else None
        if before and (before.left, before.right) == (
            axis.left * axis.size,
            axis.right * axis.size,
        ):
            found[-1] = Axis(before.size * axis.size, axis.left, axis.right)
        else:
            found.append(axis)
    return found


def _ways(work: Contraction, lanes: int) -> Iterator[_Way]:
    outer, inner = work.outer, work.inner
    results = math.prod(axis.size for axis in outer)
    steps = math.prod(axis.size for axis in inner)
    yield _Way(work, -1, False, False, 2.0 * results * steps)
    for i, axis in enumerate(outer):
        if axis.size < 2 or not (axis.left or axis.right):
            continue
        turned = work if axis.right else _turned(work)
        side = turned.outer[i]
        cost = results * steps / _filled(axis.size, lanes)
        if i < len(outer) - 1:  # results do not lie side by side
            cost += results
        if side.right == 1 and side.left in (0, 1):
            yield _Way(turned, i, False, False, cost)
        elif not side.left:
            elements = steps * math.prod(a.size for a in turned.outer if a.right)
            yield _Way(turned, i, False, True, cost + _STRIDED * elements)
    for i, axis in enumerate(inner):
        if axis.left == 1 and axis.right == 1 and axis.size > 1:
            cost = 1.3 * results * steps / _filled(axis.size, lanes)
            last = [*inner[:i], *inner[i + 1 :], axis]
            turned = work._replace(inner=last)
            yield _Way(turned, -1, True, False, cost + _FOLD * results)


def _turned(work: Contraction) -> Contraction:
    """The same with operands changing sides."""

    def turned(axes: list[Axis]) -> list[Axis]:
        return [Axis(a.size, a.right, a.left) for a in axes]

    return Contraction(turned(work.outer), turned(work.inner), work.right, work.left)


def _filled(size: int, lanes: int) -> float:
    """Elements in a vector, on average."""
    return size / -(-size // lanes)


def _with_tile(way: _Way, lanes: int, registers: int) -> Arranged:
    work, axis, inner, packed, cost = way
    outer = work.outer
    sizes = [a.size for a in outer]
    if axis >= 0:
        sizes[axis] = -(-sizes[axis] // lanes)
    rows = _largest(outer, lambda a: a.right and not a.left) if axis < 0 else axis
    column = _largest(outer, lambda a: a.left and not a.right)
    other = _largest(outer, lambda a: a.left and not a.right, column)
    best, least = [1] * len(sizes), float("inf")
    narrow = inner and rows >= 0 and _is_one_row(work, rows)
    for r, c, d in _triples(registers - 2):
        if narrow and r > _STREAMS:
            continue
        wanted = {i: n for i, n in ((rows, r), (column, c), (other, d)) if i >= 0}
        if math.prod(wanted.values()) < r * c * d:  # there is no such axis
            continue
        if any(n > sizes[i] for i, n in wanted.items()):
            continue
        if d > 1 and c < sizes[column]:
            continue
        found = _tile_cost(sizes, rows, wanted)
        if found < least:
            best, least = [wanted.get(i, 1) for i in range(len(sizes))], found
    again = math.prod(
        -(-n // b) for n, b, a in zip(sizes, best, outer, strict=True) if not a.right
    )
    wide = axis >= 0 and sizes[axis] > best[axis] and not outer[axis].left
    packed = packed or (wide and again >= _AGAIN)
    streams = wide and not packed and _is_one_row(work, axis)
    return Arranged(work, Scheme(axis, inner, tuple(best), packed, cost, streams))


def _is_one_row(work: Contraction, axis: int) -> bool:
    """Whether a large matrix is read for one row of results."""
    steps = math.prod(a.size for a in work.inner)
    others = math.prod(a.size for i, a in enumerate(work.outer) if i != axis)
    return others == 1 and bool(work.inner) and steps * work.outer[axis].size >= _LARGE


@functools.cache
def _triples(registers: int) -> list[tuple[int, int, int]]:
    """Sums along three axes whose sums and operands fit into so many registers."""
    return [
        (r, c, d)
        for r, c, d in itertools.product(range(1, 17), range(1, 25), range(1, 9))
        if r * c * d + min(r, c * d) <= registers
    ]


def _largest(axes: list[Axis], fits: object, without: int = -1) -> int:
    found = [
        (axis.size, i)
        for i, axis in enumerate(axes)
        if i != without and axis.size > 1 and fits(axis)  # type: ignore[operator]
    ]
    return max(found)[1] if found else -1


def _tile_cost(sizes: list[int], rows: int, counts: dict[int, int]) -> float:
    """Operations per product: one for itself, and the loads of its tile, with tiles at
    the edge counted as they are."""
    total = 0.0
    kinds = 0
    axes = list(counts)
    for part in itertools.product(
        *[[(counts[i], sizes[i] // counts[i]), (sizes[i] % counts[i], 1)] for i in axes]
    ):
        cells = math.prod(n for n, _ in part)
        if not cells:
            continue
        kinds += 1
        right = next((n for i, (n, _) in zip(axes, part, strict=True) if i == rows), 1)
        loads = right + cells // right
        total += (max(cells, _ENOUGH) + loads) * math.prod(m for _, m in part)
    products = math.prod(sizes[i] for i in axes)
    return total / products * (1 + 0.01 * kinds)
