"""How many steps to do before looking up: few enough for a lively display, many enough
that looking up costs nothing."""

from __future__ import annotations

import time

_SHORT, _LONG = 0.05, 0.15  # seconds between looks


class Pace:
    """Chooses the number of steps for the next call.

    Args:
        at_most: an upper bound, 1 where callbacks want every batch.
    """

    def __init__(self, at_most: int | None = None) -> None:
        self._at_most = at_most
        self._steps = 1
        self._started = 0.0

    def next(self) -> int:
        """How many steps to do now."""
        self._started = time.perf_counter()
        return self._steps if self._at_most is None else min(self._steps, self._at_most)

    def done(self, steps: int) -> None:
        """Tells how many were done since `next`."""
        seconds = time.perf_counter() - self._started
        if steps < self._steps:
            return
        if seconds < _SHORT:
            self._steps *= 2
        elif seconds > _LONG:
            self._steps = max(1, self._steps // 2)
