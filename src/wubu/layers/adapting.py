"""What `adapt(data)` goes through: one array, batches, or a `Dataset`, as arrays; and
how compiled code hears that it found something new."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from wubu.core.modes import active_trace
from wubu.layers.strings import array_of


def batches_of(data: Any, steps: int | None = None) -> Iterator[np.ndarray]:
    """The arrays in which data come, samples along their first axis.

    Args:
        data: an array, a tensor, nested lists of numbers or of strings; or an iterable
            of batches, as a list of arrays, a generator, or a Dataset. Of a tuple the
            first part counts, as x of (x, y). A Dataset that was not batched gives one
            sample at a time.
        steps: batches at most.

    Example:
        >>> [b.tolist() for b in batches_of([np.arange(2), np.arange(3)])]
        [[0, 1], [0, 1, 2]]
        >>> [b.tolist() for b in batches_of([["a", "b"], ["b", "c"]])]
        [[['a', 'b'], ['b', 'c']]]
    """
    if not _comes_in_batches(data):
        yield array_of(data)
        return
    single = getattr(data, "batched", True) is False
    for part in islice(data, steps):
        array = array_of(part[0] if isinstance(part, tuple) else part)
        yield array[None] if single else np.atleast_1d(array)


def _comes_in_batches(data: Any) -> bool:
    """Whether this is not an array, nor nested lists."""
    if hasattr(data, "shape"):
        return False
    if isinstance(data, list | tuple):
        return any(hasattr(part, "shape") or isinstance(part, tuple) for part in data)
    return not isinstance(data, str | bytes)


def depends_on(layer: Any, name: str) -> None:
    """Says that what is being compiled holds for the present value of an attribute."""
    trace = active_trace()
    if trace is not None:
        trace.depends_on(layer, name)
