"""Samples of primitives for many samples at once: each gets an axis that runs over
them, in every way its operation allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from wubu.core.primitive import Primitive
from wubu.core.samples import Sample


class Case(NamedTuple):
    """A primitive, the shapes it is applied to, its parameters."""

    label: str
    shapes: list[tuple[int, ...]]
    params: dict[str, Any]

    def arrays(self, sample: Sample, dtype: str, seed: int = 0) -> list[np.ndarray]:
        random = np.random.default_rng(seed)
        found = [
            np.asarray(given.draw(random, shape))
            for given, shape in zip(sample.inputs, self.shapes, strict=True)
        ]
        return [a.astype(dtype) if a.dtype.kind == "f" else a for a in found]


def cases(primitive: Primitive, sample: Sample, batch: int) -> Iterator[Case]:
    """The sample as it is, and with samples."""
    shapes = [given.shape for given in sample.inputs]
    _, params = primitive.prepare(*_arguments(primitive, sample), **sample.params)
    yield Case("as it is", shapes, params)
    lift = _LIFTS.get(primitive.name, _elementwise)
    yield from lift(batch, shapes, params)


def _arguments(primitive: Primitive, sample: Sample) -> list[Any]:
    random = np.random.default_rng(0)
    arrays = [given.array(random) for given in sample.inputs]
    return [arrays] if primitive.vjp_all is not None else arrays


def _elementwise(b: int, shapes: list, params: dict) -> Iterator[Case]:
    yield Case("batched", [(b, *s) for s in shapes], params)
    if len(shapes[0]) == 2:
        yield Case("batched last", [(*s, b) for s in shapes], params)


def _axes(*names: str) -> Callable[..., Iterator[Case]]:
    """Parameters that name axes move on by one."""

    def lift(b: int, shapes: list, params: dict) -> Iterator[Case]:
        moved = dict(params)
        for name in names:
            given = params[name]
            many = isinstance(given, tuple)
            moved[name] = tuple(a + 1 for a in given) if many else given + 1
        yield Case("batched", [(b, *s) for s in shapes], moved)

    return lift


def _reduction(b: int, shapes: list, params: dict) -> Iterator[Case]:
    yield from _axes("axis")(b, shapes, params)
    moved = tuple(a + 1 for a in params["axis"])
    yield Case("over samples", [(b, *s) for s in shapes], {"axis": (0, *moved)})
    yield Case("over samples only", [(b, *s) for s in shapes], {"axis": (0,)})


def _shape(b: int, shapes: list, params: dict) -> Iterator[Case]:
    yield Case("batched", [(b, *shapes[0])], {"shape": (b, *params["shape"])})


def _broadcast(b: int, shapes: list, params: dict) -> Iterator[Case]:
    ones = (1,) * (len(params["shape"]) - len(shapes[0]))
    shape = {"shape": (b, *params["shape"])}
    yield Case("batched", [(b, *ones, *shapes[0])], shape)


def _transpose(b: int, shapes: list, params: dict) -> Iterator[Case]:
    axes = tuple(a + 1 for a in params["axes"])
    for at in range(len(axes) + 1):
        moved = (*axes[:at], 0, *axes[at:])
        yield Case(f"batched, to {at}", [(b, *shapes[0])], {"axes": moved})


def _pad(b: int, shapes: list, params: dict) -> Iterator[Case]:
    padding = ((0, 0, 0), *params["padding"])
    yield Case("batched", [(b, *shapes[0]), ()], {"padding": padding})


def _slice(b: int, shapes: list, params: dict) -> Iterator[Case]:
    yield Case("batched", [(b, *shapes[0])], {"bounds": ((0, b, 1), *params["bounds"])})


def _dot(batch: int, shapes: list, params: dict) -> Iterator[Case]:
    (c0, c1), (b0, b1) = params["contract"], params["batch"]
    left, right = shapes
    up0, up1 = (tuple(a + 1 for a in axes) for axes in (c0, c1))
    on0, on1 = (tuple(a + 1 for a in axes) for axes in (b0, b1))
    more = [(batch, *left), (batch, *right)]

    def parts(contract: Any, along: Any) -> dict:
        return {"contract": contract, "batch": along}

    both = parts((up0, up1), ((0, *on0), (0, *on1)))
    yield Case("both batched", more, both)
    yield Case("over samples", more, parts(((0, *up0), (0, *up1)), (on0, on1)))
    yield Case("left batched", [more[0], right], parts((up0, c1), (on0, b1)))
    yield Case("right batched", [left, more[1]], parts((c0, up1), (b0, on1)))


def _first(*places: int) -> Callable[..., Iterator[Case]]:
    """The first axis of these inputs is that of samples already."""

    def lift(b: int, shapes: list, params: dict) -> Iterator[Case]:
        found = [(b, *s[1:]) if i in places else s for i, s in enumerate(shapes)]
        moved = dict(params)
        if "shape" in params and places != (0, 1):
            moved["shape"] = (b, *params["shape"][1:])
        yield Case("batched", found, moved)

    return lift


def _gather(b: int, shapes: list, params: dict) -> Iterator[Case]:
    axis, dims = params["axis"], params["batch_dims"]
    x, indices = shapes
    both = {"axis": axis + 1, "batch_dims": dims + 1}
    yield Case("both batched", [(b, *x), (b, *indices)], both)
    if not dims:
        yield Case("one table", [x, (b, *indices)], params)
        moved = {"axis": axis + 1, "batch_dims": 0}
        yield Case("one list of indices", [(b, *x), indices], moved)


def _scatter(b: int, shapes: list, params: dict) -> Iterator[Case]:
    axis, dims = params["axis"], params["batch_dims"]
    indices, x = shapes
    both = {**params, "axis": axis + 1, "batch_dims": dims + 1}
    yield Case("both batched", [(b, *indices), (b, *x)], both)
    if not dims:
        rows = (*x[:axis], b, *x[axis:])
        yield Case("one table", [(b, *indices), rows], params)
        moved = {**params, "axis": axis + 1}
        yield Case("one list of indices", [indices, (b, *x)], moved)


_LIFTS: dict[str, Callable[..., Iterator[Case]]] = {
    "sum": _reduction,
    "max": _reduction,
    "argmax": _axes("axis"),
    "cumsum": _axes("axis"),
    "flip": _axes("axis"),
    "concatenate": _axes("axis"),
    "reshape": _shape,
    "broadcast_to": _broadcast,
    "transpose": _transpose,
    "pad": _pad,
    "slice": _slice,
    "dot_general": _dot,
    "conv": _first(0),
    "conv_input": _first(0),
    "conv_kernel": _first(0, 1),
    "max_pool": _first(0),
    "max_unpool": _first(0, 1),
    "max_pick": _first(0, 1),
    "sum_pool": _first(0),
    "sum_unpool": _first(0),
    "gather": _gather,
    "scatter_add": _scatter,
}
