"""Sums of products: dense layers, and the gradients of weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wubu.core.graph import Node, Value
from wubu.executors.native.code.emitter import Index, Register
from wubu.executors.native.kernels.along import contract_shared
from wubu.executors.native.kernels.contraction import (
    Axis,
    Contraction,
    choose_tile,
    emit_contract,
)
from wubu.executors.native.kernels.making import Store, add_to, local_axis
from wubu.executors.native.kernels.turned import is_worth_turning, outer_turned
from wubu.executors.native.kernels.wide import wide_product
from wubu.executors.native.kernels.wide_gradients import wide_gradient

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator


def dot_general(g: Generator, node: Node) -> None:
    if node.outputs[0] in g.plan.wide.gradients:
        wide_gradient(g, node)
    elif node.outputs[0] in g.plan.wide.products:
        wide_product(g, node)
    else:
        _dot_general(g, node)


def _dot_general(g: Generator, node: Node) -> None:
    (a, b), (y,) = node.inputs, node.outputs
    summed, batch = node.params["contract"], node.params["batch"]
    lanes = g.plan.axes.get
    left, right = g.view_of(a), g.view_of(b)
    outer: list[Axis] = []
    for i, j in zip(*batch, strict=True):
        if i != lanes(a):
            outer.append(
                Axis(
                    a.shape[i],
                    left.strides[local_axis(g, a, i)],
                    right.strides[local_axis(g, b, j)],
                )
            )
    for i in range(len(a.shape)):
        if i not in summed[0] + batch[0] and i != lanes(a):
            outer.append(Axis(a.shape[i], left.strides[local_axis(g, a, i)], 0))
    for j in range(len(b.shape)):
        if j not in summed[1] + batch[1] and j != lanes(b):
            outer.append(Axis(b.shape[j], 0, right.strides[local_axis(g, b, j)]))
    inner = [
        Axis(
            a.shape[i],
            left.strides[local_axis(g, a, i)],
            right.strides[local_axis(g, b, j)],
        )
        for i, j in zip(*summed, strict=True)
        if i != lanes(a)
    ]
    work = Contraction(outer, inner, left, right)
    if left.lanes and right.lanes and not g.plan.is_batched(y):
        outer_sum(g, y, work, (a, b))
    else:
        contract(g, y, work, range(len(outer)))


def contract(g: Generator, y: Value, work: Contraction, places: Sequence[int]) -> None:
    """A sum of products for each sample (or for none, if nothing is batched)."""
    if not g.plan.is_batched(y):
        g.produce(
            y,
            lambda put: contract_shared(g, work, lambda at, r: put(tuple(at), r)),
        )
        return
    tile = choose_tile(work, g.registers)
    g.journal.tile(tile)

    def kernel(store: Store) -> None:
        emit_contract(g.e, work, tile, lambda place, r: store(tuple(place), r))

    g.produce(y, kernel)


def outer_sum(
    g: Generator, y: Value, work: Contraction, operands: tuple[Value, Value]
) -> None:
    """A sum of products over samples: the gradient of weights."""
    if is_worth_turning(work):
        outer_turned(g, y, work, operands)
        return
    view = g.private_sum(y)
    tile = choose_tile(work, g.registers)
    g.journal.tile(tile)

    def add(place: Sequence[Index], register: Register) -> None:
        total = g.e.sum_lanes(g.only_samples(register))
        add_to(g, view, tuple(place), total)

    emit_contract(g.e, work, tile, add)
