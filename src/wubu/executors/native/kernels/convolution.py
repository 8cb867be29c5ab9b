"""Convolution and its two gradients, as contractions over margins of zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wubu.core.graph import Node
from wubu.executors.native.contraction import Axis, Contraction
from wubu.executors.native.kernels.making import refuse
from wubu.executors.native.kernels.products import contract, outer_sum
from wubu.executors.native.lazy import View

if TYPE_CHECKING:
    from wubu.executors.native.generate import Generator


def conv(g: Generator, node: Node) -> None:
    (x, kernel), (y,) = node.inputs, node.outputs
    p = node.params
    left, right = g.padded_view_of(x), g.view_of(kernel)
    n = len(p["strides"])
    back = sum(p["padding"][i][0] * left.strides[i] // left.steps[i] for i in range(n))
    left = left.with_strides(left.shape, left.strides, left.offset - back)
    outer = [
        Axis(y.shape[i + 1], p["strides"][i] * left.strides[i], 0) for i in range(n)
    ]
    inner = [
        Axis(kernel.shape[i], p["dilation"][i] * left.strides[i], right.strides[i])
        for i in range(n)
    ]
    _grouped(g, node, left, right, outer, inner, kernel.shape[-2], kernel.shape[-1])


def conv_input(g: Generator, node: Node) -> None:
    """A convolution of the gradient, with zeros around and between, and the kernel
    turned around."""
    (gradient, kernel), (y,) = node.inputs, node.outputs
    p = node.params
    left, right = g.padded_view_of(gradient), g.view_of(kernel)
    n = len(p["strides"])
    # One step in the input is one place among the spread gradients.
    unit = [left.strides[i] // left.steps[i] for i in range(n)]
    start = left.offset + sum(p["padding"][i][0] * unit[i] for i in range(n))
    left = left.with_strides(left.shape, left.strides, start)
    outer = [Axis(y.shape[i + 1], unit[i], 0) for i in range(n)]
    inner = [
        Axis(kernel.shape[i], -p["dilation"][i] * unit[i], right.strides[i])
        for i in range(n)
    ]
    _grouped(
        g, node, left, right, outer, inner, kernel.shape[-1], kernel.shape[-2], True
    )


def _grouped(
    g: Generator,
    node: Node,
    left: View,
    right: View,
    outer: list[Axis],
    inner: list[Axis],
    summed: int,
    made: int,
    backwards: bool = False,
) -> None:
    """Adds the channel axes: `summed` of them for each group are summed, `made` come
    out."""
    groups = node.params["groups"]
    if groups != 1:
        raise refuse(node, "convolution in groups is not covered yet")
    channel = left.strides[-1]
    into, out = right.strides[-2:]
    if backwards:
        into, out = out, into
    inner = [*inner, Axis(summed, channel, into)]
    outer = [*outer, Axis(made, 0, out)]
    work = Contraction(outer, inner, left, right)
    contract(g, node.outputs[0], work, range(len(outer)))


def conv_kernel(g: Generator, node: Node) -> None:
    (x, gradient), (y,) = node.inputs, node.outputs
    p = node.params
    if p["groups"] != 1:
        raise refuse(node, "convolution in groups is not covered yet")
    left, right = g.padded_view_of(x), g.view_of(gradient)
    n = len(p["strides"])
    back = sum(p["padding"][i][0] * left.strides[i] // left.steps[i] for i in range(n))
    left = left.with_strides(left.shape, left.strides, left.offset - back)
    outer = [Axis(y.shape[i], p["dilation"][i] * left.strides[i], 0) for i in range(n)]
    outer += [
        Axis(y.shape[-2], left.strides[-1], 0),
        Axis(y.shape[-1], 0, right.strides[-1]),
    ]
    inner = [
        Axis(gradient.shape[i + 1], p["strides"][i] * left.strides[i], right.strides[i])
        for i in range(n)
    ]
    outer_sum(g, y, Contraction(outer, inner, left, right))
