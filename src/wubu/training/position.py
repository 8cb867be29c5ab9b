"""Where training goes on that was begun in another process."""

from __future__ import annotations

from typing import NamedTuple


class Position(NamedTuple):
    """A place in training."""

    epoch: int
    step: int = 0  # how many steps of the epoch were done
    seed: int | None = None  # of the order of samples; None for the present one
