"""How many steps to do before looking up: few enough for a lively display, many enough
that looking up costs nothing."""

from __future__ import annotations

import time

_SHORT, _LONG = 0.05, 0.15  # seconds between looks


class Pace:
    """Chooses the number of steps for the next call.

    Args:
        fixed: so many at a time, where callbacks want to be told of batches.
    """

    def __init__(self, fixed: int | None = None) -> None:
        self._fixed = fixed
        self._steps = 1
        self._started = 0.0

    def next(self) -> int:
        """How many steps to do now."""
        self._started = time.perf_counter()
        return self._fixed or self._steps

    def done(self, steps: int) -> None:
        """Tells how many were done since `next`."""
        seconds = time.perf_counter() - self._started
        if steps < self._steps:
            return
        if seconds < _SHORT:
            self._steps *= 2
        elif seconds > _LONG:
            self._steps = max(1, self._steps // 2)
