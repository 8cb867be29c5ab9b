"""`Programs`: the compiled programs of one function, found by the signature of a call.

Threads may look for programs and add them at the same time; compiling is done outside.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from wubu.core.recording import Recorded
from wubu.errors import ArgumentError

# One for all tables, held for a few lookups at a time: a fork waits for it, so that it
# is free in the child, where the thread that holds it would not exist.
_lock = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_lock.acquire,
        after_in_parent=_lock.release,
        after_in_child=_lock.release,
    )


class Compiled(NamedTuple):
    """A program for one signature, and what it was traced from."""

    recorded: Recorded
    program: Any

    def finish(self, arrays: Sequence[np.ndarray]) -> Any:
        for variable in self.recorded.cleared:
            variable.grad = None
        return self.recorded.assemble(arrays)


class Programs:
    """A bounded table; the signature that was not called for longest is forgotten.

    Args:
        limit: how many programs are kept.
    """

    def __init__(self, limit: int) -> None:
        whole = isinstance(limit, int) and not isinstance(limit, bool)
        if not whole or limit < 1:
            raise ArgumentError(
                "max_programs says how many programs are kept",
                expected="an integer, at least 1",
                got=repr(limit),
            )
        self.limit = limit
        self._table: OrderedDict[Hashable, list[Compiled]] = OrderedDict()
        self._outdated = 0
        self._last: tuple[Hashable, Compiled] | None = None  # what was found last

    def __len__(self) -> int:
        with _lock:
            return self._size()

    def _size(self) -> int:
        return sum(len(programs) for programs in self._table.values())

    def find(self, key: Hashable) -> Compiled | None:
        """The program for a signature, if one fits the state of things outside it."""
        last = self._last
        if last is not None and last[0] == key and last[1].recorded.fits():
            return last[1]  # it is the newest in the table already
        with _lock:
            if key not in self._table:
                return None
            self._table.move_to_end(key)
            candidates = list(self._table[key])
        found = next((c for c in candidates if c.recorded.fits()), None)
        self._last = None if found is None else (key, found)
        return found

    def add(self, key: Hashable, compiled: Compiled, name: str) -> str:
        """Keeps a new program. Returns what to warn of, or an empty text."""
        with _lock:
            before, self._last = self._table.pop(key, []), None
            # One whose constants were changed fits never again.
            kept = [c for c in before if c.recorded.unchanged]
            self._table[key] = [*kept, compiled]
            self._outdated += len(before) - len(kept)
            crowded = self._size() > self.limit
            while self._size() > self.limit:
                self._forget_oldest()
        if crowded:
            return (
                f"{name} has been compiled for more than {self.limit} signatures; "
                "shapes or Python numbers among its arguments keep changing. Pad to "
                "fixed shapes, and pass numbers that change as arrays."
            )
        if len(before) > len(kept) and self._outdated % self.limit == 0:
            return (
                f"{name} has been compiled anew {self._outdated} times because a "
                "tensor it uses from outside was changed in place. Pass the tensor as "
                "an argument, or make it a wubu.Variable."
            )
        return ""

    def _forget_oldest(self) -> None:
        # The newest program is the last of the last key: it goes first only if alone.
        oldest = next(iter(self._table))
        del self._table[oldest][0]
        if not self._table[oldest]:
            del self._table[oldest]
