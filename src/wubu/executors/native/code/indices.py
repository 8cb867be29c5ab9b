"""Indices: numbers known while code is emitted, loop counters, and sums of them.

A sum `3 * i + 40 * j + 7` stays a sum, of terms and a constant, until an instruction
needs it. What is equal is then computed once in a block, and constants become part of
the instruction that loads or stores: most addresses cost nothing of their own.

An index may differ from lane to lane, by the same step each: then one load or store
(`strided.py`) serves elements side by side, one in each lane.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from wubu.executors.native.code import ir

INDEX = ir.IntType(64)

Index = Any  # int, an IR value of type INDEX, or an IndexSum
Terms = tuple[tuple[int, int], ...]  # (number of an IR value, factor), in order


class IndexSum(NamedTuple):
    """A sum of IR values times factors, a constant, and a step times the lane."""

    terms: Terms
    constant: int
    step: int = 0


def step_of(i: Index) -> int:
    """By how much an index grows from lane to lane."""
    return i.step if isinstance(i, IndexSum) else 0


class Indices:
    """Arithmetic on indices; a part of `Emitter`."""

    builder: Any

    def __init__(self) -> None:
        self._written: dict[int, ir.Constant] = {}  # each written out once
        self._values: list[ir.Value] = []
        self._numbers: dict[int, int] = {}  # id of an IR value -> its number
        self._sums: dict[IndexSum, IndexSum] = {}  # equal sums are one object
        self._block: Any = None
        self._known: dict[Any, ir.Value] = {}  # what the present block has computed

    def index(self, i: Index) -> ir.Value:
        """The IR value of an index."""
        if isinstance(i, int):
            return self._constant(i)
        if not isinstance(i, IndexSum):
            return i
        assert not i.step, "an index that differs from lane to lane"
        found = self._sum(i.terms)
        if not i.constant:
            return found
        key = (i.terms, i.constant)
        known = self.here()
        if key not in known:
            constant = self._constant(i.constant)
            known[key] = self.builder.add(found, constant, flags=("nsw",))
        return known[key]

    def plus(self, a: Index, b: Index) -> Index:
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        if isinstance(a, int) and a == 0:
            return b
        if isinstance(b, int) and b == 0:
            return a
        one, other = self._parts(a), self._parts(b)
        factors = dict(one.terms)
        for number, factor in other.terms:
            factors[number] = factors.get(number, 0) + factor
        constant = one.constant + other.constant
        return self._joined(factors, constant, one.step + other.step)

    def times(self, a: Index, b: Index) -> Index:
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        if isinstance(a, int):
            a, b = b, a
        if not isinstance(b, int):
            return self.builder.mul(self.index(a), self.index(b), flags=("nsw",))
        if b == 1:
            return a
        terms, constant, step = self._parts(a)
        factors = {n: factor * b for n, factor in terms}
        return self._joined(factors, constant * b, step * b)

    def smaller(self, a: Index, b: Index) -> Index:
        """The smaller of two indices."""
        if isinstance(a, int) and isinstance(b, int):
            return min(a, b)
        x, y = self.index(a), self.index(b)
        return self.builder.select(self.builder.icmp_signed("<", x, y), x, y)

    def larger(self, a: Index, b: Index) -> Index:
        """The larger of two indices."""
        if isinstance(a, int) and isinstance(b, int):
            return max(a, b)
        x, y = self.index(a), self.index(b)
        return self.builder.select(self.builder.icmp_signed(">", x, y), x, y)

    def affine(self, indices: Sequence[Index], strides: Sequence[Index]) -> Index:
        """The sum of indices times strides."""
        total: Index = 0
        for i, stride in zip(indices, strides, strict=True):
            total = self.plus(total, self.times(i, stride))
        return total

    def by_lane(self, start: Index) -> Index:
        """start, start + 1, start + 2 ... in the lanes."""
        return self.plus(start, IndexSum((), 0, 1))

    def of_lane(self, i: Index, lane: int) -> Index:
        """The index of one lane."""
        if not isinstance(i, IndexSum) or not i.step:
            return i
        return self._joined(dict(i.terms), i.constant + lane * i.step)

    def address(self, pointer: ir.Value, offset: Index, kind: ir.Type) -> ir.Value:
        """The pointer moved by so many elements of a type."""
        if isinstance(offset, int):
            return self._moved(pointer, offset, kind)
        if not isinstance(offset, IndexSum):
            offset = self._parts(offset)
        known, key = self.here(), (id(pointer), offset.terms, kind.text)
        if key not in known:
            index = self._sum(offset.terms)
            known[key] = self.builder.gep(pointer, index, kind)
        return self._moved(known[key], offset.constant, kind)

    # -- how ----------------------------------------------------------------------

    def _constant(self, i: int) -> ir.Constant:
        if i not in self._written:
            self._written[i] = ir.Constant(INDEX, i)
        return self._written[i]

    def _moved(self, pointer: ir.Value, constant: int, kind: ir.Type) -> ir.Value:
        if constant == 0:
            return pointer
        known, key = self.here(), (id(pointer), constant, kind.text)
        if key not in known:
            index = self._constant(constant)
            known[key] = self.builder.gep(pointer, index, kind)
        return known[key]

    def here(self) -> dict[Any, ir.Value]:
        """What the block has computed that code is now added to."""
        if self.builder.block is not self._block:
            self._block, self._known = self.builder.block, {}
        return self._known

    def _parts(self, i: Index) -> IndexSum:
        if isinstance(i, IndexSum):
            return i
        if isinstance(i, int):
            return IndexSum((), i)
        number = self._numbers.get(id(i))
        if number is None:
            number = self._numbers[id(i)] = len(self._values)
            self._values.append(i)
        return IndexSum(((number, 1),), 0)

    def _joined(self, factors: dict[int, int], constant: int, step: int = 0) -> Index:
        terms = tuple(sorted((n, factor) for n, factor in factors.items() if factor))
        if not terms and not step:
            return constant
        if not constant and not step and len(terms) == 1 and terms[0][1] == 1:
            return self._values[terms[0][0]]
        found = IndexSum(terms, constant, step)
        return self._sums.setdefault(found, found)

    def _sum(self, terms: Terms) -> ir.Value:
        """The terms added up, those of outer loops first."""
        known = self.here()
        if terms not in known:
            *before, (number, factor) = terms
            found = self._values[number]
            if factor != 1:
                constant = self._constant(factor)
                found = self.builder.mul(found, constant, flags=("nsw",))
            if before:
                rest = self._sum(tuple(before))
                found = self.builder.add(rest, found, flags=("nsw",))
            known[terms] = found
        return known[terms]
