"""What can only be checked while a program runs: indices, exponents, NaN.

Code that finds something wrong writes which check it was, the value and its place to
the memory that threads share, once; the step then ends before variables change, and
the program raises the error that NumPy's evaluation raises.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from wubu.core.graph import Node, Value
from wubu.errors import ArgumentError, IndexOutOfRangeError, WubuError
from wubu.executors.native.code.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.code.elementwise import convert
from wubu.executors.native.code.emitter import Register
from wubu.executors.native.planning.lazy import Lazy, row_major
from wubu.ops.finite import not_finite

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator

_INT64 = np.dtype("int64")


class Check(NamedTuple):
    """One thing that may turn out wrong."""

    node: Node
    shape: tuple[int, ...]  # of what is looked at
    error: Callable[[int, tuple[int, ...]], WubuError]  # of a value and its place

    def failed(self, value: int, flat_place: int) -> WubuError:
        """The error for what was found."""
        place = np.unravel_index(flat_place, self.shape)
        error = self.error(value, tuple(int(i) for i in place))
        error.where = error.where or self.node.where()
        return error


def indices_inside(g: Generator, node: Node, indices: Value, size: int) -> None:
    """Indices lie in [0, size)."""
    known = g.graph.constants.get(indices)
    if known is not None and (not known.size or 0 <= known.min() <= known.max() < size):
        return

    def error(value: int, place: tuple[int, ...]) -> WubuError:
        return IndexOutOfRangeError(
            "an index lies outside the axis it picks from",
            expected=f"0 to {size - 1}" if size else "nothing, it is empty",
            got=f"{value} at place {place}",
        )

    def wrong(index: Register) -> Register:
        e = g.e
        index = convert(e, index, _INT64)
        limit = e.number(size, _INT64, index.lanes)
        found = e.builder.icmp_unsigned(">=", index.value, limit.value)
        return Register(found, np.dtype("bool"), index.lanes)

    _check(g, node, indices, wrong, error)


def exponents_positive(g: Generator, node: Node) -> None:
    """Integers are not raised to negative powers."""
    exponent = node.inputs[1]
    known = g.graph.constants.get(exponent)
    if exponent.dtype.kind != "i" or (known is not None and known.min(initial=0) >= 0):
        return

    def error(value: int, place: tuple[int, ...]) -> WubuError:
        return ArgumentError(
            "an integer to the power of a negative one is no integer",
            got=f"an exponent of {value}",
            fix='convert the base: x.astype("float32")',
        )

    def wrong(register: Register) -> Register:
        return ELEMENTWISE["less"][0](g.e, register, g.e.number(0, register.dtype))

    _check(g, node, exponent, wrong, error)


def check_finite(g: Generator, node: Node) -> Lazy:
    """The value itself; numbers are neither NaN nor infinite."""
    (x,), what = node.inputs, node.params["what"]
    if x.dtype.kind != "f":
        return g.values[x]

    def error(sign: int, place: tuple[int, ...]) -> WubuError:
        return not_finite(what, sign * math.inf if sign else math.nan)

    def wrong(register: Register) -> Register:
        b = g.e.builder
        rest = b.fsub(register.value, register.value)  # 0, or NaN
        found = b.fcmp_unordered("uno", rest, rest)
        return Register(found, np.dtype("bool"), register.lanes)

    def sign(register: Register) -> Register:
        less, e = ELEMENTWISE["less"][0], g.e
        zero = e.number(0, register.dtype)
        above = convert(e, less(e, zero, register), _INT64)
        below = convert(e, less(e, register, zero), _INT64)
        return Register(e.builder.sub(above.value, below.value), _INT64, False)

    _check(g, node, x, wrong, error, sign)
    return g.values[x]


def _check(
    g: Generator,
    node: Node,
    value: Value,
    wrong: Callable[[Register], Register],
    error: Callable[[int, tuple[int, ...]], WubuError],
    told: Callable[[Register], Register] | None = None,
) -> None:
    """Looks at every element; `told` makes the whole number that the error is given."""
    g.checks.append(Check(node, value.shape, error))
    number = len(g.checks)
    e, source = g.e, g.values[value]
    axis = g.plan.axes.get(value)
    strides = list(row_major(value.shape))
    step = strides.pop(axis) if axis is not None else 0
    if not math.prod(value.shape):
        return
    with e.nest(source.shape, "check") as place, g.memo:
        element = source.at(e, place)
        found = g.only_samples(wrong(element))
        base = e.affine(place, strides)
        lanes = e.lanes if element.lanes else 1
        with e.when(e.any_lane(found)), e.loop(lanes, "lane") as lane:
            sample = e.plus(e.times(g.block, e.lanes), lane)
            at = e.plus(base, e.times(sample, step))
            one = e.extract(found, lane) if element.lanes else found
            bad = e.extract(element, lane) if element.lanes else element
            with e.when(one.value):
                said = told(bad) if told else convert(e, bad, _INT64)
                g.report(number, said.value, e.index(at))
