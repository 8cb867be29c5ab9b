"""Where a loop gets its steps from: whole arrays, or a stream of batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from wubu.data import ArrayDataset, Batches, Stream
from wubu.errors import ArgumentError
from wubu.training.steps import Steps


class Advance(NamedTuple):
    """Steps that were done in one go."""

    results: Any  # of the last step
    steps: int
    samples: int


class Feed(ABC):
    """Runs the steps of one epoch, some at a time."""

    num_steps: int | None

    @abstractmethod
    def start(self, epoch: int) -> None:
        """Goes to the beginning of an epoch."""

    @abstractmethod
    def advance(
        self, steps: Steps, at_most: int, interrupt: np.ndarray
    ) -> Advance | None:
        """Does up to `at_most` steps; None when the epoch is over."""

    @abstractmethod
    def example(self) -> tuple[Any, Any, Any]:
        """(x, y, sample_weight) with the shapes and dtypes that come."""


class ArrayFeed(Feed):
    """Batches of samples from arrays."""

    def __init__(
        self, dataset: ArrayDataset, batches: Batches, num_steps: int | None = None
    ) -> None:
        self.dataset = dataset
        self.batches = batches
        self._arrays = (dataset.x, dataset.y, dataset.sample_weight)
        self._steps = len(batches) if num_steps is None else num_steps
        self.num_steps = self._steps
        self._done = 0
        self._order = np.zeros(0, np.int64)

    def start(self, epoch: int) -> None:
        self._done = 0
        per_epoch = self._steps * self.batches.batch_size
        order = self.batches.indices(epoch)
        if per_epoch > len(order) + self.batches.batch_size - 1:
            repeats = -(-per_epoch // len(order))  # more steps than the data has
            order = np.concatenate([order] * repeats)
        self._order = order[:per_epoch]

    def advance(
        self, steps: Steps, at_most: int, interrupt: np.ndarray
    ) -> Advance | None:
        size = self.batches.batch_size
        rest = self._order[self._done * size :]
        if not len(rest):
            return None
        whole = min(at_most, len(rest) // size)
        rows = rest[: whole * size].reshape(whole, size) if whole else rest[None]
        results, done = steps.samples(self._arrays, rows, interrupt)
        self._done += done
        return Advance(results, done, done * rows.shape[1])

    def example(self) -> tuple[Any, Any, Any]:
        x, y, sample_weight = self.dataset.take(slice(0, 1))
        return x, y, sample_weight


class StreamFeed(Feed):
    """Batches as they come from a generator or another iterable."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.num_steps = stream.num_batches
        self._batches: Iterator[Any] = iter(())

    def start(self, epoch: int) -> None:
        self._batches = self.stream.batches(epoch)

    def advance(
        self, steps: Steps, at_most: int, interrupt: np.ndarray
    ) -> Advance | None:
        batch = next(self._batches, None)
        if batch is None:
            return None
        data = (batch.x, batch.y, batch.sample_weight)
        return Advance(steps.batch(data), 1, _num_samples(batch.x))

    def example(self) -> tuple[Any, Any, Any]:
        x, y, sample_weight = self.stream.first
        return x, y, sample_weight


def make_feed(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    batch_size: int | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    num_steps: int | None = None,
) -> Feed:
    """The feed for whatever `fit`, `evaluate` or `predict` was given.

    Raises:
        ArgumentError: targets or a batch size beside something that yields batches.
        DataError, DTypeError: samples that cannot be computed with.
    """
    if isinstance(x, ArrayDataset):
        dataset = x
    elif _yields_batches(x):
        given = {"y": y, "sample_weight": sample_weight, "batch_size": batch_size}
        for name, value in given.items():
            if value is not None:
                raise ArgumentError(
                    f"{name} cannot be given beside something that yields batches",
                    got=f"x of type {type(x).__name__}",
                    fix=f"yield it: (x, y) or (x, y, sample_weight); leave out {name}",
                )
        return StreamFeed(Stream(x, steps_per_epoch=num_steps))
    else:
        dataset = ArrayDataset(x, y, sample_weight)
    batches = Batches(
        dataset.num_samples,
        32 if batch_size is None else batch_size,
        shuffle=shuffle,
        seed=seed,
    )
    return ArrayFeed(dataset, batches, num_steps)


def _yields_batches(x: Any) -> bool:
    if isinstance(x, list | tuple | dict | np.ndarray) or x is None:
        return False
    array_like = any(hasattr(x, name) for name in ("numpy", "to_numpy", "__array__"))
    return (hasattr(x, "__iter__") or _is_sequence(x)) and not array_like


def _is_sequence(x: Any) -> bool:
    return hasattr(x, "__len__") and hasattr(x, "__getitem__")


def _num_samples(x: Any) -> int:
    while isinstance(x, list | tuple | dict):
        x = next(iter(x.values())) if isinstance(x, dict) else x[0]
    return len(x)
