"""Which convolutions are computed with fewer products, and by which sums.

m neighbouring results of a window of r numbers depend on m + r - 1 inputs. They take
m * r products, or by Winograd's minimal filtering F(m, r) only m + r - 1:

    results = A ((G kernel) * (B inputs))

with small constant matrices A, B, G; along two axes one after the other. The kernel's
gradient is made of as few: summed over tiles and samples,

    gradient = G^T ((B inputs) * (A^T gradient of results))

The matrices are Toom and Cook's: values of polynomials at some points. Which points
decides about rounding: with 0, ±2/3, ±3/2 and infinity sums of float32 err two to four
times as much as without (the usual 0, ±1, ±2: four to twelve times).

Sources: S. Winograd, Arithmetic Complexity of Computations (1980); A. Lavin and
S. Gray, Fast Algorithms for Convolutional Neural Networks (arXiv:1509.09308); on
points, B. Barabasz et al., Error Analysis and Improving the Accuracy of Winograd
Convolution for Deep Neural Networks (arXiv:1803.10986).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeVar

import numpy as np

from wubu.core.graph import Graph, Node, Value

T = TypeVar("T")
Matrix = tuple[tuple[Fraction, ...], ...]

# Finite points, by how many there are.
_POINTS = {
    3: (Fraction(0), Fraction(1), Fraction(-1)),
    5: (Fraction(0), *(s * Fraction(*p) for p in ((2, 3), (3, 2)) for s in (1, -1))),
}
KINDS = ("conv", "conv_input", "conv_kernel")
_GAIN = 0.85  # of the time, at most, to be worth it
_LARGE = 128 * 1024  # bytes of a transformed kernel that would fill a near cache
_MOST = 8 * 1024 * 1024  # and that would have to come from memory again and again
_NEAR = 512 * 1024  # bytes of inputs that stay in a near cache
_VECTOR = 64  # bytes, at most
_ROWS = 14  # of sums that are in registers at once


class Filtering(NamedTuple):
    """F(outputs, taps): so many results of a window of so many numbers.

    Example:
        >>> Filtering(2, 3).products  # instead of six
        4
    """

    outputs: int
    taps: int

    @property
    def products(self) -> int:
        return self.outputs + self.taps - 1

    @property
    def of_inputs(self) -> Matrix:
        """B: products × products."""
        return _of_inputs(self.products)

    @property
    def of_kernel(self) -> Matrix:
        """G: products × taps."""
        points = _POINTS[self.products - 1]
        rows = [
            tuple(
                p**k / math.prod(p - q for q in points if q != p)
                for k in range(self.taps)
            )
            for p in points
        ]
        return (*rows, _unit(self.taps))

    @property
    def of_results(self) -> Matrix:
        """A: outputs × products."""
        columns = [
            tuple(p**k for k in range(self.outputs)) for p in _POINTS[self.products - 1]
        ]
        return transposed([*columns, _unit(self.outputs)])


def _entries(matrix: Matrix) -> int:
    """How many are not zero."""
    return sum(1 for row in matrix for number in row if number)


def transposed(matrix: Sequence[Sequence[T]]) -> tuple[tuple[T, ...], ...]:
    return tuple(zip(*matrix, strict=True))


def _unit(size: int) -> tuple[Fraction, ...]:
    """What a polynomial is at infinity: its last coefficient."""
    return (*[Fraction(0)] * (size - 1), Fraction(1))


@functools.cache
def _of_inputs(products: int) -> Matrix:
    points = _POINTS[products - 1]
    rows = [(*_with_roots([q for q in points if q != p]), Fraction(0)) for p in points]
    return (*rows, _with_roots(points))


def _with_roots(roots: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """The coefficients of (x - a)(x - b) ..., that of 1 first."""
    found = [Fraction(1)]
    for root in roots:
        shifted, scaled = [Fraction(0), *found], [*found, Fraction(0)]
        found = [a - root * b for a, b in zip(shifted, scaled, strict=True)]
    return tuple(found)


class Tiling(NamedTuple):
    """How the results of a convolution are divided into tiles.

    Attributes:
        filters: by spatial axis.
        sizes: of the results.
        before: how far the first window begins before the first input.
        channels: in how many channels a result is summed up, and how many there are.
        kind: the primitive: "conv", or "conv_input" or "conv_kernel", its gradients.
    """

    filters: tuple[Filtering, ...]
    sizes: tuple[int, ...]
    before: tuple[int, ...]
    channels: tuple[int, int]
    kind: str

    @property
    def tiles(self) -> tuple[int, ...]:
        return tuple(
            -(-n // f.outputs) for n, f in zip(self.sizes, self.filters, strict=True)
        )

    @property
    def products(self) -> tuple[int, ...]:
        return tuple(f.products for f in self.filters)

    @property
    def covered(self) -> tuple[int, ...]:
        """How many results tiles have, along each axis."""
        return tuple(
            n * f.outputs for n, f in zip(self.tiles, self.filters, strict=True)
        )

    @property
    def turned(self) -> bool:
        """Whether the kernel is walked backwards, and its channels exchanged."""
        return self.kind == "conv_input"

    @property
    def together(self) -> int:
        """For a kernel's gradient, how many rows of tiles: one; or where its sums are
        far away, as many as leave transformed inputs in a near cache."""
        if not self.is_large():
            return 1
        rows, columns = self.tiles
        size = _VECTOR * self.products[1] * columns * self.channels[0]
        fitting = [n for n in range(1, rows + 1) if rows % n == 0]
        return max(n for n in fitting if n == 1 or n * size <= _NEAR)

    def widths(self) -> tuple[int, ...]:
        """How many inputs all tiles read, along each axis."""
        pairs = zip(self.tiles, self.filters, strict=True)
        return tuple(n * f.outputs + f.taps - 1 for n, f in pairs)

    def margins(self, lengths: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """The zeros it needs around an input of these lengths."""
        found = zip(self.widths(), self.before, lengths, strict=True)
        return tuple((before, max(0, n - before - size)) for n, before, size in found)

    def size(self) -> int:
        """Bytes of the transformed kernel."""
        return 4 * math.prod(self.products) * math.prod(self.channels)

    def is_large(self) -> bool:
        return self.size() > _LARGE

    def cost(self, blocks: int, lanes: int) -> float:
        """About how many instructions for each block of samples. Beside the products
        these are the transforms, mostly loads and stores (measured), and what a kernel
        takes once a step."""
        if self.kind == "conv_kernel":
            return self._gradient_cost(blocks, lanes)
        into, out = self.channels
        products, outputs = math.prod(self.products), self._outputs()
        each = products * into * out
        each += 5 * products * into + (3 * products + 2 * outputs) * out
        once = 2 * products * into * out
        return math.prod(self.tiles) * each + once / blocks

    def _outputs(self) -> int:
        return math.prod(f.outputs for f in self.filters)

    def _gradient_cost(self, blocks: int, lanes: int) -> float:
        """Products, as many as fill vectors of channels of results, with what makes
        one factor in registers; transforms, whose loads wait for the second cache; and
        loads and stores of sums."""
        (into, out), (rows, columns) = self.channels, self.filters
        tiles, out = math.prod(self.tiles), -(-out // lanes) * lanes
        read, made = _entries(rows.of_inputs), _entries(rows.of_results)
        each = columns.products * into + made / 2 * -(-into // _ROWS)
        products = tiles * rows.products * out * each
        inputs = into * read * (3 * self.tiles[0] * self.widths()[1] + 4 * tiles)
        results = 3 * made * tiles * columns.outputs * out
        vectors = math.prod(self.products) * into * out / lanes
        times = self.tiles[0] / self.together + 2 / blocks
        moving = (20 if self.is_large() else 4) * vectors * times
        return products + inputs + results + moving


def find_winograd(
    graph: Graph, axes: Mapping[Value, int], blocks: int, lanes: int
) -> dict[Value, Tiling]:
    """The convolutions of a graph that are worth it, by the value they make. Samples
    come in so many blocks."""
    found: dict[Value, Tiling] = {}
    for node in graph.nodes:
        if node.primitive.name in KINDS and _is_plain(node, axes):
            costs = [(tiling.cost(blocks, lanes), tiling) for tiling in _tilings(node)]
            cost, best = min(costs, default=(math.inf, None))
            if best is not None and cost < _GAIN * _direct_cost(best, node):
                found[node.outputs[0]] = best
    return found


def _operands(node: Node) -> tuple[Value, Value, Value]:
    """What a convolution would read and make: inputs, kernel, results. Its input's
    gradient is a convolution of gradients."""
    (first, second), (made,) = node.inputs, node.outputs
    if node.primitive.name == "conv_kernel":
        return first, made, second
    return first, second, made


def _is_plain(node: Node, axes: Mapping[Value, int]) -> bool:
    """Whether vectors of samples meet one kernel, step by step, in float32."""
    x, kernel, y = _operands(node)
    p = node.params
    return (
        axes.get(x) == 0
        and axes.get(y) == 0
        and kernel not in axes
        and y.dtype == np.float32
        and len(kernel.shape) == 4
        and set(p["strides"]) == set(p["dilation"]) == {1}
        and p["groups"] == 1
    )


def _tilings(node: Node) -> list[Tiling]:
    """All that are possible, with as many products along both axes."""
    x, kernel, y = _operands(node)
    taps = kernel.shape[:2]
    before = tuple(pair[0] for pair in node.params["padding"])
    kind = node.primitive.name
    if kind == "conv_input":
        before = tuple(n - 1 - b for n, b in zip(taps, before, strict=True))
    channels = (x.shape[-1], y.shape[-1])
    found = []
    for products in (count + 1 for count in _POINTS):
        filters = tuple(Filtering(products + 1 - n, n) for n in taps)
        if all(f.outputs > 1 and f.taps > 1 for f in filters) and min(before) >= 0:
            made = Tiling(filters, y.shape[1:3], before, channels, kind)
            if made.size() <= _MOST:
                found.append(made)
    return found


def _direct_cost(tiling: Tiling, node: Node) -> float:
    """The products with inputs, not with zeros around them."""
    met = math.prod(
        sum(max(0, min(at + f.taps, size) - max(at, 0)) for at in range(-b, n - b))
        for f, n, b, size in zip(
            tiling.filters,
            tiling.sizes,
            tiling.before,
            node.inputs[0].shape[1:3],
            strict=True,
        )
    )
    return float(met * math.prod(tiling.channels))
