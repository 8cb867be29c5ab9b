"""Every primitive's derivative, first and second order, for shapes drawn at random.

What a primitive gives is squared where it is linear, so that the gradient that flows
back depends on the input and the second order is no zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import wubu
from harness.gradients import check_gradients
from wubu.core.primitive import Primitive, get_primitive, primitives

Case = tuple[Callable[..., Any], list[np.ndarray]]

CONSTANT = ("sign", "floor", "round", "floor_divide")  # between jumps
shapes = hnp.array_shapes(min_dims=1, max_dims=4, max_side=4)


def is_elementwise(primitive: Primitive) -> bool:
    """Whether its samples take operands of one shape and nothing else."""
    return primitive.differentiable and all(
        not sample.params and len({given.shape for given in sample.inputs}) == 1
        for sample in primitive.samples
    )


ELEMENTWISE = [
    name
    for name, p in primitives().items()
    if p.samples and is_elementwise(p) and p.vjp and name not in CONSTANT
]


@pytest.mark.parametrize("name", ELEMENTWISE)
@given(data=st.data(), seed=st.integers(0, 999))
def test_elementwise_derivatives_with_broadcasting(
    name: str, data: st.DataObject, seed: int
) -> None:
    primitive = get_primitive(name)
    inputs = primitive.samples[0].inputs
    broadcastable = hnp.mutually_broadcastable_shapes(
        num_shapes=len(inputs), max_dims=3, max_side=3
    )
    drawn = data.draw(broadcastable).input_shapes
    random = np.random.default_rng(seed)
    arrays = [
        np.asarray(part.draw(random, shape))
        for part, shape in zip(inputs, drawn, strict=True)
    ]
    # Not the same number twice: operands of `maximum` must not tie.
    arrays = [a + 0.03 * i if a.dtype.kind == "f" else a for i, a in enumerate(arrays)]
    check_gradients(primitive, arrays, tolerance=1e-5)


def numbers(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(math.prod(shape)).standard_normal(shape)


def apart(shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of which no two are near each other."""
    order = np.random.default_rng(7).permutation(math.prod(shape))
    return 0.1 * order.reshape(shape) - 0.33


def movement(data: st.DataObject) -> tuple[tuple[int, ...], int]:
    shape = data.draw(shapes)
    return shape, data.draw(st.integers(0, len(shape) - 1))


def reshape(data: st.DataObject) -> Case:
    shape = data.draw(shapes)
    new = data.draw(st.permutations([*shape, 1]))
    return lambda x: get_primitive("reshape")(x, new), [numbers(shape)]


def transpose(data: st.DataObject) -> Case:
    shape = data.draw(shapes)
    axes = tuple(data.draw(st.permutations(range(len(shape)))))
    return lambda x: get_primitive("transpose")(x, axes), [numbers(shape)]


def broadcast_to(data: st.DataObject) -> Case:
    found = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3))
    shape = found.result_shape
    one = found.input_shapes[0]
    return lambda x: get_primitive("broadcast_to")(x, shape), [numbers(one)]


def pad(data: st.DataObject) -> Case:
    shape = data.draw(shapes)
    few = st.integers(0, 2)
    padding = tuple(data.draw(st.tuples(few, few, few)) for _ in shape)
    give = get_primitive("pad")
    return lambda x, v: give(x, v, padding=padding), [numbers(shape), numbers(())]


def strided_slice(data: st.DataObject) -> Case:
    shape = data.draw(shapes)
    bounds = []
    for n in shape:
        start = data.draw(st.integers(0, n))
        stop = data.draw(st.integers(start, n))
        bounds.append((start, stop, data.draw(st.integers(1, 3))))
    give = get_primitive("slice")
    return lambda x: give(x, bounds=tuple(bounds)), [numbers(shape)]


def flip(data: st.DataObject) -> Case:
    shape, axis = movement(data)
    return lambda x: get_primitive("flip")(x, axis), [numbers(shape)]


def concatenate(data: st.DataObject) -> Case:
    shape, axis = movement(data)
    sizes = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    parts = [(*shape[:axis], n, *shape[axis + 1 :]) for n in sizes]
    give = get_primitive("concatenate")
    return lambda *xs: give(list(xs), axis), [numbers(part) for part in parts]


def cast(data: st.DataObject) -> Case:
    shape = data.draw(shapes)
    return lambda x: get_primitive("cast")(x, dtype="float64") * x, [numbers(shape)]


def reduction(name: str) -> Callable[[st.DataObject], Case]:
    def case(data: st.DataObject) -> Case:
        shape = data.draw(shapes)
        axes = tuple(data.draw(st.sets(st.integers(0, len(shape) - 1))))
        return lambda x: get_primitive(name)(x, axes), [apart(shape)]

    return case


def cumsum(data: st.DataObject) -> Case:
    shape, axis = movement(data)
    return lambda x: get_primitive("cumsum")(x, axis), [numbers(shape)]


def picking(data: st.DataObject) -> tuple[tuple[int, ...], np.ndarray, dict]:
    """A shape with batch axes first, indices into one of its axes, and parameters."""
    batch_dims = data.draw(st.integers(0, 2))
    shape = data.draw(hnp.array_shapes(min_dims=batch_dims + 1, max_dims=4, max_side=3))
    axis = data.draw(st.integers(batch_dims, len(shape) - 1))
    picked = data.draw(hnp.array_shapes(min_dims=1, max_dims=2, max_side=3))
    indices = np.random.default_rng(0).integers(
        0, shape[axis], (*shape[:batch_dims], *picked)
    )
    return shape, indices, {"axis": axis, "batch_dims": batch_dims}


