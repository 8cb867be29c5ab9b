"""The gradients of weights, dense ones and those used at many places or times.

One operand is turned, so that a vector holds the units of one sample. Vectors of sums
then run along the units: for each place and sample a row of them is multiplied with
one number of the other operand, and no lanes have to be added up. What is turned once
serves all gradients that are made of it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from wubu.core.graph import Value
from wubu.executors.native.code.emitter import Emitter, Index, Register
from wubu.executors.native.kernels.contraction import Axis, Contraction
from wubu.executors.native.kernels.moves import RULES as MOVES
from wubu.executors.native.planning import reindex
from wubu.executors.native.planning.lazy import View, row_major

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator

_VECTORS = 4  # of units, side by side in a tile, at most
_ROWS = 14  # at most in a tile
_FEW = 4  # units that fill a vector well enough
_TURN = 6  # instructions to turn a vector
_FOLD = 10  # and to add up its lanes


class Side(NamedTuple):
    """An operand: where it is, its axis in the result, its strides along the places."""

    view: View
    size: int
    stride: int
    steps: tuple[int, ...]


class Turned(NamedTuple):
    """Units of one sample side by side: [tile of units, place, sample, unit]."""

    pointer: Callable[[], Any]
    tile: int  # units in a tile
    places: int


def is_worth_turning(work: Contraction) -> bool:
    """Whether a sum over samples is made faster this way."""
    left, right = _sides(work)
    if left is None or right is None:
        return False
    if not work.inner:
        return right.size >= _FEW
    places = math.prod(axis.size for axis in work.inner)
    units = min(left.size, right.size), max(left.size, right.size)
    turning = places * units[1] * _TURN
    return units[1] >= 16 and turning < units[0] * units[1] * _FOLD


def outer_turned(g: Generator, y: Value, work: Contraction, operands: Any) -> None:
    """result[i, :] += x[i, place, sample] * turned[place, sample, :]

    Args:
        g: the generator.
        y: the result.
        work: what is summed.
        operands: the values of the left and the right operand.
    """
    wide = [_wide(g.e, axis.size) for axis in work.outer]
    exchanged = bool(work.inner) and wide[0] > wide[1]
    inner = sorted(work.inner, key=lambda a: -(a.left if exchanged else a.right))
    left, right = _sides(work._replace(inner=inner))
    assert left is not None and right is not None
    x, units = (right, left) if exchanged else (left, right)
    sizes = [axis.size for axis in inner]
    turned = turned_units(g, operands[0 if exchanged else 1], units, sizes)
    shape = (x.size, units.size)
    sums = g.private_sum(y, shape=shape)
    if exchanged:
        g.values[y] = reindex.transpose(g.values[y], (1, 0))
    e = g.e
    for unit_loop, vectors, is_last in _tiles(e, units.size, turned.tile // e.lanes):
        most = min(_ROWS, (g.registers - vectors - 1) // vectors)
        rows = heights(x.size, max(1, most))
        g.journal.tile(f"{rows[0][2]}x{vectors}")
        with unit_loop as tile:
            for first, stop, height in rows:
                with e.loop(stop, "row", step=height, start=first) as row:
                    at = _Tile(tile, row, height, vectors, is_last)
                    _add_tile(g, at, x, sizes, turned, sums)


def _sides(work: Contraction) -> tuple[Side | None, Side | None]:
    """The operand of each axis of the result, if it has two, one of each operand's."""
    if len(work.outer) != 2:
        return None, None
    (a, b) = work.outer
    if not (a.left and b.right and not a.right and not b.left):
        return None, None
    return _side(work, a, True), _side(work, b, False)


def _side(work: Contraction, axis: Axis, left: bool) -> Side:
    strides = tuple(a.left if left else a.right for a in work.inner)
    view, stride = (work.left, axis.left) if left else (work.right, axis.right)
    return Side(view, axis.size, stride, strides)


