"""What is done to elements on their way: map, batch, take, skip, repeat, prefetch."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from wubu.data.elements import apply, leaves_of, refilled, stack
from wubu.data.pipeline.node import Node, Plan, Step
from wubu.data.read_ahead import in_background, in_order


class Mapped(Step):
    """What a function makes of each element.

    The function gets copies, so that it may write into them: what it is called with
    may be the user's own array, or lie in a cache, and come again.

    Args:
        parent: where elements come from.
        function: takes the parts of a tuple as arguments; anything else as one.
        workers: threads; 0 leaves it to those that are there.
        seed: if given, the function gets a random generator `rng`, made of seed, epoch
            and number of the element: the same however many threads there are.
    """

    def __init__(
        self,
        parent: Node,
        function: Callable[..., Any],
        workers: int,
        seed: int | None,
    ) -> None:
        super().__init__(parent)
        self.workers = max(workers, parent.workers)
        self.ahead = max(parent.ahead, workers)
        self._function, self._seed = function, seed

    def element(self, epoch: int, index: int) -> Any:
        return self._apply(epoch, index, self.parent.element(epoch, index))

    def flow(self, epoch: int) -> Iterator[Any]:
        return in_order(
            lambda numbered: self._apply(epoch, *numbered),
            enumerate(self.parent.flow(epoch)),
            self.workers,
            self.ahead,
        )

    def _apply(self, epoch: int, index: int, element: Any) -> Any:
        element = refilled(element, map(_own, leaves_of(element)))
        if self._seed is None:
            return apply(self._function, element)
        words = np.random.SeedSequence((self._seed, epoch, index))
        return apply(self._function, element, rng=np.random.default_rng(words))


class Subset(Step):
    """Some elements, by their numbers: a part of a split.

    Args:
        parent: an indexed node.
        rows: numbers of its elements, int64.
    """

    def __init__(self, parent: Node, rows: np.ndarray) -> None:
        super().__init__(parent)
        self.length = len(rows)
        self._rows = rows

    def element(self, epoch: int, index: int) -> Any:
        return self.parent.element(epoch, int(self._rows[index]))

    def batch(self, epoch: int, rows: np.ndarray) -> Any:
        return self.parent.batch(epoch, self._rows[rows])

    def labels(self) -> Any:
        labels = self.parent.labels()
        return None if labels is None else np.asarray(labels)[self._rows]

    def plan(self) -> Plan | None:
        before = self.parent.plan()
        if before is None:
            return None
        rows = before.rows
        return Plan(before.arrays, lambda epoch: rows(epoch)[self._rows])


class Cut(Step):
    """The elements from one number up to another: `take` and `skip`.

    Args:
        parent: where elements come from.
        start: the first one.
        stop: the one after the last; None for all the others.
    """

    def __init__(self, parent: Node, start: int, stop: int | None) -> None:
        super().__init__(parent)
        self.length = None
        if parent.length is not None:
            last = parent.length if stop is None else min(stop, parent.length)
            self.length = max(last - start, 0)
        self._start, self._stop = start, stop

    def element(self, epoch: int, index: int) -> Any:
        return self.parent.element(epoch, index + self._start)

    def batch(self, epoch: int, rows: np.ndarray) -> Any:
        return self.parent.batch(epoch, rows + self._start)

    def flow(self, epoch: int) -> Iterator[Any]:
        return itertools.islice(self.parent.flow(epoch), self._start, self._stop)

    def labels(self) -> Any:
        labels = self.parent.labels()
        return None if labels is None else labels[self._start : self._stop]

    def plan(self) -> Plan | None:
        before = self.parent.plan()
        if before is None:
            return None
        rows = before.rows
        cut = slice(self._start, self._stop)
        return Plan(before.arrays, lambda epoch: rows(epoch)[cut])


class Batched(Step):
    """Some elements after another as one, stacked.

    Args:
        parent: where elements come from.
        size: elements of a batch; the last one may have fewer.
        drop_last: leave out a last batch that has fewer.
    """

    def __init__(self, parent: Node, size: int, drop_last: bool) -> None:
        super().__init__(parent)
        self.size, self.drop_last = size, drop_last
        self.batched = True
        if parent.length not in (None, math.inf):
            whole, rest = divmod(parent.count, size)
            self.length = whole + (rest > 0 and not drop_last)

    def element(self, epoch: int, index: int) -> Any:
        rows = np.arange(index * self.size, (index + 1) * self.size)
        if self.parent.length != math.inf:
            rows = rows[rows < self.parent.count]
        return self.parent.batch(epoch, rows)

    def flow(self, epoch: int) -> Iterator[Any]:
        elements = self.parent.flow(epoch)
        while batch := list(itertools.islice(elements, self.size)):
            if len(batch) == self.size or not self.drop_last:
                yield stack(batch)


class Repeated(Step):
    """Epochs one after the other as one.

    Args:
        parent: where elements come from.
        times: how many; None for ever.
    """

    def __init__(self, parent: Node, times: int | None) -> None:
        super().__init__(parent)
        self.times = times
        if times is None:
            self.length = math.inf
        elif parent.length is not None:
            self.length = parent.length * times

    def _first(self, epoch: int) -> int:
        """The parent's epoch with which one of this begins."""
        return epoch * (self.times or 1)

    def element(self, epoch: int, index: int) -> Any:
        round_, place = divmod(index, self.parent.count)
        return self.parent.element(self._first(epoch) + round_, place)

    def batch(self, epoch: int, rows: np.ndarray) -> Any:
        rounds, places = np.divmod(rows, self.parent.count)
        if len(rows) and (rounds == rounds[0]).all():
            return self.parent.batch(self._first(epoch) + int(rounds[0]), places)
        return super().batch(epoch, rows)

    def flow(self, epoch: int) -> Iterator[Any]:
        rounds = range(self.times or 0)
        for round_ in itertools.count() if self.times is None else rounds:
            yield from self.parent.flow(self._first(epoch) + round_)

    def plan(self) -> Plan | None:
        before = self.parent.plan()
        if before is None or self.times is None:
            return None
        rows = before.rows

        def all_rows(epoch: int) -> np.ndarray:
            first = self._first(epoch)
            rounds = range(first, first + (self.times or 1))
            return np.concatenate([rows(round_) for round_ in rounds])

        return Plan(before.arrays, all_rows)


class Prefetched(Step):
    """The same elements, made before they are asked for.

    Args:
        parent: where elements come from.
        ahead: how many may be waiting.
    """

    def __init__(self, parent: Node, ahead: int) -> None:
        super().__init__(parent)
        self.ahead = max(parent.ahead, ahead)

    def element(self, epoch: int, index: int) -> Any:
        return self.parent.element(epoch, index)

    def batch(self, epoch: int, rows: np.ndarray) -> Any:
        return self.parent.batch(epoch, rows)

    def flow(self, epoch: int) -> Iterator[Any]:
        return in_background(self.parent.flow(epoch), self.ahead)

    def labels(self) -> Any:
        return self.parent.labels()

    def plan(self) -> Plan | None:
        return self.parent.plan()


def _own(leaf: Any) -> Any:
    return np.array(leaf) if isinstance(leaf, np.ndarray) else leaf
