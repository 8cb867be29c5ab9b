"""Where values live: offsets are decided while code is emitted, memory is one block for
each thread.

Scratch is used again when a value has been read for the last time. Padded values keep a
place of their own: their borders are zero from the start and nobody writes there.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator

import numpy as np

from wubu.core import memory
from wubu.core.graph import Graph
from wubu.executors.native.machine.slots import address
from wubu.executors.native.planning.axes import batch_axes

_ALIGN = 64


def aligned(size: int) -> int:
    """The size rounded up to whole cache lines."""
    return -(-size // _ALIGN) * _ALIGN


def zeroed(size: int) -> np.ndarray:
    """Bytes of zero at the start of a cache line."""
    raw = np.zeros(size + _ALIGN, np.uint8)
    start = -address(raw) % _ALIGN
    return raw[start : start + size]


class Arena:
    """Hands out offsets and takes them back.

    Args:
        taken: told the size of every place that is handed out.

    Example:
        >>> arena = Arena()
        >>> a = arena.take(100); b = arena.take(10)
        >>> arena.give(a); arena.take(64)
        0
        >>> arena.size
        192
    """

    def __init__(self, taken: Callable[[int], None] = lambda size: None) -> None:
        self.size = 0
        self._told = taken
        self._free: list[tuple[int, int]] = []  # (offset, size), by offset
        self._taken: dict[int, int] = {}

    def take(self, size: int) -> int:
        """The offset of a new place of this many bytes."""
        size = max(aligned(size), _ALIGN)
        self._told(size)
        fitting = [(room, at) for at, room in self._free if room >= size]
        if fitting:
            room, offset = min(fitting)
            self._free.remove((offset, room))
            if room > size:
                self._free.append((offset + size, room - size))
        else:
            offset = self.size
            self.size += size
        self._taken[offset] = size
        return offset

    def give(self, offset: int) -> None:
        """Takes a place back."""
        self._free.append((offset, self._taken.pop(offset)))
        self._free.sort()
        joined: list[tuple[int, int]] = []
        for at, room in self._free:
            if joined and joined[-1][0] + joined[-1][1] == at:
                joined[-1] = (joined[-1][0], joined[-1][1] + room)
            else:
                joined.append((at, room))
        self._free = joined


@contextlib.contextmanager
def enough_memory(size: int, graph: Graph, threads: int) -> Iterator[None]:
    """Inside, so many bytes are allocated for a graph; says so if they are not there.

    Raises:
        OutOfMemoryError: there is not so much memory.
    """
    purpose = "intermediate values and results"
    fix = functools.partial(_how_to_need_less, graph, threads)
    with memory.enough_memory(size, f"a run of {graph.name}", purpose, fix):
        yield


def _how_to_need_less(graph: Graph, threads: int) -> str:
    batch = next((v.shape[axis] for v, axis in batch_axes(graph).items()), None)
    fixes = []
    if batch is not None and batch > 1:
        fixes.append(f"a smaller batch than {batch}")
    if threads > 1:
        fixes.append(f"fewer threads than {threads}, as by wubu.set_num_threads(1)")
    return ", or ".join(fixes) or "compute with smaller arrays"
