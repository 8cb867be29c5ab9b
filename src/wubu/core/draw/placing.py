"""Layered drawing, second half: coordinates of ordered layers, and lines as curves.

Each layer in turn asks its neighbours where its cells would like to be, and gets as
close to that, in weighted least squares, as the order and the gaps allow: isotonic
regression by pooling adjacent violators.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wubu.core.draw.layers import FREE, TOP, Cell, Item, Link, Net, effort, layered

_SWEEPS = 24
_GAP, _BEND_GAP = 16.0, 9.0
_RANK_GAP, _EDGE_GAP = 26.0, 10.0


class Piece(NamedTuple):
    """A stretch of a line: straight down, a smooth change of x, straight down."""

    x0: float
    y0: float
    y1: float
    x1: float
    y2: float
    y3: float

    def moved(self, dx: float, dy: float) -> Piece:
        x0, y0, y1, x1, y2, y3 = self
        return Piece(x0 + dx, y0 + dy, y1 + dy, x1 + dx, y2 + dy, y3 + dy)


class Drawing(NamedTuple):
    width: float
    height: float
    pieces: list[list[Piece]]  # for each net


def draw(items: Sequence[Item], nets: Sequence[Net]) -> Drawing:
    """Sets x and y of the items, from (0, 0) on, and returns the lines of the nets."""
    layers = layered(items, nets)
    _set_x(layers)
    left = min((cell.x for layer in layers for cell in layer), default=0.0)
    for layer in layers:
        for cell in layer:
            cell.x -= left
    right = max((c.x + c.width for layer in layers for c in layer), default=0.0)
    bounds = _set_y(layers, items)
    pieces: list[list[Piece]] = [[] for _ in nets]
    for layer in layers:
        for cell in layer:
            for link in cell.down:
                pieces[link.net].append(_piece(link, items, bounds))
    return Drawing(right, bounds[-1][1] if bounds else 0.0, pieces)


# -- across ---------------------------------------------------------------------------


def _set_x(layers: list[list[Cell]]) -> None:
    sweeps = effort(layers, _SWEEPS)
    for sweep in range(sweeps):
        both = sweep >= sweeps - 2
        downwards = sweep % 2 == 0
        for layer in layers if downwards else reversed(layers):
            _settle(layer, both or downwards, both or not downwards)


def _settle(layer: list[Cell], look_up: bool, look_down: bool) -> None:
    """Moves the cells of a layer to where the layers next to it want them."""
    wishes, weights, steps = [], [], []
    step = 0.0
    linked = [cell.x for cell in layer if cell.up or cell.down]
    middle = sum(linked) / len(linked) if linked else 0.0
    for i, cell in enumerate(layer):
        if i:
            before = layer[i - 1]
            either = cell.item < 0 or before.item < 0
            step += before.width + (_BEND_GAP if either else _GAP)
        wish, weight = middle, 0.01
        if cell.up or cell.down:
            wish, weight = _wish(cell, look_up, look_down)
        wishes.append(wish - step)
        weights.append(weight)
        steps.append(step)
    found = _isotonic(wishes, weights)
    for cell, x, step in zip(layer, found, steps, strict=True):
        cell.x = x + step


def _wish(cell: Cell, look_up: bool, look_down: bool) -> tuple[float, float]:
    total = weight = 0.0
    if look_up:
        for link in cell.up:
            total += link.weight * (link.upper_x - link.lower_dx)
            weight += link.weight
    if look_down:
        for link in cell.down:
            total += link.weight * (link.lower_x - link.upper_dx)
            weight += link.weight
    return (total / weight, weight) if weight else (cell.x, 0.01)


def _isotonic(wishes: list[float], weights: list[float]) -> list[float]:
    """The nondecreasing sequence nearest to the wishes."""
    means: list[float] = []
    totals: list[float] = []
    counts: list[int] = []
    for wish, weight in zip(wishes, weights, strict=True):
        mean, total, count = wish, weight, 1
        while means and means[-1] > mean:
            mean = (mean * total + means[-1] * totals[-1]) / (total + totals[-1])
            total += totals.pop()
            count += counts.pop()
            means.pop()
        means.append(mean)
        totals.append(total)
        counts.append(count)
    return [m for m, count in zip(means, counts, strict=True) for _ in range(count)]


# -- down -----------------------------------------------------------------------------


def _set_y(
    layers: list[list[Cell]], items: Sequence[Item]
) -> list[tuple[float, float]]:
    """Places items, and returns top and bottom of each layer."""
    bounds: list[tuple[float, float]] = []
    y = 0.0
    for layer in layers:
        members = [cell for cell in layer if cell.item >= 0]
        height = max((items[cell.item].height for cell in members), default=0.0)
        for cell in members:
            item = items[cell.item]
            item.x = cell.x
            sinks = not cell.up and item.pin != TOP  # sources stand near their users
            item.y = y + (height - item.height if sinks else 0.0)
        bounds.append((y, y + height))
        y += height + _gap_below(layer, items)
    return bounds


def _gap_below(layer: list[Cell], items: Sequence[Item]) -> float:
    """More room where lines go far sideways, little at the edge of a frame."""
    links = [link for cell in layer for link in cell.down]
    far = max((abs(link.upper_x - link.lower_x) for link in links), default=0.0)
    pins = {items[c.item].pin for k in links for c in (k.upper, k.lower) if c.item >= 0}
    base = _EDGE_GAP if pins - {FREE} else _RANK_GAP
    return base + min(far / 12, 40.0)


def _piece(
    link: Link, items: Sequence[Item], bounds: list[tuple[float, float]]
) -> Piece:
    upper, lower = link.upper, link.lower
    top, bottom = bounds[upper.rank]
    start = top
    if upper.item >= 0:
        start = items[upper.item].y + items[upper.item].height
    next_top, end = bounds[lower.rank][0], bounds[lower.rank][0]
    if lower.item >= 0:
        end = items[lower.item].y
    x0, x1 = link.upper_x, link.lower_x
    return Piece(x0, start, bottom, x1, next_top, end)