def _wide(e: Emitter, units: int) -> tuple[float, int]:
    """How well units fill vectors, and how many there are."""
    return units / (-(-units // e.lanes) * e.lanes), units


# -- turning --------------------------------------------------------------------------


def turned_units(
    g: Generator, value: Value, side: Side, sizes: Sequence[int]
) -> Turned:
    """The turned operand; made once for all that is computed from the same memory."""
    view, source = side.view, _source(g, value)
    where = (view.pointer, view.offset, side.stride, side.steps)
    key = (source, where, side.size, tuple(sizes))
    if key not in g.turned:
        g.turned[key] = _turn(g, source, side, sizes)
    return g.turned[key]


def _source(g: Generator, value: Value) -> Value:
    """What was moved to become a value."""
    makers = {node.outputs[0]: node for node in g.graph.nodes}
    while value in makers and makers[value].primitive.name in MOVES:
        value = makers[value].inputs[0]
    return value


def _turn(g: Generator, source: Value, side: Side, sizes: Sequence[int]) -> Turned:
    e, view, lanes = g.e, side.view, g.e.lanes
    width = _vectors(-(-side.size // lanes)) * lanes
    places = math.prod(sizes)
    tiles = -(-side.size // width)
    size = tiles * places * lanes * width * view.dtype.itemsize
    turned = Turned(g.place("scratch", g.hold(source, size)), width, places)
    # The last vector holds units of the one before too, where that is in its tile.
    last = side.size - lanes
    overlaps = last >= 0 and last // width == (side.size - 1) // width
    whole = side.size if overlaps else side.size // lanes * lanes
    groups: list[tuple[Any, int]] = []
    if whole:
        groups.append((e.loop(whole, "turn", step=lanes), lanes))
    if whole < side.size:
        groups.append((e.loop(whole + 1, "turn", start=whole), side.size - whole))
    with e.nest(sizes, "place") as place:
        number = e.affine(place, row_major(sizes))
        start = e.plus(e.affine(place, side.steps), view.offset)
        for loop, count in groups:
            with loop as unit:
                first = e.smaller(unit, last) if count == lanes else unit
                found = [e.number(0, view.dtype, lanes=True)] * lanes
                for i in range(count):
                    at = e.plus(start, e.times(e.plus(first, i), side.stride))
                    at = e.times(at, lanes)
                    row = e.load_lanes(view.pointer(), at, view.dtype)
                    found[i] = g.only_samples(row)
                align = 0 if whole % lanes == 0 else view.dtype.itemsize
                for sample, row in enumerate(e.transposed(found)):
                    at = place_of(e, turned, first, number, sample)
                    e.store(row, turned.pointer(), at, align)
    return turned


def _vectors(count: int) -> int:
    """How many of so many vectors are side by side in a tile, so that tiles are alike
    if possible."""
    even = [n for n in range(_VECTORS, 1, -1) if count % n == 0]
    return even[0] if even else -(-count // -(-count // _VECTORS))


def place_of(
    e: Emitter, turned: Turned, unit: Index, place: Index, sample: Index
) -> Index:
    """Where a unit is that begins a vector."""
    b, step = e.builder, turned.places * e.lanes * turned.tile
    if isinstance(unit, int):
        tile, rest = divmod(unit, turned.tile)
    else:
        count = e.index(turned.tile)
        tile, rest = b.udiv(e.index(unit), count), b.urem(e.index(unit), count)
    row = e.plus(e.times(place, e.lanes), sample)
    return e.plus(e.plus(e.times(tile, step), e.times(row, turned.tile)), rest)


# -- adding ---------------------------------------------------------------------------


class _Tile(NamedTuple):
    """Sums kept in registers."""

    tile: Index  # number of the tile of units
    row: Index
    rows: int
    vectors: int
    is_last: bool  # or among those that are alike


def heights(size: int, most: int) -> list[tuple[int, int, int]]:
    """Parts, from, up to, height: all alike if possible, else of about one height."""
    even = [n for n in range(most, 2 * most // 3, -1) if size % n == 0]
    height = even[0] if even else -(-size // -(-size // most))
    whole = size // height * height
    parts = [(0, whole, height)] if whole else []
    return [*parts, (whole, size, size - whole)] if whole < size else parts


def _tiles(e: Emitter, units: int, vectors: int) -> list[tuple[Any, int, bool]]:
    """Loops over tiles of units, each with its vectors, and whether it has the last."""
    count = -(-units // e.lanes)
    whole, rest = divmod(count, vectors)
    found = [(e.loop(whole, "tile"), vectors, not rest)] if whole else []
    if rest:
        found.append((e.loop(whole + 1, "tile", start=whole), rest, True))
    return found


def _add_tile(
    g: Generator,
    at: _Tile,
    x: Side,
    sizes: Sequence[int],
    turned: Turned,
    sums: View,
) -> None:
    """Loads the sums of a tile, adds the products of all places and samples."""
    e, dtype, view = g.e, x.view.dtype, x.view
    units = sums.shape[1]
    cells, registers = [], []
    last = e.plus(e.times(at.tile, turned.tile), (at.vectors - 1) * e.lanes)
    left: Index = e.lanes  # units in the last vector
    if at.is_last and units % e.lanes:
        left = e.smaller(e.plus(e.times(last, -1), units), e.lanes)
    for i, j in itertools.product(range(at.rows), range(at.vectors)):
        unit = e.plus(e.times(at.tile, turned.tile), j * e.lanes)
        place = e.plus(e.times(e.plus(at.row, i), units), unit)
        some = left if j == at.vectors - 1 else e.lanes
        cells.append((place, some))
        registers.append(e.load_some(sums.pointer(), place, dtype, some))
    start = e.times(at.tile, turned.places * e.lanes * turned.tile)

    def vectors_at(place: Sequence[Index]) -> Index:
        number = e.affine(place, row_major([*sizes, e.lanes]))
        return e.plus(start, e.times(number, turned.tile))

    def factor_at(place: Sequence[Index], i: int) -> Index:
        (*steps, sample) = place
        where = e.plus(e.affine(steps, x.steps), view.offset)
        where = e.plus(where, e.times(e.plus(at.row, i), x.stride))
        return e.plus(e.times(where, e.lanes), sample)

    add_products(
        e,
        registers,
        (at.rows, at.vectors),
        [*sizes, e.lanes],
        Stream(turned.pointer, vectors_at),
        Stream(view.pointer, factor_at),
    )
    for (place, some), register in zip(cells, registers, strict=True):
        e.store_some(register, sums.pointer(), place, some)


class Stream(NamedTuple):
    """Memory, and which element of it belongs to a place (and a row)."""

    pointer: Callable[[], Any]
    at: Callable[..., Index]


def add_products(
    e: Emitter,
    sums: list[Register],
    shape: tuple[int, int],
    counts: Sequence[int],
    vectors: Stream,
    factors: Stream,
) -> None:
    """Adds, at every place, the products of a row of vectors and a column of numbers to
    the sums, a list of registers, row by row."""
    rows, columns = shape
    dtype = sums[0].dtype
    with e.nest(counts, "place", sums) as place:
        first = vectors.at(place)
        found = [
            e.load_lanes(vectors.pointer(), e.plus(first, j * e.lanes), dtype)
            for j in range(columns)
        ]
        for i in range(rows):
            factor = e.load(factors.pointer(), factors.at(place, i), dtype)
            factor = e.spread(factor)
            for j in range(columns):
                k = i * columns + j
                sums[k] = e.fma(factor, found[j], sums[k])
