"""Counting batches, for callbacks that do something after every so many."""

from __future__ import annotations


class Every:
    """Whether so many batches have passed; counted on from epoch to epoch.

    Args:
        batches: how many; None for never.

    Example:
        >>> every = Every(3)
        >>> [every.passed(batch) for batch in range(4)]
        [False, False, True, False]
        >>> every.begin()
        >>> every.passed(1)  # two at once
        True
    """

    def __init__(self, batches: int | None) -> None:
        self._batches = batches
        self._last = -1
        self.waiting = 0  # batches

    def begin(self, done: int = 0) -> None:
        """To be told when an epoch begins, after so many of its batches."""
        self._last = done - 1

    def passed(self, batch: int) -> bool:
        """Whether it is time, after the batch of this number; several may have passed
        since the last one, with steps_per_execution."""
        self.waiting += batch - self._last
        self._last = batch
        if self._batches is None or self.waiting < self._batches:
            return False
        self.waiting = 0
        return True
