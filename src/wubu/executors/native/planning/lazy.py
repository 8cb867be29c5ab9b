"""Values that are computed where they are read.

A `Lazy` answers `at(index)`: the code that gives its element there. A `View` loads it
from memory; an `Expression` computes it from its operands at the same place; movement
(transpose, broadcast, slice ...) only rewrites the index. So chains of elementwise
operations are fused without anybody deciding to, and only what is worth keeping is ever
stored.

Shapes and indices here are those of one sample: the batch axis is the lanes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wubu.executors.native.code.emitter import Emitter, Index, Register
from wubu.executors.native.planning import strided

if TYPE_CHECKING:
    from wubu.executors.native.code import ir

# An operation that costs so much is a chain of instructions that wait for each other.
_FUNCTION = 12

Shape = tuple[int, ...]
Place = tuple[Index, ...]


def row_major(shape: Sequence[int]) -> tuple[int, ...]:
    """Strides, in elements, of an array without gaps.

    Example:
        >>> row_major((2, 3, 4))
        (12, 4, 1)
    """
    strides = [1] * len(shape)
    for i in range(len(shape) - 2, -1, -1):
        strides[i] = strides[i + 1] * shape[i + 1]
    return tuple(strides)


class Lazy:
    """An array of one sample, or of all samples alike, that is computed when read.

    Attributes:
        shape: without the batch axis.
        dtype: of its elements.
        lanes: whether samples differ.
        cost: about how many operations an element takes.
        depth: of operations on operations.
        chain: of functions on functions, as tanh of a sum of exp.
    """

    shape: Shape
    dtype: np.dtype
    lanes: bool
    cost: int = 0
    depth: int = 0
    chain: int = 0

    def at(self, e: Emitter, place: Place) -> Register:
        raise NotImplementedError

    def is_flat(self) -> bool:
        """Whether vectors can run along its elements, counted in row-major order."""
        return False

    def flat(self, e: Emitter, i: Index) -> Register:
        """The vector of elements i, i + 1 ... of a shared value, for active lanes."""
        raise NotImplementedError

    def is_by_sample(self) -> bool:
        """Whether the elements of each sample lie side by side, so that vectors can be
        loaded along them."""
        return False

    def by_sample(self, e: Emitter, i: Index) -> list[Register]:
        """Elements i, i + 1 ... of a sample, counted in row-major order: for each the
        vector of all samples, as many as there are lanes."""
        raise NotImplementedError

    def leaves(self) -> list[Lazy]:
        """What it reads in the end."""
        return [self]


class View(Lazy):
    """Elements in memory, at `pointer() + offset + sum(index * stride)`.

    Offsets and strides count elements; for lanes an element is a whole vector.
    """

    def __init__(
        self,
        pointer: Callable[[], ir.Value],
        shape: Shape,
        dtype: np.dtype,
        lanes: bool,
        strides: tuple[int, ...] | None = None,
        offset: int = 0,
    ) -> None:
        self.pointer = pointer
        self.shape = shape
        self.dtype = dtype
        self.lanes = lanes
        self.strides = row_major(shape) if strides is None else strides
        self.offset = offset
        self.slot: Any = None  # the variable it is the memory of
        self.kept_for: Any = None  # the value it was stored for

    def at(self, e: Emitter, place: Place) -> Register:
        where = e.plus(e.affine(place, self.strides), self.offset)
        if not self.lanes:
            return strided.load(e, self.pointer(), where, self.dtype)
        return e.load_lanes(self.pointer(), e.times(where, e.lanes), self.dtype)

    def put(self, e: Emitter, place: Place, register: Register) -> None:
        """Stores one element."""
        where = e.plus(e.affine(place, self.strides), self.offset)
        if self.lanes:
            where, register = e.times(where, e.lanes), e.spread(register)
        strided.store(e, register, self.pointer(), where)

    def is_flat(self) -> bool:
        gapless = self.strides == row_major(self.shape) and self.offset == 0
        return gapless and not self.lanes

    def flat(self, e: Emitter, i: Index) -> Register:
        return e.load_some(self.pointer(), i, self.dtype, e.active)

    def put_flat(self, e: Emitter, i: Index, register: Register) -> None:
        e.store_some(e.spread(register), self.pointer(), i, e.active)

    def with_strides(self, shape: Shape, strides: tuple[int, ...], offset: int) -> View:
        view = View(self.pointer, shape, self.dtype, self.lanes, strides, offset)
        view.slot = self.slot
        return view


class Known(Lazy):
    """One number for every place: a register that is there already, or a constant."""

    def __init__(self, shape: Shape, dtype: np.dtype, register: Register) -> None:
        self.shape = shape
        self.dtype = dtype
        self.lanes = False
        self.register = register

    def at(self, e: Emitter, place: Place) -> Register:
        return self.register

    def flat(self, e: Emitter, i: Index) -> Register:
        return e.spread(self.register)

    def is_flat(self) -> bool:
        return True

    def is_by_sample(self) -> bool:
        return True

    def by_sample(self, e: Emitter, i: Index) -> list[Register]:
        return [e.spread(self.register)] * e.lanes

    def leaves(self) -> list[Lazy]:
        return []


class Expression(Lazy):
    """An elementwise operation on operands of one shape."""

    def __init__(
        self,
        rule: Callable[..., Register],
        operands: Sequence[Lazy],
        shape: Shape,
        dtype: np.dtype,
        cost: int,
        memo: Memo,
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self.lanes = any(operand.lanes for operand in operands)
        self.cost = cost + sum(operand.cost for operand in operands)
        self.depth = 1 + max((operand.depth for operand in operands), default=0)
        longest = max((operand.chain for operand in operands), default=0)
        self.chain = longest + (cost >= _FUNCTION)
        self.operands = list(operands)
        self.kept: View | None = None  # where it has been stored meanwhile
        self._rule = rule
        self._memo = memo

    def at(self, e: Emitter, place: Place) -> Register:
        return self._memo.get(self, place, lambda: self._element(e, place))

    def _element(self, e: Emitter, place: Place) -> Register:
        if self.kept is not None:
            return self.kept.at(e, place)
        return self._rule(e, *[operand.at(e, place) for operand in self.operands])

    def is_flat(self) -> bool:
        return all(operand.is_flat() for operand in self.operands)

    def flat(self, e: Emitter, i: Index) -> Register:
        return self._memo.get(
            self,
            ("flat", i),
            lambda: self._rule(e, *[operand.flat(e, i) for operand in self.operands]),
        )

    def is_by_sample(self) -> bool:
        return all(operand.is_by_sample() for operand in self.operands)

    def by_sample(self, e: Emitter, i: Index) -> list[Register]:
        columns = [operand.by_sample(e, i) for operand in self.operands]
        return [self._rule(e, *operands) for operands in zip(*columns, strict=True)]

    def leaves(self) -> list[Lazy]:
        return [leaf for operand in self.operands for leaf in operand.leaves()]


class Moved(Lazy):
    """Another lazy value at a rewritten index."""

    def __init__(
        self, source: Lazy, shape: Shape, move: Callable[[Emitter, Place], Place]
    ) -> None:
        self.source = source
        self.shape = shape
        self.dtype = source.dtype
        self.lanes = source.lanes
        self.cost = source.cost
        self.depth = source.depth + 1
        self.axes: tuple[int, ...] | None = None  # of a transpose
        self._move = move

    def at(self, e: Emitter, place: Place) -> Register:
        return self.source.at(e, self._move(e, place))

    def leaves(self) -> list[Lazy]:
        return [Unordered(leaf) for leaf in self.source.leaves()]


class Unordered(Lazy):
    """A leaf that is read at another index than it is needed for."""

    def __init__(self, leaf: Lazy) -> None:
        self.slot = getattr(leaf, "slot", None)


class Pending(Lazy):
    """A value that only exists in registers, while its kernel runs."""

    def __init__(self, shape: Shape, dtype: np.dtype, memo: Memo) -> None:
        self.shape = shape
        self.dtype = dtype
        self.lanes = True
        self._memo = memo

    def at(self, e: Emitter, place: Place) -> Register:
        return self._memo.get(self, place, self._missing)

    def _missing(self) -> Register:
        raise AssertionError("a pending value is read outside its kernel")


class Computed(Lazy):
    """Elements given by a function of the index, which reads `sources` anywhere."""

    def __init__(
        self,
        shape: Shape,
        dtype: np.dtype,
        lanes: bool,
        cost: int,
        sources: Sequence[Lazy],
        compute: Callable[[Emitter, Place], Register],
        by_sample: Callable[[Emitter, Index], list[Register]] | None = None,
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self.lanes = lanes
        self.cost = cost
        self.depth = 1 + max(source.depth for source in sources)
        self._sources = sources
        self._compute = compute
        self._by_sample = by_sample

    def at(self, e: Emitter, place: Place) -> Register:
        return self._compute(e, place)

    def is_by_sample(self) -> bool:
        return self._by_sample is not None

    def by_sample(self, e: Emitter, i: Index) -> list[Register]:
        assert self._by_sample is not None
        return self._by_sample(e, i)

    def leaves(self) -> list[Lazy]:
        return [Unordered(leaf) for source in self._sources for leaf in source.leaves()]


class Memo:
    """Remembers what has been computed at a place while code for it is emitted, so that
    a value used twice in one loop body is computed once. It also lets a kernel say what
    an element is before it is stored anywhere.

    Loops inside a loop know what is computed outside, not the other way around.
    """

    def __init__(self) -> None:
        self._known: list[dict[Any, Register]] = []
        self._kept: list[list[Any]] = []

    def get(self, key: Lazy, place: Place, compute: Callable[[], Register]) -> Register:
        name = (id(key), tuple(p if isinstance(p, int) else id(p) for p in place))
        for known in self._known:
            if name in known:
                return known[name]
        register = compute()
        if self._known:
            self._kept[-1].append((key, place))
            self._known[-1][name] = register
        return register

    def say(self, key: Lazy, place: Place, register: Register) -> None:
        self.get(key, place, lambda: register)

    def __enter__(self) -> Memo:
        self._known.append({})
        self._kept.append([])
        return self

    def __exit__(self, *exception: object) -> None:
        self._known.pop()
        self._kept.pop()
