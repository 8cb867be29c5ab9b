"""`contract` and `outer`: sums of products, in register tiles.

Dense layers, convolutions and their gradients all are such sums, and differ only in the
strides by which operands are walked. A `Contraction` says just that; the tile (how many
sums are kept in registers at once) is chosen from it.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from wubu.executors.native.code.emitter import Emitter, Index, Register
from wubu.executors.native.planning.lazy import View

_FEW = 7  # steps that may be emitted one by one,
_WASTE = 0.1  # if otherwise so much of the work would be products with zeros

Store = Callable[[Sequence[Index], Register], None]


class Axis(NamedTuple):
    """A loop: how long, and how far one step moves in each operand."""

    size: int
    left: int
    right: int


class Window(NamedTuple):
    """Which steps of an inner loop meet an image, and not the zeros around it: those
    with 0 <= scale * outer index + sign * step + shift < size."""

    outer: int  # number of the axis
    scale: int
    sign: int  # 1 or -1
    shift: int
    size: int

    def rounds(
        self, e: Emitter, first: Index, many: int, steps: int
    ) -> tuple[Index, Index]:
        """The steps, from and up to, that any of so many outer indices needs."""
        near = e.plus(e.times(first, self.scale), self.shift)
        far = e.plus(near, (many - 1) * self.scale)
        if self.sign > 0:
            low, high = e.times(far, -1), e.plus(e.times(near, -1), self.size)
        else:
            low, high = e.plus(near, 1 - self.size), e.plus(far, 1)
        return e.larger(low, 0), e.smaller(high, steps)

    def meets(self, outer: int, step: int) -> bool:
        """Whether a step meets the image at an outer index."""
        return 0 <= self.scale * outer + self.sign * step + self.shift < self.size


class Contraction(NamedTuple):
    """result[outer indices] = sum over inner indices of left * right."""

    outer: list[Axis]
    inner: list[Axis]
    left: View  # differs from sample to sample
    right: View
    windows: dict[int, Window] = {}  # noqa: RUF012 - by inner axis; never changed


class Tile(NamedTuple):
    """Sums kept in registers: along which outer axes, and how many of each.

    Along `rows` only the right operand moves (units, channels), along `columns` only
    the left one (positions). -1 is no axis.
    """

    row_axis: int
    rows: int
    column_axis: int
    columns: int

    def __str__(self) -> str:
        return f"{self.rows}x{self.columns}"


def choose_tile(contraction: Contraction, registers: int) -> Tile:
    """The tile with the least memory traffic per product whose sums, and operands, fit
    into this many vector registers."""
    outer = contraction.outer
    rows = _largest(outer, lambda a: a.left == 0 and a.right != 0)
    columns = _largest(outer, lambda a: a.right == 0 and a.left != 0)
    best, best_cost = Tile(rows, 1, columns, 1), float("inf")
    for r, c in itertools.product(range(1, 17), range(1, 9)):
        if (r > 1 and rows < 0) or (c > 1 and columns < 0):
            continue
        if r * c + min(r, c) + 1 > registers:
            continue
        cost = _cost(outer, rows, r, columns, c)
        if cost < best_cost:
            best, best_cost = Tile(rows, r, columns, c), cost
    return best


def _largest(axes: Sequence[Axis], fits: Callable[[Axis], bool]) -> int:
    found = [(axis.size, i) for i, axis in enumerate(axes) if fits(axis)]
    return max(found)[1] if found else -1


def _cost(outer: Sequence[Axis], rows: int, r: int, columns: int, c: int) -> float:
    """Instructions per product: one for itself, and the loads of its tile, with tiles
    at the edge counted as they are. Few independent sums wait for each other."""
    total = 0.0
    size_r = outer[rows].size if rows >= 0 else 1
    size_c = outer[columns].size if columns >= 0 else 1
    if r > size_r or c > size_c:
        return float("inf")
    for n_r, count_r in ((r, size_r // r), (size_r % r, 1)):
        for n_c, count_c in ((c, size_c // c), (size_c % c, 1)):
            if n_r and n_c:
                work = max(n_r * n_c, 8) + 1.0 * (n_r + n_c)
                total += work * count_r * count_c
    kinds = (1 + (size_r % r > 0)) * (1 + (size_c % c > 0))
    return total / (size_r * size_c) * (1 + 0.01 * kinds)


def emit_contract(
    e: Emitter, contraction: Contraction, tile: Tile, store: Store
) -> None:
    """Emits the loops; `store(indices, register)` takes each finished sum."""
    outer = contraction.outer
    free = [i for i in range(len(outer)) if i not in (tile.row_axis, tile.column_axis)]
    # Tiles at the edges of images stand apart where much of them would be zeros.
    apart = len(_known_steps(contraction, tile, {tile.column_axis: 0})) > 1
    along = (outer, tile.column_axis, tile.columns, apart)
    with e.nest([outer[i].size for i in free], "outer") as indices:
        fixed = dict(zip(free, indices, strict=True))
        for row, rows in edges(e, outer, tile.row_axis, tile.rows):
            with row as r:
                for column, columns in edges(e, *along):
                    with column as c:
                        start = dict(fixed)
                        if tile.row_axis >= 0:
                            start[tile.row_axis] = r
                        if tile.column_axis >= 0:
                            start[tile.column_axis] = c
                        at = Tile(tile.row_axis, rows, tile.column_axis, columns)
                        emit_tile(e, contraction, at, start, store)


def edges(
    e: Emitter, outer: Sequence[Axis], axis: int, step: int, apart: bool = False
) -> list:
    """Loops over whole tiles along an axis, and over what is left at its edge. The
    first and the last tile may stand `apart`, where their index is known."""
    size = outer[axis].size if axis >= 0 else 1
    whole = size // step * step
    bounds = [0, whole]
    if apart and whole > step:
        bounds = [0, step, whole] if size % step else [0, step, whole - step, whole]
    found = [
        (e.loop(stop, f"tile{axis}", step, start=start), step)
        for start, stop in itertools.pairwise(bounds)
        if start < stop
    ]
    if size % step:
        found.append(
            (e.loop(size, f"edge{axis}", size % step, start=whole), size % step)
        )
    return found


def _window_of(contraction: Contraction, axis: int) -> int | None:
    """The inner axis of few steps that meets margins along this outer axis."""
    for i, window in contraction.windows.items():
        if window.outer == axis and contraction.inner[i].size <= _FEW:
            return i
    return None


def emit_tile(
    e: Emitter,
    contraction: Contraction,
    tile: Tile,
    start: dict[int, Index],
    store: Store,
    begin: Callable[[Sequence[Index]], Register] | None = None,
) -> None:
    """Emits one tile; `begin(indices)` gives what each sum starts with, or zero."""
    outer, inner = contraction.outer, contraction.inner
    left, right = contraction.left, contraction.right
    dtype = left.dtype
    lanes = left.lanes or right.lanes
    cells = list(itertools.product(range(tile.rows), range(tile.columns)))
    zero = e.number(0, dtype, lanes)
    order = range(len(outer))

    def place_of(i: int, j: int) -> list[Index]:
        place = [start[k] for k in order]
        if tile.row_axis >= 0:
            place[tile.row_axis] = e.plus(place[tile.row_axis], i)
        if tile.column_axis >= 0:
            place[tile.column_axis] = e.plus(place[tile.column_axis], j)
        return place

    sums = [begin(place_of(*cell)) if begin else zero for cell in cells]
    base_left = e.affine([start[i] for i in order], [outer[i].left for i in order])
    base_right = e.affine([start[i] for i in order], [outer[i].right for i in order])
    row_step = outer[tile.row_axis].right if tile.row_axis >= 0 else 0
    column_step = outer[tile.column_axis].left if tile.column_axis >= 0 else 0
    for known, places in _known_steps(contraction, tile, start):
        with _steps(e, contraction, tile, start, sums, known) as steps:
            at_left = e.plus(base_left, e.affine(steps, [axis.left for axis in inner]))
            at_right = e.affine(steps, [axis.right for axis in inner])
            at_right = e.plus(base_right, at_right)
            columns = {
                j: element(e, left, e.plus(at_left, j * column_step)) for j in places
            }
            for i in range(tile.rows):
                row = element(e, right, e.plus(at_right, i * row_step))
                row = e.spread(row) if lanes else row
                for j in places:
                    k = i * tile.columns + j
                    sums[k] = e.fma(row, columns[j], sums[k])
    for (i, j), found in zip(cells, sums, strict=True):
        store(place_of(i, j), found)


def _known_steps(
    contraction: Contraction, tile: Tile, start: dict[int, Index]
) -> list[tuple[dict[int, int], list[int]]]:
    """Steps that are emitted one by one, as pairs of the step by inner axis, and the
    columns that do not only meet zeros there. Elsewhere all columns take all steps."""
    everywhere = list(range(tile.columns))
    axis = _window_of(contraction, tile.column_axis)
    first = start.get(tile.column_axis)
    if axis is None or not isinstance(first, int):
        return [({}, everywhere)]
    window, found = contraction.windows[axis], []
    for step in range(contraction.inner[axis].size):
        places = [j for j in everywhere if window.meets(first + j, step)]
        if places:
            found.append(({axis: step}, places))
    useful = sum(len(places) for _, places in found)
    worth = useful < (1 - _WASTE) * len(found) * tile.columns
    return found if worth else [({}, everywhere)]


@contextlib.contextmanager
def _steps(
    e: Emitter,
    contraction: Contraction,
    tile: Tile,
    start: dict[int, Index],
    sums: list[Register],
    known: dict[int, int],
) -> Iterator[list[Index]]:
    """The inner loops, without steps that only meet zeros; some steps are known."""
    many = {tile.row_axis: tile.rows, tile.column_axis: tile.columns}
    with contextlib.ExitStack() as stack:
        steps: list[Index] = []
        for i, axis in enumerate(contraction.inner):
            if i in known:
                steps.append(known[i])
                continue
            low, high, window = 0, axis.size, contraction.windows.get(i)
            if window is not None:
                outer = window.outer
                first, some = start[outer], many.get(outer, 1)
                low, high = window.rounds(e, first, some, axis.size)
            loop = e.loop(high, f"inner{i}", start=low, carried=sums)
            steps.append(stack.enter_context(loop))
        yield steps


def element(e: Emitter, view: View, offset: Index) -> Register:
    """The element at an offset counted in elements of the view."""
    where = e.plus(offset, view.offset)
    if not view.lanes:
        return e.load(view.pointer(), where, view.dtype)
    return e.load_lanes(view.pointer(), e.times(where, e.lanes), view.dtype)
