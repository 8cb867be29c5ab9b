"""Convolutions with fewer products are the same convolutions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from unittest import mock

import numpy as np
import pytest

import wubu
from executors.native.compare import ALL, LANES, WIDEST, compare, restore, run
from wubu import Variable, ops
from wubu.executors.native.machine.target import target
from wubu.executors.native.planning import winograd
from wubu.executors.native.planning.axes import batch_axes
from wubu.executors.native.planning.plan import make_plan
from wubu.executors.native.planning.winograd import KINDS, Filtering, find_winograd
from wubu.executors.native.running.program import NativeProgram

MACHINES = [(LANES[0], 1), (WIDEST, 2)]
ROUNDING = 2e-4

FILTERINGS = [
    Filtering(products + 1 - taps, taps)
    for products in (4, 6)
    for taps in range(2, products)
]

CASES = [
    # image, kernel, padding, channels
    ((14, 14), (5, 5), "same", (8, 16)),
    ((9, 13), (5, 5), "same", (5, 9)),  # the last tiles reach further
    ((12, 11), (5, 5), "valid", (6, 16)),
    ((8, 8), (3, 3), "same", (16, 8)),
    ((7, 7), (3, 3), "valid", (8, 33)),
    ((6, 10), (3, 5), "same", (8, 8)),
    ((5, 3), (5, 2), "same", (7, 3)),  # more window than image
    ((7, 6), (2, 2), "same", (6, 20)),
]


@pytest.mark.parametrize("filtering", FILTERINGS, ids=str)
def test_fewer_products_give_the_same_sums(filtering: Filtering) -> None:
    """Exactly, in rational numbers."""
    random = np.random.default_rng(0)
    kernel, inputs = (
        [Fraction(int(n)) for n in random.integers(-9, 9, size)]
        for size in (filtering.taps, filtering.products)
    )

    def times(matrix: Any, vector: Any) -> list[Fraction]:
        return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]

    factors = times(filtering.of_kernel, kernel), times(filtering.of_inputs, inputs)
    products = [a * b for a, b in zip(*factors, strict=True)]
    assert len(products) == filtering.products
    assert times(filtering.of_results, products) == [
        sum(kernel[k] * inputs[i + k] for k in range(filtering.taps))
        for i in range(filtering.outputs)
    ]


@pytest.mark.parametrize(("image", "window", "padding", "channels"), CASES, ids=str)
def test_values_and_gradients_of_layers_on_layers(
    image: Any, window: Any, padding: str, channels: Any
) -> None:
    """Whether or not it is worth it, with a block that is not full."""
    rng = np.random.default_rng(0)
    before = Variable(rng.standard_normal((1, 1, 2, channels[0])).astype("float32"))
    kernel = Variable(rng.standard_normal((*window, *channels)).astype("float32"))

    def step(x: Any) -> Any:
        hidden = ops.conv(x, before, strides=1, padding="same")
        y = ops.relu(ops.conv(hidden, kernel, strides=1, padding=padding) + 0.5)
        ops.sum(y * y).backward()
        found = [before.grad, kernel.grad]
        before.grad = kernel.grad = None
        return y, *found

    x = rng.standard_normal((19, *image, 2)).astype("float32")
    with mock.patch.object(winograd, "_GAIN", float("inf")):
        graph = compare(step, x, machines=MACHINES, tolerance=ROUNDING)
        found = make_plan(graph, WIDEST, 2).filters
        assert {tiling.kind for tiling in found.values()} == set(KINDS)


def test_on_all_vectors_and_threads() -> None:
    rng = np.random.default_rng(0)
    kernel = Variable(rng.standard_normal((5, 5, 8, 16)).astype("float32"))

    def step(x: Any) -> Any:
        y = ops.conv(x, kernel, strides=1, padding="same")
        kernel.assign(kernel * 0.5 + ops.mean(y))  # the next step has another kernel
        return y

    x = rng.standard_normal((37, 14, 13, 8)).astype("float32")
    graph = compare(step, x, machines=ALL, tolerance=ROUNDING, steps=3)
    assert make_plan(graph, WIDEST, 1).filters


# channels, an image in which all rows of tiles, or one after the other, are taken
MANY = [((8, 16), (9, 8)), ((40, 35), (7, 7))]


def descent(channels: tuple[int, int], image: tuple[int, int]) -> tuple[Any, Any, Any]:
    """Steps in which a kernel is learnt, and what they are given."""
    rng = np.random.default_rng(0)
    kernel = Variable(rng.standard_normal((3, 3, *channels)).astype("float32"))

    def step(x: Any, wanted: Any) -> Any:
        y = ops.conv(x, kernel, strides=1, padding="same")
        ops.mean((y - wanted) * (y - wanted)).backward()
        kernel.assign(kernel - 0.1 * kernel.grad)
        kernel.grad = None
        return ops.mean(y)

    return step, *(
        rng.standard_normal((37, *image, n)).astype("float32") for n in channels
    )


@pytest.mark.parametrize(("channels", "image"), MANY, ids=str)
def test_kernels_are_learnt_on_all_vectors_and_threads(
    channels: Any, image: Any
) -> None:
    """What was summed up in one step is gone in the next."""
    with mock.patch.object(winograd, "_GAIN", float("inf")):
        step, *given = descent(channels, image)
        graph = compare(step, *given, machines=ALL, tolerance=ROUNDING, steps=3)
        (gradient,) = [
            tiling
            for tiling in make_plan(graph, WIDEST, 1).filters.values()
            if tiling.kind == "conv_kernel"
        ]
    assert gradient.is_large() == (gradient.together == gradient.tiles[0])


@pytest.mark.parametrize(("channels", "image"), MANY, ids=str)
def test_in_fixed_parts_any_threads_give_the_same_bits(
    channels: Any, image: Any
) -> None:
    step, *given = descent(channels, image)
    graph = wubu.trace(step, *given)
    start = [slot.read().copy() for slot, _ in graph.updates]
    found = []
    with mock.patch.object(winograd, "_GAIN", float("inf")):
        for threads in (1, 2):
            restore(graph, start)
            program = NativeProgram(graph, target(), threads, partials=8)
            found.append(run(graph, program, given, 2))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def chosen(
    channels: tuple[int, int] = (8, 16),
    window: int = 5,
    dtype: str = "float32",
    kind: str = "conv",
    **options: Any,
) -> list[tuple[Filtering, ...]]:
    """What is computed so of a convolution of pictures of 14×14."""
    kernel = Variable(np.zeros((window, window, *channels), dtype))

    def convolve(x: Any) -> Any:
        y = ops.conv(x, kernel, **{"strides": 1, "padding": "same", **options})
        ops.sum(y * y).backward()
        gradient, kernel.grad = kernel.grad, None
        return y, gradient

    graph = wubu.trace(convolve, np.zeros((32, 14, 14, channels[0]), dtype))
    found = find_winograd(graph, batch_axes(graph), 2, 16).values()
    return [tiling.filters for tiling in found if tiling.kind == kind]


def test_it_is_done_where_it_is_worth_it() -> None:
    assert chosen() == [(Filtering(2, 5),) * 2]
    assert chosen(window=3) == [(Filtering(4, 3),) * 2]
    assert not chosen(channels=(1, 8))  # the work around the products is too much
    assert not chosen(channels=(1, 32), window=3)
    assert not chosen(channels=(4, 4), window=3)
    assert not chosen(window=1)
    assert not chosen(window=9)
    assert not chosen(strides=2)
    assert not chosen(dilation_rate=2)
    assert not chosen(dtype="float64")
    assert not chosen(channels=(512, 512), window=3)  # weights would leave the cache


def test_gradients_of_kernels_where_it_is_worth_it() -> None:
    kind = "conv_kernel"
    assert chosen(kind=kind) == [(Filtering(2, 5),) * 2]
    assert chosen((64, 64), 3, kind=kind) == [(Filtering(4, 3),) * 2]
    assert not chosen((4, 16), kind=kind)  # what is around the products is too much
    assert not chosen((16, 8), kind=kind)  # does not fill vectors
    assert not chosen(kind=kind, strides=2)
    assert not chosen(kind=kind, dtype="float64")


def test_it_can_be_switched_off() -> None:
    kernel = np.zeros((5, 5, 8, 16), "float32")
    graph = wubu.trace(
        lambda x: ops.conv(x, kernel), np.zeros((32, 14, 14, 8), "float32")
    )
    assert make_plan(graph, WIDEST, 1).filters
    assert not make_plan(graph, WIDEST, 1, winograd=False).filters


@pytest.mark.parametrize("window", [3, 5])
def test_rounding_is_a_few_times_that_of_plain_sums(window: int) -> None:
    """Of results, and of the kernel's gradient."""
    rng = np.random.default_rng(0)
    shapes = (32, 14, 14, 16), (32, 14, 14, 16), (window, window, 16, 16)
    x, given, start = (rng.standard_normal(s).astype("float32") for s in shapes)
    kernel = Variable(start)

    def convolve(x: Any, given: Any) -> Any:
        y = ops.conv(x, ops.cast(kernel, x.dtype), strides=1, padding="same")
        ops.sum(y * given).backward()
        gradient, kernel.grad = kernel.grad, None
        return y, gradient

    graph = wubu.trace(convolve, x, given)
    kernel = Variable(start.astype("float64"))
    exact = convolve(x.astype("float64"), given.astype("float64"))
    errors = []
    for on in (True, False):
        program = NativeProgram(graph, target()._replace(winograd=on), 1)
        found = zip(program.run([x, given]), exact, strict=True)
        errors.append([np.sqrt(np.mean((a - b.numpy()) ** 2)) for a, b in found])
    for fewer, plain in zip(*errors, strict=True):
        assert plain < fewer < 8 * plain
