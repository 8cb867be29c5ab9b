"""How many steps to do before looking up: few enough for a lively display, many enough
that looking up costs nothing."""

from __future__ import annotations

import time

_SHORT, _LONG = 0.1, 0.25  # seconds between looks
_LEAP = 8  # times as many steps at once, where looks are much too frequent


class Pace:
    """Chooses the number of steps for the next call, by how long others took."""

    def __init__(self) -> None:
        self._steps = 1
        self._started = 0.0

    def next(self) -> int:
        """How many steps to do now."""
        self._started = time.perf_counter()
        return self._steps

    def done(self, steps: int) -> None:
        """Tells how many were done since `next`."""
        seconds = time.perf_counter() - self._started
        if steps < self._steps:
            return
        if seconds < _SHORT / _LEAP:
            self._steps *= _LEAP
        elif seconds < _SHORT:
            self._steps *= 2
        elif seconds > _LONG:
            self._steps = max(1, self._steps // 2)
