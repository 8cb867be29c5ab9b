"""What kernels share: axes of one sample, folding along axes, making a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from wubu.core.graph import Node, Value
from wubu.errors import ExecutorError
from wubu.executors.native.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.emitter import Index, Register
from wubu.executors.native.lazy import Lazy, Place, View

if TYPE_CHECKING:
    from wubu.executors.native.generate import Generator

Store = Callable[[Place, Register], None]


def local_axis(g: Generator, value: Value, axis: int) -> int:
    """An axis of a value as an axis of one sample of it."""
    batch = g.plan.axes.get(value)
    return axis - (batch is not None and axis > batch)


def refuse(node: Node, why: str) -> ExecutorError:
    """The error for a node that native code cannot run."""
    return ExecutorError(
        f"the native executor cannot run {node.primitive.name}: {why}",
        where=node.where(),
        fix='use the "numpy" executor for this function',
    )


def add_to(g: Generator, view: View, place: Place, register: Register) -> None:
    """view[place] += register, for shared memory of this thread."""
    before = view.at(g.e, place)
    add = g.e.builder.fadd if register.dtype.kind == "f" else g.e.builder.add
    total = Register(add(before.value, register.value), register.dtype, False)
    view.put(g.e, place, total)


def split_axes(g: Generator, x: Value, axis: Any) -> tuple[list[int], list[int]]:
    """Axes of one sample that stay, and that go."""
    gone = axis if isinstance(axis, tuple) else (axis,)
    batch = g.plan.axes.get(x)
    local = [local_axis(g, x, a) for a in gone if a != batch]
    return [a for a in range(len(g.plan.shape(x))) if a not in local], local


def join(kept: list[int], gone: list[int], place: Place, steps: Place) -> Place:
    found: list[Index] = [0] * (len(kept) + len(gone))
    for axis, i in (*zip(kept, place, strict=True), *zip(gone, steps, strict=True)):
        found[axis] = i
    return tuple(found)


def fold(
    g: Generator,
    source: Lazy,
    kept: list[int],
    gone: list[int],
    place: Place,
    name: str,
    start: Any,
) -> Register:
    """Joins elements along axes with an elementwise operation."""
    e = g.e
    first = e.number(start, source.dtype, source.lanes)
    cell = e.variable(first.value.type, "fold")
    e.builder.store(first.value, cell)
    rule = ELEMENTWISE[name][0]
    with e.nest([source.shape[a] for a in gone], "fold") as steps, g.memo:
        element = source.at(e, join(kept, gone, place, steps))
        element = e.spread(element) if source.lanes else element
        so_far = Register(e.builder.load(cell, typ=first.value.type), *first[1:])
        e.builder.store(rule(e, so_far, element).value, cell)
    return Register(e.builder.load(cell, typ=first.value.type), *first[1:])


def make(g: Generator, y: Value, element: Callable[[Place], Register]) -> None:
    """Makes a value element by element."""
    shape = g.plan.shape(y)
    if g.plan.is_batched(y):

        def kernel(store: Store) -> None:
            with g.e.nest(shape, "make") as place:
                store(place, element(place))

        g.produce(y, kernel)
        return
    offset = g.private.take(int(np.prod(shape)) * y.dtype.itemsize)
    view = View(g.place("private", offset), shape, y.dtype, lanes=False)
    with g.e.nest(shape, "make") as place:
        view.put(g.e, place, element(place))
    g.values[y] = view
