"""Work done in threads ahead of whoever wants its results, in order.

Decoding a picture and gathering samples leave Python's lock to others while they run,
and so do compiled steps: batches are made while the program runs.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import repeat
from typing import Any, TypeVar

from wubu.errors import DataError

Item = TypeVar("Item")
Result = TypeVar("Result")

_END: Any = object()


def num_cpus() -> int:
    """How many processors this process may use.

    Example:
        >>> num_cpus() >= 1
        True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int,
    ahead: int = 0,
) -> Iterator[Result]:
    """`map(function, items)`, computed by threads before it is asked for.

    `items` is read by the caller's thread. Where the iterator is closed or dropped,
    what has not begun is given up.

    Args:
        function: called in the threads, for several items at the same time.
        items: may be endless.
        workers: how many threads; 0 computes when asked, without any.
        ahead: how many results may be waiting; at least one for each thread.

    Raises:
        DataError: `function` raised StopIteration, which would end the epoch unseen.

    Example:
        >>> list(in_order(abs, [-1, 2, -3], workers=2))
        [1, 2, 3]
    """
    if not workers:
        for item in items:
            yield _called(function, item)
        return
    pool = ThreadPoolExecutor(workers, thread_name_prefix="wubu-data")
    pending: deque[Future[Result]] = deque()
    try:
        for item in items:
            pending.append(pool.submit(_called, function, item))
            if len(pending) > max(ahead, workers):
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def in_background(source: Iterator[Item], ahead: int) -> Iterator[Item]:
    """The items of an iterator that a thread of its own reads ahead."""
    given = in_order(lambda _: next(source, _END), repeat(None), 1, ahead)
    for item in given:
        if item is _END:
            return
        yield item


def _called(function: Callable[[Item], Result], item: Item) -> Result:
    try:
        return function(item)
    except StopIteration as error:
        raise DataError(
            "a function that makes elements raised StopIteration",
            expected="an element for every call",
            fix="look for a next() without a default in what is mapped, or in "
            "__getitem__",
        ) from error
