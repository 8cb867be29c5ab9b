"""Forks while another thread compiles: the child gets LLVM whole, and not locked.

llvmlite lets one thread into LLVM at a time. A thread that is inside when the process
forks does not exist in the child, where nobody would ever unlock: so forks wait until
nobody is inside. (`workers.py` sees to the threads that run programs.)
"""

from __future__ import annotations

import os
from typing import Any

from llvmlite.binding import ffi


def _lock_of_llvm() -> Any:
    """llvmlite's lock; it has no public name."""
    return getattr(getattr(ffi.lib, "_lock", None), "_lock", None)


_lock = _lock_of_llvm()
if _lock is not None and hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_lock.acquire,
        after_in_parent=_lock.release,
        after_in_child=_lock.release,
    )
