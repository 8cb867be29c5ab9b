"""Layered drawing, first half: which layer an item is in, and the order of a layer.

After Sugiyama, Tagawa and Toda (1981): items get ranks along the direction of the nets,
a net that passes a rank gets a bend there, and layers are sorted by the barycentres of
their neighbours until few lines cross. Targets of one net share its bends as far as
they go the same way. `placing.py` is the second half.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

TOP, FREE, BOTTOM = -1, 0, 1

_SWEEPS = 12
_EXCHANGES = 4
_EASY = 8000  # cells up to which every sweep is made
_GAP = 12.0
_WIDEST = 2600.0  # a layer, if its items can be elsewhere


@dataclass(eq=False)
class Item:
    """A rectangle to place. A pinned item is in the first or last layer, alone with
    others like it."""

    width: float
    height: float
    pin: int = FREE
    x: float = 0.0  # set by `placing`, left and top
    y: float = 0.0


class End(NamedTuple):
    """A point on the upper or lower side of an item, `dx` from its left."""

    item: int
    dx: float


class Net(NamedTuple):
    """Lines from one end to several."""

    source: End
    targets: tuple[End, ...]


@dataclass(eq=False)
class Cell:
    """An item or a bend in a layer."""

    rank: int
    width: float
    item: int = -1  # -1: a bend
    x: float = 0.0
    up: list[Link] = field(default_factory=list)
    down: list[Link] = field(default_factory=list)


class Link(NamedTuple):
    """A line from one layer to the next."""

    net: int
    upper: Cell
    upper_dx: float
    lower: Cell
    lower_dx: float
    weight: int  # how much it should be straight

    @property
    def upper_x(self) -> float:
        return self.upper.x + self.upper_dx

    @property
    def lower_x(self) -> float:
        return self.lower.x + self.lower_dx


def layered(items: Sequence[Item], nets: Sequence[Net]) -> list[list[Cell]]:
    """The layers, ordered and linked."""
    ranks = _ranks(items, nets)
    cells = [
        Cell(rank, item.width, i)
        for i, (rank, item) in enumerate(zip(ranks, items, strict=True))
    ]
    bends: list[Cell] = []
    for i, net in enumerate(nets):
        bends += _linked(i, net, cells)
    return _ordered(_by_neighbourhood([*cells, *bends], max(ranks, default=-1) + 1))


# -- ranks ----------------------------------------------------------------------------


def _ranks(items: Sequence[Item], nets: Sequence[Net]) -> list[int]:
    """Longest paths from the top; then items move to where their lines are short."""
    after: list[list[int]] = [[] for _ in items]
    before: list[list[int]] = [[] for _ in items]
    for net in nets:
        for target in net.targets:
            after[net.source.item].append(target.item)
            before[target.item].append(net.source.item)
    order = _topological(before, after)
    first = 1 if any(item.pin == TOP for item in items) else 0
    ranks = [0 if item.pin == TOP else first for item in items]
    for i in order:
        for j in after[i]:
            ranks[j] = max(ranks[j], ranks[i] + 1)
    free = [i for i in order if items[i].pin == FREE]
    _shorten(ranks, free, before, after, nets)
    _narrow(ranks, [i for i in free if not after[i]], items)
    last = max((ranks[i] + 1 for i in free), default=first)
    for i, item in enumerate(items):
        if item.pin == BOTTOM:
            ranks[i] = last
    return ranks


def _shorten(
    ranks: list[int],
    free: list[int],
    before: list[list[int]],
    after: list[list[int]],
    nets: Sequence[Net],
) -> None:
    """Moves items up or down, whichever makes lines shorter, within what is allowed."""
    entering: list[list[Net]] = [[] for _ in ranks]
    num_leaving = [0] * len(ranks)
    for net in nets:
        num_leaving[net.source.item] += 1
        for item in {target.item for target in net.targets}:
            entering[item].append(net)
    for sweep in range(4):
        for i in free if sweep % 2 else reversed(free):
            high = min((ranks[j] - 1 for j in after[i]), default=ranks[i])
            low = max((ranks[j] + 1 for j in before[i]), default=min(ranks[i], high))
            longer = 0
            for net in entering[i]:
                others = (ranks[t.item] for t in net.targets if t.item != i)
                rest = max(others, default=0)
                longer += max(high, rest) - max(low, rest)
            down = longer < num_leaving[i] * (high - low)
            ranks[i] = high if down else low


def _narrow(ranks: list[int], ends: list[int], items: Sequence[Item]) -> None:
    """Moves items on which nothing depends down from layers that are too wide."""
    widths: dict[int, float] = {}
    for i, rank in enumerate(ranks):
        widths[rank] = widths.get(rank, 0.0) + items[i].width + _GAP
    for i in sorted(ends, key=lambda i: (ranks[i], i)):
        width = items[i].width + _GAP
        if widths[ranks[i]] > _WIDEST:
            widths[ranks[i]] -= width
            while widths.get(ranks[i], 0.0) + width > max(_WIDEST, width):
                ranks[i] += 1
            widths[ranks[i]] = widths.get(ranks[i], 0.0) + width


def _topological(before: list[list[int]], after: list[list[int]]) -> list[int]:
    waiting = [len(found) for found in before]
    ready = [i for i, count in enumerate(waiting) if count == 0]
    for i in ready:
        for j in after[i]:
            waiting[j] -= 1
            if waiting[j] == 0:
                ready.append(j)
    assert len(ready) == len(before), "a cycle"
    return ready


def _linked(index: int, net: Net, cells: list[Cell]) -> list[Cell]:
    """Links the net's ends through bends, and returns the bends."""
    source = cells[net.source.item]
    trunk = [(source, net.source.dx)]
    bends: list[Cell] = []
    for target in sorted(net.targets, key=lambda end: cells[end.item].rank):
        cell = cells[target.item]
        assert cell.rank > source.rank, "a line goes down"
        while trunk[-1][0].rank < cell.rank - 1:
            bends.append(Cell(trunk[-1][0].rank + 1, 0.0))
            _link(index, *trunk[-1], bends[-1], 0.0)
            trunk.append((bends[-1], 0.0))
        _link(index, *trunk[cell.rank - 1 - source.rank], cell, target.dx)
    return bends


