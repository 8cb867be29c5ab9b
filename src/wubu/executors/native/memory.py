"""Where values live: offsets are decided while code is emitted, memory is one block for
each thread.

Scratch is used again when a value has been read for the last time. Padded values keep a
place of their own: their borders are zero from the start and nobody writes there.
"""

from __future__ import annotations

_ALIGN = 64


def aligned(size: int) -> int:
    """The size rounded up to whole cache lines."""
    return -(-size // _ALIGN) * _ALIGN


class Arena:
    """Hands out offsets and takes them back.

    Example:
        >>> arena = Arena()
        >>> a = arena.take(100); b = arena.take(10)
        >>> arena.give(a); arena.take(64)
        0
        >>> arena.size
        192
    """

    def __init__(self) -> None:
        self.size = 0
        self._free: list[tuple[int, int]] = []  # (offset, size), by offset
        self._taken: dict[int, int] = {}

    def take(self, size: int) -> int:
        """The offset of a new place of this many bytes."""
        size = max(aligned(size), _ALIGN)
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
