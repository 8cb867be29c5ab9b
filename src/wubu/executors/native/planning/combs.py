"""Which gradients and which elements of a kernel meet in the gradient of a convolution
by its input, along one axis.

Window o of a convolution covers the places o * stride + m * dilation - before, one for
every element m of the kernel. So the gradient of place i is

    sum over o and m with o * stride + m * dilation - before = i
        of gradient[o] * kernel[m]

Which m have such an o depends on the remainder of i by the stride. Places of one
remainder, the teeth of a comb, all take the same elements of the kernel, and gradients
side by side: a convolution with strides of 1, without a product with zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from wubu.core.graph import Node


class Comb(NamedTuple):
    """Places start + u + stride * j for u < width and j < teeth. Each is the sum over
    q < taps of gradient[j + shift - q * back] * kernel[first + u * move + q * step]."""

    start: int
    width: int
    teeth: int
    taps: int
    first: int
    move: int
    step: int
    shift: int
    back: int

    def reads(self) -> tuple[int, int]:
        """The first and the last place among gradients that is read."""
        return self.shift - (self.taps - 1) * self.back, self.teeth - 1 + self.shift


def combs_of(
    length: int, window: int, stride: int, dilation: int, before: int
) -> list[Comb]:
    """The combs that make up an axis of this length; remainders whose sums only differ
    in where the kernel is read share one."""
    found: list[Comb] = []
    for start in range(min(stride, length)):
        comb = _of_remainder(start, length, window, stride, dilation, before)
        joined = _joined(found[-1], comb) if found else None
        if joined is None:
            found.append(comb)
        else:
            found[-1] = joined
    return found


def _of_remainder(
    start: int, length: int, window: int, stride: int, dilation: int, before: int
) -> Comb:
    common = math.gcd(stride, dilation)
    step, back = stride // common, dilation // common
    teeth = -(-(length - start) // stride)
    for first in range(min(step, window)):
        shift, rest = divmod(start + before - first * dilation, stride)
        if not rest:
            taps = -(-(window - first) // step)
            return Comb(start, 1, teeth, taps, first, 0, step, shift, back)
    return Comb(start, 1, teeth, 0, 0, 0, step, 0, back)


def _joined(left: Comb, right: Comb) -> Comb | None:
    """Both as one, if the second continues the first."""
    move = right.first - left.first - (left.width - 1) * left.move
    if left.width > 1 and move != left.move:
        return None
    alike = right._replace(start=left.start, first=left.first)
    if alike != left._replace(width=1, move=0):
        return None
    return left._replace(width=left.width + 1, move=move)


def axes_of(node: Node) -> list[list[Comb]]:
    """The combs along each spatial axis of what a `conv_input` gives."""
    p, (_, kernel) = node.params, node.inputs
    return [
        combs_of(p["shape"][i + 1], kernel.shape[i], stride, dilation, before)
        for i, (stride, dilation, (before, _)) in enumerate(
            zip(p["strides"], p["dilation"], p["padding"], strict=True)
        )
    ]


def margins_of(combs: Sequence[Comb], gradients: int) -> tuple[int, int]:
    """How many zeros before and after its gradients an axis needs, that no sum reads
    outside of them."""
    reads = [comb.reads() for comb in combs if comb.taps]
    lows, highs = zip(*reads, strict=True) if reads else ((0,), (0,))
    return max(0, -min(lows)), max(0, max(highs) - gradients + 1)