def _link(net: int, upper: Cell, upper_dx: float, lower: Cell, lower_dx: float) -> None:
    num_bends = (upper.item < 0) + (lower.item < 0)
    link = Link(net, upper, upper_dx, lower, lower_dx, (1, 2, 8)[num_bends])
    upper.down.append(link)
    lower.up.append(link)


# -- order ----------------------------------------------------------------------------


def _by_neighbourhood(cells: list[Cell], num_ranks: int) -> list[list[Cell]]:
    """A first order: whatever is linked is met soon after one another."""
    layers: list[list[Cell]] = [[] for _ in range(num_ranks)]
    seen: set[int] = set()
    for start in cells:
        stack = [start]
        while stack:
            cell = stack.pop()
            if id(cell) in seen:
                continue
            seen.add(id(cell))
            layers[cell.rank].append(cell)
            stack += [link.lower for link in reversed(cell.down)]
            stack += [link.upper for link in reversed(cell.up)]
    return layers


def _ordered(layers: list[list[Cell]]) -> list[list[Cell]]:
    for layer in layers:
        _pack(layer)
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(effort(layers, _SWEEPS)):
        if fewest == 0:
            break
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            layer.sort(key=_barycentre_above if sweep % 2 == 0 else _barycentre_below)
            _pack(layer)
        found = _crossings(layers)
        if found < fewest:
            best, fewest = [list(layer) for layer in layers], found
    for layer in best:
        _pack(layer)
    for _ in range(effort(layers, _EXCHANGES) if fewest else 0):
        if not any([_exchange(layer) for layer in best]):
            break
    return best


def effort(layers: list[list[Cell]], most: int) -> int:
    """How many sweeps are worth their time: fewer for thousands of cells."""
    num_cells = sum(map(len, layers))
    return min(most, max(2, most * _EASY // max(num_cells, 1)))


def _pack(layer: list[Cell]) -> None:
    """Puts the cells of a layer side by side around zero."""
    total = sum(cell.width + _GAP for cell in layer)
    x = -total / 2
    for cell in layer:
        cell.x = x
        x += cell.width + _GAP


def _barycentre_above(cell: Cell) -> float:
    if not cell.up:
        return cell.x + cell.width / 2
    return sum(link.upper_x for link in cell.up) / len(cell.up)


def _barycentre_below(cell: Cell) -> float:
    if not cell.down:
        return cell.x + cell.width / 2
    return sum(link.lower_x for link in cell.down) / len(cell.down)


def _crossings(layers: list[list[Cell]]) -> int:
    total = 0
    for layer in layers:
        lines = sorted(
            (link.upper_x, link.lower_x) for cell in layer for link in cell.down
        )
        seen: list[float] = []
        for _, lower in lines:
            total += len(seen) - bisect_right(seen, lower)
            insort(seen, lower)
    return total


def _exchange(layer: list[Cell]) -> bool:
    """Swaps neighbours where that saves crossings; says whether any were."""
    swapped = False
    for i in range(len(layer) - 1):
        left, right = layer[i], layer[i + 1]
        if _between(right, left) < _between(left, right):
            layer[i], layer[i + 1] = right, left
            swapped = True
    if swapped:
        _pack(layer)
    return swapped


def _between(left: Cell, right: Cell) -> int:
    """How many lines of `left` cross lines of `right` when they stand in that order."""
    above = _pairs([k.upper_x for k in left.up], [k.upper_x for k in right.up])
    below = _pairs([k.lower_x for k in left.down], [k.lower_x for k in right.down])
    return above + below


def _pairs(left: list[float], right: list[float]) -> int:
    return sum(a > b for a in left for b in right)
