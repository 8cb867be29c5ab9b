"""`Node`: one place of a pipeline, which gives elements by number or one by one.

A pipeline is a chain of nodes: a source (`sources.py`) and steps behind it (`steps.py`,
`shuffled.py`, `cached.py`), each of which knows the node before it.

Where the source can be indexed, so can every step: `element(epoch, index)` is a
function of its arguments alone, whatever was read before. So batches may be made by
several threads at once, a run may be taken up in the middle of an epoch, and any epoch
can be had again. Other sources, as generators, are read from their beginning: `flow`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from wubu.data.elements import stack
from wubu.data.read_ahead import in_order


class Plan(NamedTuple):
    """A pipeline as arrays and the order in which an epoch takes their rows: no Python
    code is needed between them and the training step."""

    arrays: Callable[[], Any]  # one element of the batch of all samples
    rows: Callable[[int], np.ndarray]  # of an epoch: int64


class Node:
    """One place of a pipeline.

    Attributes:
        length: elements of an epoch; None where nobody knows, infinite where they do
            not end.
        indexed: whether `element` can be asked for.
        workers: threads that make elements; 0 for none.
        ahead: how many elements are made before they are asked for.
        batched: whether elements are batches.
    """

    length: int | float | None
    indexed: bool = True
    workers: int = 0
    ahead: int = 0
    batched: bool = False

    @property
    def count(self) -> int:
        """`length`, where it is a number."""
        assert self.length is not None and not math.isinf(self.length)
        return int(self.length)

    def element(self, epoch: int, index: int) -> Any:
        """An element of an epoch, both counted from 0; where indexed."""
        raise NotImplementedError

    def batch(self, epoch: int, rows: np.ndarray) -> Any:
        """Some elements, stacked."""
        return stack([self.element(epoch, int(row)) for row in rows])

    def flow(self, epoch: int) -> Iterator[Any]:
        """All elements of an epoch, read from the beginning; where not indexed."""
        raise NotImplementedError

    def elements(self, epoch: int, start: int = 0) -> Iterator[Any]:
        """The elements of an epoch from the given one on, made ahead by threads."""
        if not self.indexed:
            yield from itertools.islice(self.flow(epoch), start, None)
            return
        endless = self.length == math.inf
        rows = itertools.count(start) if endless else range(start, self.count)
        workers = self.workers or min(self.ahead, 1)
        yield from in_order(
            lambda index: self.element(epoch, index), rows, workers, self.ahead
        )

    def labels(self) -> Any:
        """What is to be predicted, for every sample, if that is known without making
        the samples; else None."""
        return None

    def plan(self) -> Plan | None:
        """The pipeline as arrays and rows, where it can be had so."""
        return None


class Step(Node):
    """A node behind another one, of which it has what it does not change."""

    def __init__(self, parent: Node) -> None:
        self.parent = parent
        self.length = parent.length
        self.indexed = parent.indexed
        self.workers = parent.workers
        self.ahead = parent.ahead
        self.batched = parent.batched
