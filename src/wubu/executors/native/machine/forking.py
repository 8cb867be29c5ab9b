"""Forks while another thread compiles: the child gets LLVM whole, and not locked.

llvmlite lets one thread into LLVM at a time. A thread that is inside when the process
forks does not exist in the child, where nobody would ever unlock: so forks wait until
nobody is inside. (`workers.py` sees to the threads that run programs.)

Where each thread has an LLVM context of its own several may well be inside at once.
`inside` is for those that go without llvmlite's lock; forks wait for them too.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any

from llvmlite.binding import ffi


def _lock_of_llvm() -> Any:
    """llvmlite's lock; it has no public name."""
    return getattr(getattr(ffi.lib, "_lock", None), "_lock", None)


_lock = _lock_of_llvm()
_gate = threading.Condition()
_inside: list[int] = []  # threads


@contextlib.contextmanager
def inside() -> Iterator[None]:
    """Around what a thread does in LLVM without llvmlite's lock."""
    me = threading.get_ident()
    try:
        with _gate:
            _inside.append(me)
        yield
    finally:
        with _gate:
            if me in _inside:
                _inside.remove(me)
            _gate.notify_all()


def _before() -> None:
    """Waits for others; a signal's handler may fork where its own thread is inside."""
    _gate.acquire()
    while any(one != threading.get_ident() for one in _inside):
        _gate.wait()
    _lock.acquire()


def _after() -> None:
    _lock.release()
    _gate.release()


if _lock is not None and hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after)
