"""What kernels share: axes of one sample, folding along axes, making a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from wubu.core.graph import Graph, Node, Value
from wubu.errors import ExecutorError
from wubu.executors.native.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.emitter import Index, Register
from wubu.executors.native.lazy import Lazy, Place, View
from wubu.executors.native.mixing import all_nodes

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


def refuse_half_floats(graph: Graph) -> None:
    """Raises an error if there are any: vectors of them are not covered yet."""
    for node in all_nodes(graph):
        if any(v.dtype == np.float16 for v in (*node.inputs, *node.outputs)):
            raise refuse(node, "float16 is not covered yet")
    if any(v.dtype == np.float16 for v in (*graph.inputs, *graph.results())):
        raise ExecutorError(
            "the native executor cannot run this graph: float16 is not covered yet",
            fix='use the "numpy" executor for this function',
        )


def lowest(dtype: np.dtype) -> Any:
    """What no element is smaller than."""
    if dtype.kind in "fb":
        return -np.inf if dtype.kind == "f" else False
    return np.iinfo(dtype).min


def add_to(
    g: Generator, view: View, place: Place, register: Register, name: str = "add"
) -> None:
    """view[place] += register, or another elementwise operation."""
    total = ELEMENTWISE[name][0](g.e, view.at(g.e, place), register)
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

    def kernel(store: Store) -> None:
        with g.e.nest(shape, "make") as place:
            store(place, element(place))

    g.produce(y, kernel)


def accumulate(
    g: Generator, y: Value, add: Callable[[Callable[[Place, Register], None]], None]
) -> None:
    """Makes a value by adding to elements, in any order, that start as zero."""
    e, shape = g.e, g.plan.shape(y)

    def into(view: View) -> None:
        zero = e.number(0, y.dtype, view.lanes)
        with e.nest(shape, "zero") as place:
            view.put(e, place, zero)
        add(lambda place, register: add_to(g, view, place, register))

    if y not in g.plan.ends:
        into(g.new_view(y))
        return

    def kernel(store: Store) -> None:
        size = int(np.prod(shape)) * y.dtype.itemsize * e.lanes
        offset = g.scratch.take(size)
        view = View(g.place("scratch", offset), shape, y.dtype, lanes=True)
        into(view)
        with e.nest(shape, "store") as place:
            store(place, view.at(e, place))
        g.scratch.give(offset)

    g.produce(y, kernel)
