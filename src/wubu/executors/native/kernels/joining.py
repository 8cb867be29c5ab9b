"""Values put together from parts: concatenate, pad."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wubu.core.graph import Node
from wubu.executors.native.kernels.making import local_axis
from wubu.executors.native.planning import reindex
from wubu.executors.native.planning.strided import walk

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator


def concatenate(g: Generator, node: Node) -> None:
    (y,) = node.outputs
    axis = local_axis(g, y, node.params["axis"])
    parts = [g.values[x] for x in node.inputs]
    whole = g.new_view(y)
    alike = len({part.shape for part in parts}) == 1
    start = 0
    for part in parts:
        stop = start + part.shape[axis]
        bounds = [(0, n, 1) for n in whole.shape]
        bounds[axis] = (start, stop, 1)
        place = reindex.view_slice(whole, bounds)
        if alike and whole.lanes and g.together is not None:
            g.together.put(whole, place, part)
        elif stop > start:
            g.fill(place, part)
        start = stop


def pad(g: Generator, node: Node) -> None:
    (x, value), (y,) = node.inputs, node.outputs
    e, batch = g.e, g.plan.axes.get(y)
    source, filling = g.values[x], g.values[value]
    padding = [p for i, p in enumerate(node.params["padding"]) if i != batch]
    whole = g.new_view(y)
    walk(
        e,
        whole.shape,
        "pad",
        lambda place: whole.put(e, place, filling.at(e, ())),
        not (whole.lanes or filling.lanes),
    )
    bounds = [
        (before, before + (n - 1) * (between + 1) + 1 if n else before, between + 1)
        for n, (before, _, between) in zip(source.shape, padding, strict=True)
    ]
    g.fill(reindex.view_slice(whole, bounds), source)
