"""Random bits: Philox, one counter for each lane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import llvmlite.ir as ir
import numpy as np

from wubu.core.graph import Node
from wubu.executors.native import mathematics
from wubu.executors.native.elementwise import convert
from wubu.executors.native.emitter import Index, Register
from wubu.executors.native.kernels.making import Store, refuse
from wubu.executors.native.lazy import Place

if TYPE_CHECKING:
    from wubu.executors.native.generate import Generator

_INT64 = np.dtype("int64")


def random_bits(g: Generator, node: Node) -> None:
    (state,), (y,) = node.inputs, node.outputs
    e = g.e
    if g.plan.axes.get(y) != 0:
        raise refuse(node, "random numbers without samples are not covered yet")
    shape = g.plan.shape(y)
    size = int(np.prod(shape))
    drop = e.number(32 - node.params["num_bits"], y.dtype, lanes=True)
    words = [e.spread(g.values[state].at(e, (i,))) for i in range(4)]
    sample = convert(e, g.sample_numbers(), y.dtype)

    def kernel(store: Store) -> None:
        view = _Flat(g, shape)

        def quad(number: Index, count: int) -> None:
            word = convert(e, Register(e.index(number), _INT64, False), y.dtype)
            counter = [e.spread(word), sample, words[2], words[3]]
            bits = mathematics.philox(e, counter, words[:2])
            for i in range(count):
                found = Register(
                    e.builder.lshr(bits[i].value, drop.value), y.dtype, True
                )
                store(view.place(e.plus(e.times(number, 4), i)), found)

        if size >= 4:
            with e.loop(size // 4, "quad") as number:
                quad(number, 4)
        if size % 4:
            quad(size // 4, size % 4)

    g.produce(y, kernel)


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
                count = ir.Constant(number.type, n)
                found.append(b.urem(number, count))
                number = b.udiv(number, count)
        return (number, *reversed(found)) if self._shape else ()
