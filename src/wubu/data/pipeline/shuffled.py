"""Another order in every epoch, which is a function of seed and epoch alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from wubu.data.batching import Batches, random_words
from wubu.data.pipeline.node import Node, Plan, Step
from wubu.errors import ArgumentError
from wubu.ops.random import current_seed


class Shuffled(Step):
    """Elements in another order.

    Of an indexed source all elements are exchanged, in the order of `Batches`. Of
    others as many as fit into a buffer wait there, and each time one of them, drawn at
    random, goes on.

    Args:
        parent: what is shuffled.
        buffer_size: elements that wait, where the source is not indexed.
        seed: of the orders; None takes the one of `wubu.set_random_seed`.
        anew: whether every epoch has another order.
    """

    def __init__(
        self, parent: Node, buffer_size: int | None, seed: int | None, anew: bool
    ) -> None:
        super().__init__(parent)
        if self.length == math.inf:
            raise ArgumentError(
                "endless elements have no order to change",
                fix="put shuffle() before repeat()",
            )
        if not self.indexed and buffer_size is None:
            raise ArgumentError(
                "the elements of a generator cannot all be shuffled",
                fix="say how many may wait in memory: shuffle(buffer_size=1000)",
            )
        self._buffer_size = buffer_size or 1
        self._seed, self._anew = seed, anew
        self._last: tuple[tuple[int, int], np.ndarray] | None = None

    def _key(self, epoch: int) -> tuple[int, int]:
        seed = current_seed() % 2**64 if self._seed is None else self._seed
        return seed, epoch if self._anew else 0

    def _order(self, epoch: int) -> np.ndarray:
        key, last = self._key(epoch), self._last
        if last is None or last[0] != key:
            # Threads that come here together find the same; the last one stays.
            order = Batches(self.count, 1, shuffle=True, seed=key[0])
            last = self._last = (key, order.indices(key[1]))
        return last[1]

    def element(self, epoch: int, index: int) -> Any:
        return self.parent.element(epoch, int(self._order(epoch)[index]))

    def batch(self, epoch: int, rows: np.ndarray) -> Any:
        return self.parent.batch(epoch, self._order(epoch)[rows])

    def flow(self, epoch: int) -> Iterator[Any]:
        seed, number = self._key(epoch)
        words = _endless_words(seed, number)
        buffer: list[Any] = []
        for element in self.parent.flow(epoch):
            buffer.append(element)
            if len(buffer) >= self._buffer_size:
                yield _drawn(buffer, words)
        while buffer:
            yield _drawn(buffer, words)

    def labels(self) -> Any:
        return None  # they would have to be in an order that changes

    def plan(self) -> Plan | None:
        before = self.parent.plan()
        if before is None:
            return None
        rows = before.rows
        return Plan(before.arrays, lambda epoch: rows(epoch)[self._order(epoch)])


def _drawn(buffer: list[Any], words: Iterator[int]) -> Any:
    place = next(words) % len(buffer)
    buffer[place], buffer[-1] = buffer[-1], buffer[place]
    return buffer.pop()


def _endless_words(seed: int, epoch: int) -> Iterator[int]:
    count = 256
    start = 0
    while True:
        yield from random_words(seed, epoch, count)[start:].tolist()
        start, count = count, 2 * count
