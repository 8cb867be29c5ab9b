"""How much memory there is, and the error where more is asked for.

Systems hand out memory that they do not have, and end the process that uses it. So more
than there can be is not even asked for.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from wubu.errors import OutOfMemoryError

_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")


class Limit(NamedTuple):
    """The most memory that this process can have.

    Attributes:
        size: in bytes.
        whose: what sets the limit, in words that go before a number.
    """

    size: int
    whose: str


def memory_limit() -> Limit | None:
    """The lowest limit that the system tells of: of the machine, of the group of
    processes (a container's, for instance), and of this process."""
    limits = [
        Limit(size, whose)
        for size, whose in (
            (_of_machine(), "this machine has"),
            (_of_group(), "this container may use"),
            (_of_process(), "ulimit allows this process"),
        )
        if size is not None
    ]
    return min(limits, default=None)


@functools.cache
def _of_machine() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


@functools.cache  # these files are read slowly, and hardly ever change
def _of_group(root: Path = _GROUPS, own: Path = _OWN_GROUPS) -> int | None:
    """The lowest limit of a control group of Linux and of those around it; of version 2
    (`memory.max`) or 1 (`memory.limit_in_bytes`)."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return None
    found = []
    for line in lines:
        _, kinds, path = line.split(":", 2)
        if kinds and "memory" not in kinds.split(","):
            continue
        top = root / "memory" if kinds else root
        name = "memory.limit_in_bytes" if kinds else "memory.max"
        folder = top / path.lstrip("/")
        # In a container the path may be one that is seen from outside only.
        for place in (folder, *folder.parents):
            with contextlib.suppress(OSError, ValueError):  # "max": there is none
                found.append(int((place / name).read_text()))
            if place == top:
                break
    return min(found, default=None)


def _of_process() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def _taken() -> int | None:
    """What this process uses already, in bytes, where the system tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return None


@contextlib.contextmanager
def enough_memory(
    size: int, what: str, purpose: str, fix: Callable[[], str], where: str = ""
) -> Iterator[None]:
    """Inside, so many bytes are allocated; says so if they are not there.

    Args:
        size: in bytes.
        what: what there may be too little memory for, as "the weights".
        purpose: what exactly takes the bytes.
        fix: says how to need less of them.
        where: the layer or the line.

    Raises:
        OutOfMemoryError: there is not so much memory.

    Example:
        >>> with enough_memory(  # doctest: +ELLIPSIS
        ...     2**60, "all", "a table", lambda: "a smaller table"
        ... ):
        ...     pass
        Traceback (most recent call last):
        ...
        wubu.errors.OutOfMemoryError: there is not enough memory for all
          got       1,152,921,504.6 GB for a table; ...
          fix       a smaller table
    """
    if exceeds_limit(size):
        raise not_enough(size, what, purpose, fix(), where)
    try:
        yield
    except MemoryError as error:
        raise not_enough(size, what, purpose, fix(), where) from error


def exceeds_limit(size: int) -> bool:
    """Whether there can never be so many bytes."""
    limit = memory_limit()
    return limit is not None and size > limit.size


def not_enough(
    size: int, what: str, purpose: str, fix: str, where: str = ""
) -> OutOfMemoryError:
    """The error for bytes that are not there; arguments as for `enough_memory`."""
    limit = memory_limit()
    got = [f"{amount(size)} for {purpose}"]
    if limit is not None:
        got.append(f"{limit.whose} {amount(limit.size)}")
    taken = _taken()
    if taken is not None:
        got.append(f"this process uses {amount(taken)} already")
    few = limit is not None and size < limit.size // 10
    free = "keep less in memory: this takes little, it is full of other things"
    return OutOfMemoryError(
        f"there is not enough memory for {what}",
        where=where or None,
        got="; ".join(got),
        fix=free if few else fix,
    )


def raise_not_enough(
    operation: str, error: MemoryError, inputs: Sequence[Any], where: str | None
) -> NoReturn:
    """Raises the error for an operation that NumPy has no memory for; a MemoryError of
    another kind, as a function of the user's may raise, as it is.

    Args:
        error: NumPy's.
        inputs: what it is given; the shapes of arrays among it are told, unless they
            were made as large as the result before.
        where: the layer or the line.
    """
    if type(error) is not MemoryError and not _is_numpys(error):
        raise error
    fix = "compute with smaller arrays, for instance with fewer samples at a time"
    shape, dtype = getattr(error, "shape", None), getattr(error, "dtype", None)
    if shape is None or dtype is None:
        what = f"there is not enough memory for {operation}"
        got = str(error) or None
        raise OutOfMemoryError(what, where=where, got=got, fix=fix) from error
    purpose = f"an array of shape {tuple(shape)}, {dtype}"
    given = [x.shape for x in inputs if getattr(x, "shape", shape) != shape]
    if given:
        purpose += f", made from {' and '.join(map(str, given))}"
    size = math.prod(shape) * dtype.itemsize
    raise not_enough(size, operation, purpose, fix, where or "") from error


def _is_numpys(error: MemoryError) -> bool:
    return type(error).__module__.partition(".")[0] == "numpy"


def amount(size: int) -> str:
    """Bytes, for people.

    Example:
        >>> amount(2_500_000_000), amount(12_800_000), amount(900)
        ('2.5 GB', '12.8 MB', '0.9 KB')
    """
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size / 1e3:,.1f} KB"
