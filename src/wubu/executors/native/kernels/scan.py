"""Loops: the body's operations inside a loop over the steps.

What a step hands to the next lies in two places that change roles after every step, so
that a new value may be computed from old ones in any order. Rows and stacked results
are walked where they are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wubu.core.graph import Node, Value
from wubu.executors.native.emitter import I8, Index
from wubu.executors.native.lazy import Known, View

if TYPE_CHECKING:
    from wubu.executors.native.generate import Generator


class _Carry:
    """Room for what goes from step to step: for this one and for the next."""

    def __init__(self, g: Generator, value: Value) -> None:
        self._g = g
        self._dtype = value.dtype
        self._shape = g.plan.shape(value)
        self._lanes = g.plan.is_batched(value)
        size = math.prod(self._shape) * value.dtype.itemsize
        self._size = -(-size // 64) * 64 * (g.e.lanes if self._lanes else 1)
        if self._lanes:
            self._place = g.place("scratch", g.hold(value, 2 * self._size))
        else:
            self._place = g.place("private", g.private.take(2 * self._size))

    def at(self, step: Index) -> View:
        """The room a step reads; the next one's is what it writes."""
        e = self._g.e
        whole = isinstance(step, int)
        odd = step % 2 if whole else e.builder.and_(e.index(step), e.index(1))
        pointer = e.address(self._place(), e.times(odd, self._size), I8)
        return View(lambda: pointer, self._shape, self._dtype, self._lanes)


def scan(g: Generator, node: Node) -> None:
    p = node.params
    body, num_carry, length = p["body"], p["num_carry"], p["length"]
    first, rows = p["num_consts"], p["num_consts"] + num_carry
    _bring_constants(g, node)
    carries = [_Carry(g, v) for v in node.outputs[:num_carry]]
    for carry, value in zip(carries, node.inputs[first:rows], strict=True):
        g.fill(carry.at(0), g.values[value])
    given = [g.view_of(value) for value in node.inputs[rows:]]
    stacked = [g.new_view(value) for value in node.outputs[num_carry:]]
    with g.e.loop(length, "step") as step:
        at = g.e.plus(length - 1, g.e.times(step, -1)) if p["reverse"] else step
        for carry, inner in zip(carries, body.inputs[first:rows], strict=True):
            g.values[inner] = carry.at(step)
        for view, inner in zip(given, body.inputs[rows:], strict=True):
            g.values[inner] = _row(g, view, at)
        g.body(body.nodes)
        made = [g.values[v] for v in body.outputs]
        for carry, found in zip(carries, made[:num_carry], strict=True):
            g.fill(carry.at(g.e.plus(step, 1)), found)
        for view, found in zip(stacked, made[num_carry:], strict=True):
            g.fill(_row(g, view, at), found)
    for carry, value in zip(carries, node.outputs[:num_carry], strict=True):
        g.values[value] = carry.at(length)


def _bring_constants(g: Generator, node: Node) -> None:
    """What the loop only reads: in memory, so that no step computes it again."""
    body, count = node.params["body"], node.params["num_consts"]
    for value, inner in zip(node.inputs[:count], body.inputs[:count], strict=True):
        found = g.values[value]
        g.values[inner] = found if isinstance(found, Known) else g.view_of(value)
    for value, array in body.constants.items():
        g.bring_constant(value, array)


def _row(g: Generator, view: View, step: Index) -> View:
    """What a series holds for one step."""
    e, strides = g.e, view.strides
    size = strides[0] * view.dtype.itemsize * (e.lanes if view.lanes else 1)
    pointer = e.address(view.pointer(), e.times(step, size), I8)
    shape = view.shape[1:]
    return View(
        lambda: pointer, shape, view.dtype, view.lanes, strides[1:], view.offset
    )
