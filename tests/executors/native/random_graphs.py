"""Random graphs: operations of every kind on whatever came before, by number.

`Case(seed)` is always the same graph: a few inputs, samples of any number, and about a
dozen operations on values taken at random; often a loss with its gradients, and
variables that change. Values stay of moderate size; operations that jump (rounding,
comparing, largest places) are left to float64 and integers, where a difference in the
last bit hardly ever decides.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from wubu import Variable, ops
from wubu.errors import WubuError

Maker = Callable[["Case", Any], Any]
MOST = 3000  # elements of a value


class Case:
    """A random graph.

    Attributes:
        arrays: what it is called with.
        function: builds it, always the same.
        floats: the dtype of its floats.
        used: names of the operations that are in it.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        start = random.Random(seed)
        self.floats = start.choice(["float64", "float64", "float32"])
        self.batch = start.choice([1, 2, 3, 4, 7, 8, 15, 16, 17, 19, 32, 33, 40])
        self.num_operations = start.randint(2, 14)
        self.differentiated = start.random() < 0.5
        self.numbers = np.random.default_rng(seed)
        self.arrays = [self._input(start, i) for i in range(start.randint(1, 3))]
        self.state = [
            Variable(self.array(shape).astype(self.floats)) for shape in ((), (3,))
        ]
        self.source = ops.random.SeedGenerator(seed)
        self.used: list[str] = []
        self.random = start
        self._begin = start.getstate(), self.numbers.bit_generator.state

    def _input(self, start: random.Random, number: int) -> np.ndarray:
        ndim = start.randint(0, 3)
        shape = tuple(start.choice([1, 2, 3, 4, 5, 6, 9]) for _ in range(ndim))
        if number == 0 or start.random() < 0.6:
            shape = (self.batch, *shape)
        if number and start.random() < 0.3:
            return self.numbers.integers(-3, 5, shape).astype(start.choice(_INTEGERS))
        return self.array(shape)

    # -- what operations ask for --------------------------------------------------

    def array(self, shape: Any) -> np.ndarray:
        return np.asarray(self.numbers.normal(size=shape)).astype(self.floats)

    def axis(self, x: Any) -> int:
        return self.random.randrange(x.ndim)

    def axes(self, x: Any) -> tuple[int, ...]:
        count = self.random.randint(1, x.ndim)
        return tuple(sorted(self.random.sample(range(x.ndim), count)))

    def chance(self, part: float = 0.5) -> bool:
        return self.random.random() < part

    def beside(self, x: Any) -> Any:
        """Something that broadcasts with x: another value, or numbers."""
        fitting = [y for y in self.pool if y is not x and _broadcasts(x.shape, y.shape)]
        if fitting and self.chance(0.6):
            return self.random.choice(fitting)
        shape = [n if self.chance(0.7) else 1 for n in x.shape]
        return self.array(shape[self.random.randint(0, x.ndim) :])

    def floating(self, x: Any) -> Any:
        return x if x.dtype.kind == "f" else ops.cast(x, self.floats)

    def may_jump(self, x: Any) -> bool:
        return x.dtype.kind != "f" or self.floats == "float64"

    # -- building -----------------------------------------------------------------

    def function(self, *inputs: Any) -> Any:
        self.random.setstate(self._begin[0])
        self.numbers.bit_generator.state = self._begin[1]
        self.used = []
        leaves = [
            x.detach().requires_grad_() if x.dtype.kind == "f" else x for x in inputs
        ]
        self.pool = [*leaves, *[v * 1 for v in self.state]]
        self.slopes: list[Any] = [None] * len(self.state)
        while len(self.used) < self.num_operations:
            self._one()
        made = self.pool[len(inputs) :][-4:]
        kept = [y for y in made if y.size <= MOST]
        if self.differentiated:
            kept += self._derivatives(leaves)
        if self.chance():
            self._update()
        self.pool.clear()
        self.slopes.clear()
        return [y.detach() for y in kept]

    def _one(self) -> None:
        recent = self.pool[-4:] if self.chance(0.7) else self.pool
        x = self.random.choice(recent)
        name = self.random.choice(sorted(OPERATIONS))
        try:
            found = OPERATIONS[name](self, x)
        except (WubuError, IndexError, ValueError):  # not with this shape or dtype
            found = None
        if found is None or found.size > MOST or not found.size:
            return
        if found.dtype.kind == "f" and found.dtype != self.floats:
            found = ops.cast(found, self.floats)
        self.used.append(name)
        self.pool.append(found)

    def _derivatives(self, leaves: list[Any]) -> list[Any]:
        floats = [y for y in self.pool[-3:] if y.requires_grad]
        if not floats:
            return []
        loss = sum((ops.tanh(y) * self.array(y.shape)).mean() for y in floats)
        loss.backward()
        self.used.append("backward")
        for i, variable in enumerate(self.state):
            self.slopes[i], variable.grad = variable.grad, None
        return [x.grad for x in leaves if x.requires_grad and x.grad is not None]

    def _update(self) -> None:
        for variable, slope in zip(self.state, self.slopes, strict=True):
            value = self.random.choice(self.pool)
            new = ops.tanh(self.floating(value).sum()) * 0.1 + variable.value
            new = new if slope is None else new - ops.tanh(slope) * 0.1
            variable.assign(new.detach())
        self.used.append("assign")

    def __repr__(self) -> str:
        shapes = ", ".join(f"{a.dtype}{list(a.shape)}" for a in self.arrays)
        return f"Case({self.seed}): {self.floats}, {shapes}: {' '.join(self.used)}"