def gather(data: st.DataObject) -> Case:
    shape, indices, params = picking(data)
    give = get_primitive("gather")
    return lambda x: give(x, wubu.tensor(indices), **params), [numbers(shape)]


def scatter_add(data: st.DataObject) -> Case:
    shape, indices, params = picking(data)
    axis, n = params["axis"], params["batch_dims"]
    given = (*shape[:axis], *indices.shape[n:], *shape[axis + 1 :])
    give = get_primitive("scatter_add")
    size = shape[axis]
    return (
        lambda g: give(wubu.tensor(indices), g, size=size, **params),
        [numbers(given)],
    )


def dot_general(data: st.DataObject) -> Case:
    sizes = st.lists(st.integers(1, 3), max_size=2)
    batch, summed, left, right = (data.draw(sizes) for _ in range(4))
    b, s = len(batch), len(summed)
    axes, inner = tuple(range(b)), tuple(range(b, b + s))
    give = get_primitive("dot_general")
    return (
        lambda x, y: give(x, y, contract=(inner, inner), batch=(axes, axes)),
        [numbers((*batch, *summed, *left)), numbers((*batch, *summed, *right))],
    )


def sliding(data: st.DataObject, dilated: bool) -> tuple[tuple[int, ...], dict]:
    """The spatial shape of an input that holds a window, and how windows slide."""
    n = data.draw(st.integers(1, 2))
    few = st.integers(1, 2)
    size = tuple(data.draw(few) + 1 for _ in range(n))
    params = {
        "strides": tuple(data.draw(few) for _ in range(n)),
        "padding": tuple(data.draw(st.tuples(few, few)) for _ in range(n)),
    }
    # Less padding than the window is long, so that every window sees an element.
    params["padding"] = tuple((a - 1, b - 1) for a, b in params["padding"])
    dilation = tuple(data.draw(few) if dilated else 1 for _ in range(n))
    reach = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    spatial = tuple(r + data.draw(st.integers(0, 3)) for r in reach)
    extra = {"dilation": dilation} if dilated else {}
    return spatial, {"size": size, **params, **extra}


def convolution(data: st.DataObject) -> Case:
    spatial, params = sliding(data, dilated=True)
    size, groups = params.pop("size"), data.draw(st.integers(1, 2))
    channels, filters = data.draw(st.integers(1, 2)), data.draw(st.integers(1, 2))
    give = get_primitive("conv")
    return (
        lambda x, k: give(x, k, groups=groups, **params),
        [
            numbers((2, *spatial, channels * groups)),
            numbers((*size, channels, filters * groups)),
        ],
    )


def pooling(name: str) -> Callable[[st.DataObject], Case]:
    def case(data: st.DataObject) -> Case:
        spatial, params = sliding(data, dilated=False)
        channels = data.draw(st.integers(1, 2))
        return (
            lambda x: get_primitive(name)(x, **params),
            [apart((2, *spatial, channels))],
        )

    return case


def max_pick(data: st.DataObject) -> Case:
    spatial, params = sliding(data, dilated=False)
    shape = (2, *spatial, 1)
    where = wubu.tensor(apart(shape))
    return lambda v: get_primitive("max_pick")(v, where, **params), [numbers(shape)]


CASES: dict[str, Callable[[st.DataObject], Case]] = {
    "reshape": reshape,
    "transpose": transpose,
    "broadcast_to": broadcast_to,
    "pad": pad,
    "slice": strided_slice,
    "flip": flip,
    "concatenate": concatenate,
    "cast": cast,
    "sum": reduction("sum"),
    "max": reduction("max"),
    "cumsum": cumsum,
    "gather": gather,
    "scatter_add": scatter_add,
    "dot_general": dot_general,
    "conv": convolution,
    "max_pool": pooling("max_pool"),
    "max_pick": max_pick,
    "sum_pool": pooling("sum_pool"),
}

# These are what the squares above are differentiated through.
REACHED = {
    "conv_input": "conv",
    "conv_kernel": "conv",
    "max_unpool": "max_pool",
    "sum_unpool": "sum_pool",
}
OF_ITS_OWN = {
    "scan": "its shapes are drawn in tests/ops/test_scan.py",
    "check_finite": "the value itself; see tests/ops/test_finite.py",
}


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_derivatives_of_any_shape(name: str, data: st.DataObject) -> None:
    function, arrays = CASES[name](data)
    check_gradients(lambda *xs: wubu.ops.square(function(*xs)), arrays, tolerance=1e-5)


def test_every_primitive_with_a_derivative_is_here() -> None:
    here = {*ELEMENTWISE, *CONSTANT, *CASES, *REACHED, *OF_ITS_OWN}
    assert here == {n for n, p in primitives().items() if p.differentiable}


@pytest.mark.parametrize(("name", "start"), REACHED.items())
def test_squares_are_differentiated_through_it(name: str, start: str) -> None:
    """The graph of a second derivative holds the primitive."""
    x, kernel = numbers((2, 4, 1)), numbers((2, 1, 1))
    window = {"strides": (1,), "padding": ((0, 0),)}
    if start == "conv":
        params: dict[str, Any] = {"groups": 1, "dilation": (1,), **window}
    else:
        params = {"size": (2,), **window}
    arrays = [x, kernel] if start == "conv" else [x]

    def total(*xs: Any) -> Any:
        return (get_primitive(start)(*xs, **params) ** 2).sum()

    numbers_of = tuple(range(len(arrays)))

    def twice(*xs: Any) -> Any:
        def once(*ys: Any) -> Any:
            return sum((g**2).sum() for g in wubu.grad(total, numbers_of)(*ys))

        return wubu.grad(once, numbers_of)(*xs)

    graph = wubu.trace(twice, *arrays)
    assert name in {node.primitive.name for node in graph.nodes}
