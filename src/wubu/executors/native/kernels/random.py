"""Random bits: Philox, one counter for each sample (the first axis)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from wubu.core.graph import Node
from wubu.executors.native.code import mathematics
from wubu.executors.native.code.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.code.elementwise import convert
from wubu.executors.native.code.emitter import Index, Register
from wubu.executors.native.kernels.making import Store, make
from wubu.executors.native.planning.lazy import Place, row_major

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator

Draw = Callable[[Register, Register], list[Register]]

_INT64, _UINT32 = np.dtype("int64"), np.dtype("uint32")


def random_bits(g: Generator, node: Node) -> None:
    (state,), (y,) = node.inputs, node.outputs
    e, batch = g.e, g.plan.axes.get(y)
    words = [g.values[state].at(e, (i,)) for i in range(4)]
    drop = e.number(32 - node.params["num_bits"], _UINT32)

    def draw(number: Register, sample: Register) -> list[Register]:
        counter = [convert(e, r, _UINT32) for r in (number, sample)]
        bits = mathematics.philox(e, [*counter, *words[2:]], words[:2])
        pairs = [e.match([word, drop]) for word in bits]
        return [
            Register(e.builder.lshr(word.value, by.value), _UINT32, word.lanes)
            for word, by in pairs
        ]

    if batch:
        _by_element(g, node, draw)
        return
    first = 0 if batch == 0 else 1
    shape = g.plan.shape(y)
    flat = _Flat(g, shape[first:])

    def kernel(store: Store) -> None:
        def quad(before: Place, number: Index, count: int) -> None:
            sample = g.sample_numbers() if batch == 0 else _number(g, *before or (0,))
            bits = draw(_number(g, number), sample)
            for i in range(count):
                at = flat.place(e.plus(e.times(number, 4), i))
                store((*before, *at), bits[i])

        size = math.prod(shape[first:])
        with e.nest(shape[:first], "sample") as before:
            with e.loop(size // 4, "quad") as number:
                quad(before, number, 4)
            if size % 4:
                quad(before, size // 4, size % 4)

    g.produce(y, kernel)


def _number(g: Generator, i: Index) -> Register:
    return Register(g.e.index(i), _INT64, lanes=False)


def _by_element(g: Generator, node: Node, draw: Draw) -> None:
    """Where lanes run along another axis than the first, numbers are drawn one by one:
    the count of an element differs from lane to lane."""
    (y,) = node.outputs
    e, batch = g.e, g.plan.axes[y]
    strides = row_major(y.shape[1:])
    same, where = ELEMENTWISE["equal"][0], ELEMENTWISE["where"][0]

    def element(place: Place) -> Register:
        others = [(i, n) for i, n in enumerate(strides) if i + 1 != batch]
        rest = place[1:]
        base = e.affine(rest, [n for _, n in others])
        lanes = g.sample_numbers()
        step = e.number(strides[batch - 1], _INT64, lanes=True)
        count = e.fma(lanes, step, _number(g, base))
        four = e.number(4, _INT64, lanes=True)
        number = e.builder.udiv(count.value, four.value)
        which = Register(e.builder.urem(count.value, four.value), _INT64, True)
        bits = draw(Register(number, _INT64, True), _number(g, place[0]))
        found = bits[0]
        for i in range(1, 4):
            here = same(e, which, e.number(i, _INT64, lanes=True))
            found = where(e, here, bits[i], found)
        return found

    make(g, y, element)


class _Flat:
    """Places counted in row-major order."""

    def __init__(self, g: Generator, shape: Sequence[int]) -> None:
        self._g = g
        self._shape = shape

    def place(self, number: Index) -> Place:
        b, found = self._g.e.builder, []
        for n in reversed(self._shape[1:]):
            if isinstance(number, int):
                number, rest = divmod(number, n)
                found.append(rest)
            else:
                whole, count = self._g.e.index(number), self._g.e.index(n)
                found.append(b.urem(whole, count))
                number = b.udiv(whole, count)
        return (number, *reversed(found)) if self._shape else ()