_INTEGERS = ["int64", "int32", "uint8", "int8", "bool"]


def _broadcasts(one: Any, other: Any) -> bool:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return all(a == b or 1 in (a, b) for a, b in pairs)


# -- elementwise ----------------------------------------------------------------------


def _unary(function: Callable[[Any], Any]) -> Maker:
    return lambda c, x: function(c.floating(x))


def _binary(function: Callable[[Any, Any], Any]) -> Maker:
    def make(c: Case, x: Any) -> Any:
        y = c.beside(x)
        return function(x, y) if c.chance() else function(y, x)

    return make


def _jumping(function: Callable[[Any, Any], Any]) -> Maker:
    """Of numbers that are hardly ever equal, unless they are whole."""

    def make(c: Case, x: Any) -> Any:
        if not c.may_jump(x):
            return None
        return function(x * 3.37 + 0.123 if x.dtype.kind == "f" else x, c.beside(x))

    return make


def _divide(x: Any, y: Any) -> Any:
    return x / (ops.square(y) + 0.7)


def _whole(function: Callable[[Any, Any], Any]) -> Maker:
    def make(c: Case, x: Any) -> Any:
        if x.dtype.kind == "f":
            x = ops.cast(ops.clip(ops.floor(x * 2.3 + 0.1), -5, 5), "int32")
            x = x if c.floats == "float64" else x * 0
        return function(x, c.numbers.integers(1, 5, x.shape[x.ndim // 2 :]))

    return make


def _cast(c: Case, x: Any) -> Any:
    if x.dtype.kind != "f":
        return ops.cast(x, c.random.choice([*_INTEGERS, c.floats]))
    if not c.may_jump(x):
        return None
    # What does not fit an integer is anybody's guess.
    return ops.cast(ops.clip(x * 2.7 + 3.1, 0, 100), c.random.choice(_INTEGERS))


# -- movement -------------------------------------------------------------------------


def _reshape(c: Case, x: Any) -> Any:
    shape = list(x.shape)
    if c.chance() and len(shape) > 1:
        at = c.random.randrange(len(shape) - 1)
        shape[at : at + 2] = [shape[at] * shape[at + 1]]
    else:
        at = c.axis(x)
        parts = [n for n in (2, 3, 4) if shape[at] % n == 0]
        first = c.random.choice([*parts, 1])
        shape[at : at + 1] = [first, shape[at] // first]
    return ops.reshape(x, tuple(shape)) if len(shape) < 6 else None


def _transpose(c: Case, x: Any) -> Any:
    return ops.transpose(x, c.random.sample(range(x.ndim), x.ndim))


def _broadcast(c: Case, x: Any) -> Any:
    new = [c.random.randint(1, 3)] if c.chance() else []
    shape = [c.random.choice([1, 2, 4]) if n == 1 else n for n in x.shape]
    return ops.broadcast_to(x, (*new, *shape))


def _slice(c: Case, x: Any) -> Any:
    where: list[Any] = []
    for n in x.shape:
        step = c.random.choice([1, 1, 1, 2, -1, -2, 3])
        start, stop = sorted((c.random.randint(0, n), c.random.randint(0, n)))
        whole = slice(None, None, step)
        where.append(whole if c.chance(0.7) else slice(start, stop, abs(step)))
    return x[tuple(where)]


def _join(c: Case, x: Any) -> Any:
    axis = c.axis(x)
    parts = [x, ops.flip(x, axis) if c.chance() else x * 2]
    parts += [y for y in c.pool[-6:] if _fits(x, y, axis)][: c.random.randint(0, 2)]
    c.random.shuffle(parts)
    return ops.concatenate(parts, axis)


def _fits(x: Any, y: Any, axis: int) -> bool:
    same = x.ndim == y.ndim and x.dtype == y.dtype
    return same and all(
        i == axis or a == b
        for i, (a, b) in enumerate(zip(x.shape, y.shape, strict=True))
    )


def _pad(c: Case, x: Any) -> Any:
    width = [(c.random.choice([0, 0, 1, 2]), c.random.choice([0, 1])) for _ in x.shape]
    return ops.pad(x, width, constant_values=c.random.choice([0, 1]))


def _take(c: Case, x: Any) -> Any:
    axis = c.axis(x)
    shape = c.random.choice([(), (1,), (4,), (2, 3), (c.batch,), (c.batch, 2)])
    indices: Any = c.numbers.integers(0, x.shape[axis], shape)
    whole = [y for y in c.pool if y.dtype.kind in "iu"]
    if whole and c.chance():
        indices = ops.cast(c.random.choice(whole), "int64") % x.shape[axis]
    return ops.take(x, indices, axis)


def _pick_along(c: Case, x: Any) -> Any:
    axis = c.axis(x)
    shape = list(x.shape)
    shape[axis] = c.random.randint(1, 4)
    return ops.take_along_axis(x, c.numbers.integers(0, x.shape[axis], shape), axis)


def _one_hot(c: Case, x: Any) -> Any:
    if x.dtype.kind == "f":
        return None
    return ops.one_hot(ops.cast(x, "int32") % 4, 4, c.random.randint(0, x.ndim))


# -- sums, loops and the rest ---------------------------------------------------------


def _reduced(function: Callable[..., Any]) -> Maker:
    return lambda c, x: function(x, axis=c.axes(x), keepdims=c.chance())


def _softmax(c: Case, x: Any) -> Any:
    return ops.softmax(c.floating(x), axis=c.axis(x))


def _largest_place(c: Case, x: Any) -> Any:
    x = ops.round(x * 7.31 + 0.123) if x.dtype.kind == "f" else x
    return ops.argmax(x, c.axis(x)) if c.may_jump(x) else None


def _cumsum(c: Case, x: Any) -> Any:
    return ops.cumsum(x if x.dtype.kind != "b" else ops.cast(x, "int32"), c.axis(x))


def _product(c: Case, x: Any) -> Any:
    """Over one axis, with numbers or with another value; some axes may be shared."""
    x = c.floating(x)
    left = c.axis(x)
    size = x.shape[left]
    others = [(y, i) for y in c.pool for i, n in enumerate(y.shape) if n == size]
    if others and c.chance():
        y, right = c.random.choice(others)
        y = c.floating(y)
    else:
        y, right = c.array((size, c.random.randint(1, 9))), 0
    shared = [
        (i, j)
        for i, n in enumerate(x.shape)
        for j, m in enumerate(y.shape)
        if n == m and i != left and j != right
    ]
    batch = [c.random.choice(shared)] if shared and c.chance() else []
    return (
        ops.dot_general(
            x,
            y,
            contract=((left,), (right,)),
            batch=(tuple(i for i, _ in batch), tuple(j for _, j in batch)),
        )
        * 0.3
    )


def _images(c: Case, x: Any) -> Any:
    """x as (batch, places..., channels)."""
    x = c.floating(x)
    return x if x.ndim in (3, 4) else ops.reshape(x, (x.shape[0], -1, 1))


def _conv(c: Case, x: Any) -> Any:
    x = _images(c, x)
    window = [c.random.randint(1, 3) for _ in range(x.ndim - 2)]
    kernel = c.array((*window, x.shape[-1], c.random.choice([1, 3, 8, 17]))) * 0.3
    strided = c.chance()
    kernel = kernel.astype(c.floats) * ops.tanh(c.state[0] + 1)  # and learns
    return ops.conv(
        x,
        kernel,
        strides=c.random.randint(1, 3) if strided else 1,
        dilation_rate=1 if strided else c.random.randint(1, 2),
        padding=c.random.choice(["same", "valid"]),
    )


def _pool(c: Case, x: Any) -> Any:
    pool = c.random.choice([ops.max_pool, ops.average_pool])
    size, stride = c.random.randint(1, 3), c.random.randint(1, 3)
    return pool(_images(c, x), size, stride, c.random.choice(["same", "valid"]))


def _loop(c: Case, x: Any) -> Any:
    x = ops.moveaxis(c.floating(x), c.axis(x), 0)
    weights = c.array((x.shape[-1], x.shape[-1])) * 0.4 if x.ndim > 1 else None

    def step(h: Any, row: Any) -> Any:
        new = ops.tanh(row + (h * 0.5 if weights is None else h @ weights))
        return new, (new * row if c.seed % 2 else new)

    start = ops.zeros(x.shape[1:], dtype=x.dtype)
    last, rows = ops.scan(step, start, x, reverse=c.chance())
    return last if c.chance(0.3) else rows


def _drop(c: Case, x: Any) -> Any:
    return ops.random.dropout(c.floating(x), 0.3, seed=c.source)


OPERATIONS: dict[str, Maker] = {
    **{
        f.__name__: _unary(f)
        for f in (
            *(ops.tanh, ops.sigmoid, ops.erf, ops.sin, ops.cos, ops.abs, ops.negative),
            *(ops.square, ops.relu, ops.softplus, ops.gelu, ops.elu, ops.leaky_relu),
        )
    },
    "exp": _unary(lambda x: ops.exp(ops.minimum(x, 3.0))),
    "expm1": _unary(lambda x: ops.expm1(-ops.abs(x))),
    "log": _unary(lambda x: ops.log(ops.abs(x) + 0.5)),
    "log1p": _unary(lambda x: ops.log1p(ops.square(x))),
    "sqrt": _unary(lambda x: ops.sqrt(ops.abs(x) + 0.1)),
    "power": _unary(lambda x: ops.power(ops.abs(x) + 0.5, 1.7)),
    "add": _binary(lambda x, y: x + y),
    "subtract": _binary(lambda x, y: x - y if x.dtype.kind != "b" else x != y),
    "multiply": _binary(lambda x, y: x * y),
    "divide": _binary(_divide),
    "maximum": _binary(ops.maximum),
    "minimum": _binary(ops.minimum),
    "less": _jumping(lambda x, y: x < y),
    "equal": _jumping(lambda x, y: x == y),
    "where": _jumping(lambda x, y: ops.where(x < y, x, y * 2)),
    "floor": _jumping(lambda x, y: ops.floor(x) if x.dtype.kind == "f" else -x),
    "sign": _jumping(lambda x, y: ops.sign(x * 1)),
    "floor_divide": _whole(lambda x, y: x // y),
    "mod": _whole(lambda x, y: x % y),
    "and": _whole(lambda x, y: x & y),
    "or": _whole(lambda x, y: ops.cast(x, "int64") | y),
    "xor": _whole(lambda x, y: ops.cast(x, "int64") ^ y),
    "cast": _cast,
    "reshape": _reshape,
    "transpose": _transpose,
    "broadcast": _broadcast,
    "flip": lambda c, x: ops.flip(x, c.axes(x)),
    "slice": _slice,
    "join": _join,
    "pad": _pad,
    "take": _take,
    "pick along": _pick_along,
    "one hot": _one_hot,
    "sum": _reduced(ops.sum),
    "mean": _reduced(lambda x, **how: ops.mean(x * 1.0, **how)),
    "max": _reduced(ops.max),
    "min": _reduced(ops.min),
    "softmax": _softmax,
    "largest place": _largest_place,
    "cumsum": _cumsum,
    "product": _product,
    "product again": _product,
    "conv": _conv,
    "pool": _pool,
    "loop": _loop,
    "dropout": _drop,
}
