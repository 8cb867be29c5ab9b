"""Ctrl-C stops training after the running step, and keeps what was learned."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np


class Interrupt:
    """Whether Ctrl-C was pressed. `flag` is what compiled loops look at."""

    def __init__(self) -> None:
        self.flag = np.zeros(1, np.int32)

    def __bool__(self) -> bool:
        return bool(self.flag[0])


@contextlib.contextmanager
def interruptible() -> Iterator[Interrupt]:
    """Inside, the first Ctrl-C sets a flag; the second raises KeyboardInterrupt.

    Outside the main thread, where Python handles no signals, nothing changes.
    """
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    before: Any = signal.getsignal(signal.SIGINT)
    if before not in (signal.default_int_handler, None):
        yield interrupt  # somebody else's handler, or Ctrl-C ignored: leave it
        return

    def handle(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, before)
        interrupt.flag[0] = 1

    signal.signal(signal.SIGINT, handle)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
