"""Convolution and its two gradients, as contractions over margins of zeros.

Values are `(samples, *spatial, channels)`; where nothing runs over samples, their axis
is walked like a spatial one. Groups of channels are one more axis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wubu.core.graph import Node, Value
from wubu.executors.native.along import contract_shared
from wubu.executors.native.contraction import (
    Axis,
    Contraction,
    Window,
    choose_tile,
    emit_contract,
)
from wubu.executors.native.emitter import Index, Register
from wubu.executors.native.kernels.making import Store, add_to
from wubu.executors.native.kernels.products import contract, outer_sum
from wubu.executors.native.lazy import Place, View

if TYPE_CHECKING:
    from wubu.executors.native.generate import Generator


def conv(g: Generator, node: Node) -> None:
    (x, kernel), (y,) = node.inputs, node.outputs
    p = node.params
    left, right = _padded(g, x, p["padding"]), g.view_of(kernel)
    samples, spatial = _strides(g, x, left)
    outer = [Axis(x.shape[0], n, 0) for n in samples]
    inner, windows = [], {}
    for i, stride in enumerate(spatial):
        (before, after), move = p["padding"][i], p["strides"][i]
        if (before or after) and p["dilation"][i] == 1:
            windows[i] = Window(len(outer), move, 1, -before, x.shape[i + 1])
        outer.append(Axis(y.shape[i + 1], move * stride, 0))
        step = p["dilation"][i] * stride
        inner.append(Axis(kernel.shape[i], step, right.strides[i]))
    groups, channel, (into, out) = p["groups"], left.strides[-1], right.strides[-2:]
    channels, filters = kernel.shape[-2], kernel.shape[-1] // groups
    inner.append(Axis(channels, channel, into))
    outer.append(Axis(groups, channels * channel, filters * out))
    outer.append(Axis(filters, 0, out))
    _contract(g, y, Contraction(outer, inner, left, right, windows))


def conv_input(g: Generator, node: Node) -> None:
    """A convolution of the gradient, with zeros around and between, and the kernel
    turned around."""
    (gradient, kernel), (y,) = node.inputs, node.outputs
    p = node.params
    between = [stride - 1 for stride in p["strides"]]
    left = g.padded_view_of(gradient, tuple(between))
    right = g.view_of(kernel)
    samples, spatial = _strides(g, gradient, left)
    # One step in the input is one place among the spread gradients.
    units = [n // (zeros + 1) for n, zeros in zip(spatial, between, strict=True)]
    start = left.offset + sum(p["padding"][i][0] * n for i, n in enumerate(units))
    left = left.with_strides(left.shape, left.strides, start)
    outer = [Axis(y.shape[0], n, 0) for n in samples]
    inner, windows = [], {}
    for i, unit in enumerate(units):
        if not between[i] and p["dilation"][i] == 1:
            before, _ = p["padding"][i]
            windows[i] = Window(len(outer), 1, -1, before, gradient.shape[i + 1])
        outer.append(Axis(y.shape[i + 1], unit, 0))
        step = -p["dilation"][i] * unit
        inner.append(Axis(kernel.shape[i], step, right.strides[i]))
    groups, channel, (into, out) = p["groups"], left.strides[-1], right.strides[-2:]
    channels, filters = kernel.shape[-2], kernel.shape[-1] // groups
    inner.append(Axis(filters, channel, out))
    outer.append(Axis(groups, filters * channel, filters * out))
    outer.append(Axis(channels, 0, into))
    _contract(g, y, Contraction(outer, inner, left, right, windows))


def conv_kernel(g: Generator, node: Node) -> None:
    (x, gradient), (y,) = node.inputs, node.outputs
    p = node.params
    left, right = _padded(g, x, p["padding"]), g.view_of(gradient)
    samples, spatial = _strides(g, x, left)
    rows, flow = _strides(g, gradient, right)
    inner = [Axis(x.shape[0], n, m) for n, m in zip(samples, rows, strict=True)]
    outer, windows = [], {}
    for i, stride in enumerate(spatial):
        (before, after), spread = p["padding"][i], p["dilation"][i]
        if (before or after) and p["strides"][i] == 1:
            windows[len(inner)] = Window(i, spread, 1, -before, x.shape[i + 1])
        outer.append(Axis(y.shape[i], p["dilation"][i] * stride, 0))
        step = p["strides"][i] * stride
        inner.append(Axis(gradient.shape[i + 1], step, flow[i]))
    groups, into, out = p["groups"], left.strides[-1], right.strides[-1]
    channels, filters = y.shape[-2], y.shape[-1] // groups
    if groups > 1:
        outer.append(Axis(groups, channels * into, filters * out))
    outer += [Axis(channels, into, 0), Axis(filters, 0, out)]
    work = Contraction(outer, inner, left, right, windows)
    if not g.plan.is_batched(x):
        _contract_gradient(g, y, work)
    elif groups == 1:
        outer_sum(g, y, work, (x, gradient))
    else:
        view = g.private_sum(y)

        def add(place: Place, register: Register) -> None:
            total = g.e.sum_lanes(g.only_samples(register))
            add_to(g, view, place, total)

        _emit_gradient(g, work, add)


def _contract_gradient(g: Generator, y: Value, work: Contraction) -> None:
    """The gradient of a kernel where nothing runs over samples."""
    g.produce(y, lambda store: _emit_gradient(g, work, store))


def _emit_gradient(g: Generator, work: Contraction, store: Store) -> None:
    """The contraction; a filter is counted through all groups."""
    filters = work.outer[-1].size
    has_groups = any(axis.left and axis.right for axis in work.outer)

    def put(place: Sequence[Index], register: Register) -> None:
        if has_groups:
            *window, group, channel, number = place
            number = g.e.plus(g.e.times(group, filters), number)
            place = (*window, channel, number)
        store(tuple(place), register)

    _emit(g, work, put)


def _padded(g: Generator, x: Value, padding: Sequence[tuple[int, int]]) -> View:
    """x with its margins, counted from the corner of the first window."""
    view = g.padded_view_of(x)
    strides = view.strides[-1 - len(padding) : -1]
    back = sum(pair[0] * n for pair, n in zip(padding, strides, strict=True))
    return view.with_strides(view.shape, view.strides, view.offset - back)


def _strides(g: Generator, value: Value, view: View) -> tuple[list[int], list[int]]:
    """The stride of samples, if they are an axis, and those of spatial axes."""
    first = 0 if g.plan.is_batched(value) else 1
    return list(view.strides[:first]), list(view.strides[first:-1])


def _contract(g: Generator, y: Value, work: Contraction) -> None:
    """The contraction; its axes of groups and of channels in them are one axis of y."""
    groups, channels = work.outer[-2:]
    if groups.size == 1:
        outer = [*work.outer[:-2], channels]
        contract(g, y, work._replace(outer=outer), range(len(outer)))
        return

    def kernel(store: Store) -> None:
        def put(place: Sequence[Index], register: Register) -> None:
            *others, group, channel = place
            joined = g.e.plus(g.e.times(group, channels.size), channel)
            store((*others, joined), register)

        _emit(g, work, put)

    g.produce(y, kernel)


def _emit(
    g: Generator, work: Contraction, put: Callable[[Sequence[Index], Register], None]
) -> None:
    """The loops of a contraction, in vectors of samples if there are any."""
    if work.left.lanes or work.right.lanes:
        tile = choose_tile(work, g.registers)
        g.journal.tile(tile)
        emit_contract(g.e, work, tile, put)
    else:
        contract_shared(g, work, put)
