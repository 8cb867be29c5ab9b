"""What kernels share: axes of one sample, folding along axes, making a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from wubu.core.graph import Graph, Node, Value
from wubu.errors import ExecutorError
from wubu.executors.native.code.elementwise import RULES as ELEMENTWISE
from wubu.executors.native.code.emitter import Index, Register
from wubu.executors.native.planning.lazy import Lazy, Place, View
from wubu.executors.native.planning.mixing import all_nodes
from wubu.executors.native.planning.strided import differs, rounds, using, walk

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator

Store = Callable[[Place, Register], None]


def local_axis(g: Generator, value: Value, axis: int) -> int:
    """An axis of a value as an axis of one sample of it."""
    batch = g.plan.axes.get(value)
    return axis - (batch is not None and axis > batch)


NO_HALF_FLOATS = "float16 is not covered yet"


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
            raise refuse(node, NO_HALF_FLOATS)
    if any(v.dtype == np.float16 for v in (*graph.inputs, *graph.results())):
        raise ExecutorError(
            f"the native executor cannot run this graph: {NO_HALF_FLOATS}",
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
    """Joins elements along axes with an elementwise operation. Those of a shared value
    are walked in vectors, if its last axis goes."""
    e, ndim = g.e, len(source.shape)
    along = not source.lanes and ndim - 1 in gone and source.shape[-1] > 1
    lanes = source.lanes or along or differs(place)
    first = e.number(start, source.dtype, lanes)
    kind, rule = first.value.type, ELEMENTWISE[name][0]
    flat = along and not kept and source.is_flat()
    sizes = [int(np.prod(source.shape))] if flat else [source.shape[a] for a in gone]
    last = sizes[-1] if sizes else 1
    most = 4 if along and last >= 8 * e.lanes else 1
    cells = [e.variable(kind, "fold") for _ in range(most)]
    for cell in cells:
        e.builder.store(first.value, cell)

    def element(steps: Place, i: Index) -> Register:
        if flat:
            return source.flat(e, i)
        inner = (*steps, e.by_lane(i) if along else i) if gone else ()
        return source.at(e, join(kept, gone, place, inner))

    with e.nest(sizes[:-1], "fold") as steps:
        unit = e.lanes if along else 1
        for loop, many, active in rounds(e, last, "fold", unit, most):
            used = active if along else e.active
            with loop as i, using(e, used), g.memo:
                for cell, j in zip(cells[:many], range(many), strict=True):
                    found = element(steps, e.plus(i, j * unit))
                    if lanes:
                        found = e.only_active(e.spread(found), start)
                    before = Register(e.builder.load(cell, typ=kind), *first[1:])
                    e.builder.store(rule(e, before, found).value, cell)
    total = Register(e.builder.load(cells[0], typ=kind), *first[1:])
    for cell in cells[1:]:
        other = Register(e.builder.load(cell, typ=kind), *first[1:])
        total = rule(e, total, other)
    return fold_lanes(g, total, name) if along else total


def fold_lanes(g: Generator, register: Register, name: str) -> Register:
    """All lanes joined by an elementwise operation."""
    rule, dtype = ELEMENTWISE[name][0], register.dtype
    e = g.e

    def both(a: Any, b: Any) -> Any:
        return rule(e, Register(a, dtype, True), Register(b, dtype, True)).value

    return e.fold_lanes(register, both)


def make(
    g: Generator,
    y: Value,
    element: Callable[[Place], Register],
    vectors: bool = True,
) -> None:
    """Makes a value element by element; a shared one, if `vectors` is set, with vectors
    along its last axis."""
    shape = g.plan.shape(y)

    def kernel(store: Store) -> None:
        def put(place: Place) -> None:
            store(place, element(place))

        walk(g.e, shape, "make", put, vectors and not g.plan.is_batched(y))

    g.produce(y, kernel)


def accumulate(
    g: Generator, y: Value, add: Callable[[Callable[[Place, Register], None]], None]
) -> None:
    """Makes a value by adding to elements, in any order, that start as zero."""
    e, shape = g.e, g.plan.shape(y)

    def into(view: View) -> None:
        zero = e.number(0, y.dtype, view.lanes)
        walk(e, shape, "zero", lambda at: view.put(e, at, zero), not view.lanes)
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
