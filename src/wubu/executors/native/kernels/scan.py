"""Loops: the body's operations inside a loop over the steps.

What a step hands to the next lies in two places that change roles after every step, so
that a new value may be computed from old ones in any order. Where a loop also hands out
what it was given by the step before, these are the places: nothing is copied.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from wubu.core.graph import Node, Value
from wubu.executors.native.code.emitter import I8, Index
from wubu.executors.native.planning.lazy import Known, View

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator


class _Loop(NamedTuple):
    """A scan: its values by what they are to the loop."""

    node: Node
    carries: Sequence[Value]  # after the last step
    stacked: Sequence[Value]
    carried: Sequence[Value]  # of the body: before and after a step, and its results
    following: Sequence[Value]
    made: Sequence[Value]
    length: int
    reverse: bool


def scan(g: Generator, node: Node) -> None:
    p = node.params
    body, count, length = p["body"], p["num_carry"], p["length"]
    first, rows = p["num_consts"], p["num_consts"] + p["num_carry"]
    loop = _Loop(
        node,
        node.outputs[:count],
        node.outputs[count:],
        body.inputs[first:rows],
        body.outputs[:count],
        body.outputs[count:],
        length,
        p["reverse"],
    )
    _bring_constants(g, node)
    stacks: dict[Value, View] = {}
    carries = [_carry(g, loop, i, stacks) for i in range(count)]
    for value in loop.stacked:
        if value not in stacks:
            stacks[value] = g.new_view(value)
    for carry, value in zip(carries, node.inputs[first:rows], strict=True):
        g.fill(carry.before(0), g.values[value])
    given = [g.view_of(value) for value in node.inputs[rows:]]
    with g.e.loop(length, "step") as step:
        at = g.e.plus(length - 1, g.e.times(step, -1)) if loop.reverse else step
        for carry, inner in zip(carries, loop.carried, strict=True):
            g.values[inner] = carry.before(step)
        for view, inner in zip(given, body.inputs[rows:], strict=True):
            g.values[inner] = _row(g, view, at)
        places = [
            (inner, carry.after(step))
            for carry, inner in zip(carries, loop.following, strict=True)
        ]
        places += [
            (inner, _row(g, stacks[value], at))
            for value, inner in zip(loop.stacked, loop.made, strict=True)
        ]
        g.body(body.nodes, places, step)
    for carry, value in zip(carries, loop.carries, strict=True):
        g.values[value] = carry.before(length)
    g.values.update(stacks)


class _Two:
    """Room for what goes from step to step: for this one and for the next."""

    def __init__(self, g: Generator, value: Value) -> None:
        self._g = g
        self._dtype = value.dtype
        self._shape = g.plan.shape(value)
        self._lanes = g.plan.is_batched(value)
        self._size = _size(g, value)
        if self._lanes:
            self._place = g.place("scratch", g.hold(value, 2 * self._size))
        else:
            self._place = g.place("private", g.private.take(2 * self._size))

    def before(self, step: Index) -> View:
        """The room a step reads."""
        e = self._g.e
        whole = isinstance(step, int)
        odd = step % 2 if whole else e.builder.and_(e.index(step), e.index(1))
        pointer = e.address(self._place(), e.times(odd, self._size), I8)
        return View(lambda: pointer, self._shape, self._dtype, self._lanes)

    def after(self, step: Index) -> View:
        """The room it writes."""
        return self.before(self._g.e.plus(step, 1))


class _History:
    """Room for what all steps hand on, in the order of rows."""

    def __init__(self, g: Generator, loop: _Loop, values: Sequence[Value]) -> None:
        self._g = g
        self._like = values[0]
        self._length = loop.length
        self._reverse = loop.reverse
        self._size = _size(g, self._like)
        size = (loop.length + 1) * self._size
        self._place = g.place("scratch", g.hold(self._like, size, *values[1:]))

    def before(self, step: Index) -> View:
        e = self._g.e
        at = e.plus(self._length, e.times(step, -1)) if self._reverse else step
        pointer = e.address(self._place(), e.times(at, self._size), I8)
        return View(
            lambda: pointer, self._g.plan.shape(self._like), self._like.dtype, True
        )

    def after(self, step: Index) -> View:
        return self.before(self._g.e.plus(step, 1))

    def stacked(self, after: bool) -> View:
        """What the steps were given, or what they made, for every row."""
        shape = (self._length, *self._g.plan.shape(self._like))
        start = self._size if after != self._reverse else 0
        return View(
            lambda: self._g.e.address(self._place(), start, I8),
            shape,
            self._like.dtype,
            True,
        )


def _size(g: Generator, value: Value) -> int:
    """Bytes for one step, in whole cache lines."""
    size = math.prod(g.plan.shape(value)) * value.dtype.itemsize
    return size * g.e.lanes if g.plan.is_batched(value) else -(-size // 64) * 64


def _carry(
    g: Generator, loop: _Loop, i: int, stacks: dict[Value, View]
) -> _Two | _History:
    """Where a carry lies: with the results that hand it out, if there are any."""
    carry, before, after = loop.carries[i], loop.carried[i], loop.following[i]
    handed = {
        value: inner is after
        for value, inner in zip(loop.stacked, loop.made, strict=True)
        if inner in (before, after)
        and value not in g.plan.crossing
        and value not in g.plan.margins
    }
    if False in handed.values() and g.plan.is_batched(carry):
        history = _History(g, loop, [carry, *handed])
        stacks.update((v, history.stacked(made)) for v, made in handed.items())
        return history
    return _Two(g, carry)


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
