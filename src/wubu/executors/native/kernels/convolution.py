"""Convolution and its two gradients, as contractions over margins of zeros.

Values are `(samples, *spatial, channels)`; where nothing runs over samples, their axis
is walked like a spatial one. Groups of channels are one more axis.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wubu.core.graph import Node, Value
from wubu.executors.native.code.emitter import Index, Register
from wubu.executors.native.kernels.along import contract_shared
from wubu.executors.native.kernels.contraction import (
    Axis,
    Contraction,
    Window,
    choose_tile,
    emit_contract,
)
from wubu.executors.native.kernels.making import Store, add_to
from wubu.executors.native.kernels.products import contract, outer_sum
from wubu.executors.native.kernels.winograd import filtered
from wubu.executors.native.kernels.winograd_gradients import kernel_gradient
from wubu.executors.native.planning.combs import Comb, axes_of
from wubu.executors.native.planning.lazy import Place, View
from wubu.executors.native.planning.strided import walk

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator


def conv(g: Generator, node: Node) -> None:
    if node.outputs[0] in g.plan.filters:
        filtered(g, node)
        return
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
    """Convolutions of the gradient with the kernel turned around: one for each choice
    of a comb along every axis."""
    if node.outputs[0] in g.plan.filters:
        filtered(g, node)
        return
    found = [_Combs(g, node, combs) for combs in itertools.product(*axes_of(node))]

    def kernel(store: Store) -> None:
        for combs in found:
            combs.emit(store)

    g.produce(node.outputs[0], kernel)


class _Combs:
    """A comb along every spatial axis, and the sums at their places.

    The axes of sums are samples if they are one, the teeth of each comb, the remainders
    in it, groups and channels.
    """

    def __init__(self, g: Generator, node: Node, combs: Sequence[Comb]) -> None:
        self._g, self._combs = g, combs
        self._y, self._strides = node.outputs[0], node.params["strides"]
        self._samples = [] if g.plan.is_batched(self._y) else [self._y.shape[0]]
        self._work = self._contraction(node) if all(c.taps for c in combs) else None

    def _contraction(self, node: Node) -> Contraction:
        gradient, kernel = node.inputs
        left, right = self._g.padded_view_of(gradient), self._g.view_of(kernel)
        samples, units = _strides(self._g, gradient, left)
        pairs = list(zip(self._combs, units, strict=True))
        outer = [Axis(self._y.shape[0], n, 0) for n in samples]
        outer += [Axis(comb.teeth, unit, 0) for comb, unit in pairs]
        inner, windows = [], {}
        start, first = left.offset, right.offset
        for i, (comb, unit) in enumerate(pairs):
            stride = right.strides[i]
            start, first = start + comb.shift * unit, first + comb.first * stride
            if comb.back == 1:
                size = gradient.shape[i + 1]
                windows[i] = Window(len(samples) + i, 1, -1, comb.shift, size)
            inner.append(Axis(comb.taps, -comb.back * unit, comb.step * stride))
            outer.append(Axis(comb.width, 0, comb.move * stride))
        channel, (into, out) = left.strides[-1], right.strides[-2:]
        groups, channels = node.params["groups"], kernel.shape[-2]
        filters = kernel.shape[-1] // groups
        inner.append(Axis(filters, channel, out))
        outer.append(Axis(groups, filters * channel, filters * out))
        outer.append(Axis(channels, 0, into))
        left = left.with_strides(left.shape, left.strides, start)
        right = right.with_strides(right.shape, right.strides, first)
        return Contraction(outer, inner, left, right, windows)

    def emit(self, store: Store) -> None:
        """The code that stores the sums."""
        if self._work is None:
            self._emit_zeros(store)
            return
        channels = self._work.outer[-1].size

        def put(place: Sequence[Index], register: Register) -> None:
            *others, group, channel = place
            channel = self._g.e.plus(self._g.e.times(group, channels), channel)
            store(self._place((*others, channel)), register)

        _emit(self._g, self._work, put)

    def _emit_zeros(self, store: Store) -> None:
        """For places of which no window has an element."""
        zero = self._g.e.number(0, self._y.dtype)
        sizes = [c.teeth for c in self._combs] + [c.width for c in self._combs]
        shape = [*self._samples, *sizes, self._y.shape[-1]]

        def put(place: Place) -> None:
            store(self._place(place), zero)

        walk(self._g.e, shape, "zeros", put, bool(self._samples))

    def _place(self, place: Sequence[Index]) -> Place:
        """Where a sum belongs."""
        e, first, many = self._g.e, len(self._samples), len(self._combs)
        teeth, others = place[first : first + many], place[first + many : -1]
        spatial = [
            e.plus(e.plus(e.times(tooth, stride), other), comb.start)
            for tooth, other, comb, stride in zip(
                teeth, others, self._combs, self._strides, strict=True
            )
        ]
        return (*place[:first], *spatial, place[-1])


def conv_kernel(g: Generator, node: Node) -> None:
    if node.outputs[0] in g.plan.filters:
        kernel_gradient(g, node)
        return
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
