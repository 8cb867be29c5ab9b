"""Where elements come from: arrays, things that are made one by one, and iterables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from wubu.data.elements import leaves_of, parts_of, refilled
from wubu.data.pipeline.node import Node, Plan
from wubu.errors import DataError, WubuError


class Arrays(Node):
    """The rows of arrays in memory or in memory maps, which are never copied whole.

    Args:
        arrays: a structure (`elements.py`) whose leaves have one length.
    """

    def __init__(self, arrays: Any) -> None:
        self.arrays = arrays
        self.leaves: list[np.ndarray] = leaves_of(arrays)
        self.length = len(self.leaves[0])

    def element(self, epoch: int, index: int) -> Any:
        return refilled(self.arrays, (leaf[index] for leaf in self.leaves))

    def batch(self, epoch: int, rows: np.ndarray) -> Any:
        return refilled(self.arrays, (_rows(leaf, rows) for leaf in self.leaves))

    def labels(self) -> Any:
        parts = parts_of(self.arrays)
        return parts[1] if len(parts) > 1 else None

    def plan(self) -> Plan | None:
        order = np.arange(self.count, dtype=np.int64)
        return Plan(lambda: self.arrays, lambda epoch: order)


class Made(Node):
    """Samples that a function makes, each by its number: files that are decoded.

    Args:
        make: the sample of a number; called in threads.
        length: how many there are.
        labels: of the samples, if `make` gives `(x, y)` and they are known.
        name: what errors call the sample of a number.
        workers: threads.
    """

    def __init__(
        self,
        make: Callable[[int], Any],
        length: int,
        *,
        labels: Any = None,
        name: Callable[[int], str] | None = None,
        workers: int = 0,
    ) -> None:
        self.length = length
        self.workers = workers
        self.ahead = 2 * workers
        self._make, self._labels, self._name = make, labels, name

    def element(self, epoch: int, index: int) -> Any:
        try:
            return self._make(index)
        except WubuError as error:
            if self._name is not None and error.where is None:
                error.where = self._name(index)
            raise

    def labels(self) -> Any:
        return self._labels


class Windows(Node):
    """Batches' worth of rows at once, by a function of row numbers.

    Args:
        gather: the stacked elements of rows, int64.
        length: how many there are.
    """

    def __init__(self, gather: Callable[[np.ndarray], Any], length: int) -> None:
        self.length = length
        self._gather = gather

    def element(self, epoch: int, index: int) -> Any:
        batch = self.batch(epoch, np.array([index]))
        return refilled(batch, (leaf[0] for leaf in leaves_of(batch)))

    def batch(self, epoch: int, rows: np.ndarray) -> Any:
        return self._gather(np.asarray(rows, np.int64))


class Iterated(Node):
    """The elements of an iterable, read anew for every epoch where that is possible.

    Args:
        source: an iterable, or a function without arguments that gives one.
        length: elements of an epoch, if it is known.
        batched: whether its elements are batches.
    """

    indexed = False

    def __init__(
        self,
        source: Iterable[Any] | Callable[[], Iterable[Any]],
        length: int | None = None,
        batched: bool = False,
    ) -> None:
        self.length = length
        self.batched = batched
        self._source = source
        self._begun = False

    def flow(self, epoch: int) -> Iterator[Any]:
        source = self._source() if callable(self._source) else self._source
        if isinstance(source, Iterator) and source is self._source:
            if self._begun:
                raise DataError(
                    "the generator has been read, and cannot be read again",
                    fix="give the function that makes it: "
                    "Dataset.from_generator(function), without calling it",
                )
            self._begun = True
        return iter(source)


def _rows(leaf: np.ndarray, rows: np.ndarray) -> np.ndarray:
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and (np.diff(rows) == 1).all():
        return leaf[rows[0] : rows[-1] + 1]  # a view
    if leaf.flags.c_contiguous:
        return np.take(leaf, rows, axis=0)
    return leaf[rows]  # np.take would first make a contiguous copy of the whole


def check_lengths(leaves: Sequence[np.ndarray]) -> None:
    """Refuse arrays without rows, and arrays of differing lengths.

    Raises:
        DataError: names the lengths.
    """
    if any(leaf.ndim == 0 for leaf in leaves):
        raise DataError("a single number has no samples", expected="arrays of samples")
    lengths = [len(leaf) for leaf in leaves]
    if not lengths or len(set(lengths)) > 1 or lengths[0] == 0:
        raise DataError(
            "the arrays do not have the same samples",
            expected="one number of samples, at least 1",
            got=f"lengths {', '.join(map(str, lengths)) or 'of no arrays'}",
        )
