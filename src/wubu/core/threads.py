"""How many threads compiled functions run on."""

from __future__ import annotations

import os
from collections.abc import Mapping

from wubu.core.settings import change, settings
from wubu.errors import ArgumentError

MOST_THREADS = 256


def set_num_threads(number: int | None) -> None:
    """Sets how many threads compiled functions run on, those with much to do.

    Functions and models that are compiled already are compiled once more for another
    number, and found again for one that they were compiled for. The same seed gives the
    same bits for the same number only; see `use_deterministic_algorithms`.

    Args:
        number: of threads; None for the default, which is `WUBU_THREADS` or else as
            many as this process may use CPUs.

    Raises:
        ArgumentError: no whole number, below 1 or above 256.

    Example:
        >>> import wubu
        >>> wubu.set_num_threads(2)
        >>> wubu.get_num_threads()
        2
        >>> wubu.set_num_threads(None)
    """
    whole = isinstance(number, int) and not isinstance(number, bool)
    if number is not None and not (whole and 1 <= number <= MOST_THREADS):
        raise ArgumentError(
            "this is no number of threads",
            expected=f"a whole number from 1 to {MOST_THREADS}, or None",
            got=repr(number),
        )
    change(threads=number)


def get_num_threads() -> int:
    """How many threads compiled functions run on: what `set_num_threads` has set, else
    the default.

    Raises:
        ArgumentError: `WUBU_THREADS` is no number from 1 to 256.
    """
    return settings().threads or default_threads()


def default_threads(environment: Mapping[str, str] = os.environ) -> int:
    """`WUBU_THREADS`, else the CPUs of this process.

    Raises:
        ArgumentError: the variable is no number from 1 to 256.
    """
    asked = environment.get("WUBU_THREADS", "").strip()
    if asked:
        if not asked.isdecimal() or not 1 <= int(asked) <= MOST_THREADS:
            raise ArgumentError(
                "the environment variable WUBU_THREADS is not a number of threads",
                expected=f"a whole number from 1 to {MOST_THREADS}",
                got=asked,
            )
        return int(asked)
    return min(_cpus(), MOST_THREADS)


def _cpus() -> int:
    """The CPUs that this process may use."""
    if hasattr(os, "process_cpu_count"):  # Python 3.13
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
