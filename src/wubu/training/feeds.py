"""Where a loop gets its steps from: whole arrays, or a stream of batches.

A `Dataset` that is no more than arrays in some order counts as arrays."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from wubu.core.origin import Origin
from wubu.data import ArrayDataset, Batches, Dataset, Stream
from wubu.errors import ArgumentError, DTypeError, WubuError
from wubu.training.arguments import check_count
from wubu.training.pace import Pace
from wubu.training.steps import Steps, as_data
from wubu.training.weights import check_class_weight, class_weighted


class Advance(NamedTuple):
    """Steps that were done in one go."""

    results: Any  # of the last step
    steps: int


class Feed(ABC):
    """Runs the steps of one epoch, some at a time."""

    num_steps: int | None

    @abstractmethod
    def start(self, epoch: int, step: int = 0) -> None:
        """Goes to the beginning of an epoch, or to one of its steps."""

    @abstractmethod
    def reseed(self, seed: int) -> None:
        """Shuffles as it would have done with another seed, where it shuffles."""

    @abstractmethod
    def goes_on(self) -> bool:
        """Whether the epoch has another step."""

    @abstractmethod
    def advance(
        self, steps: Steps, at_most: int | None, interrupt: np.ndarray
    ) -> Advance:
        """Does up to `at_most` steps, at least one; without a number as many as take
        between a tenth and a quarter of a second."""

    @abstractmethod
    def origin(self, steps: Steps) -> Origin | None:
        """What makes the loss of the batch that comes next NaN or infinite, as far as
        can be found: `advance` has failed on it."""

    @abstractmethod
    def example(self) -> tuple[Any, Any, Any]:
        """(x, y, sample_weight) with the shapes and dtypes that come."""

    @abstractmethod
    def prepare(self, steps: Steps) -> None:
        """Compiles a step for the first batch, which shows whether it can be made."""

    @abstractmethod
    def inspect(self, check: Callable[[Any, Any], None]) -> None:
        """Has x and y checked: those that are there now, others before their step."""


class ArrayFeed(Feed):
    """Batches of samples from arrays.

    With another number of steps than the arrays have batches, epochs go on where the
    last one ended, round and round: epoch e begins with batch e * num_steps.

    Args:
        dataset: the arrays.
        batches: which samples stand in which batch.
        num_steps: steps of an epoch; all batches by default.
    """

    def __init__(
        self, dataset: ArrayDataset, batches: Batches, num_steps: int | None = None
    ) -> None:
        self.dataset = dataset
        self.batches = batches
        self.arrays = as_data((dataset.x, dataset.y, dataset.sample_weight))
        self._pace = Pace()
        self.num_steps: int = len(batches) if num_steps is None else num_steps
        self._step = self._end = 0
        self._round = -1
        self._order = np.zeros(0, np.int64)

    def start(self, epoch: int, step: int = 0) -> None:
        self._step = epoch * self.num_steps + step
        self._end = (epoch + 1) * self.num_steps

    def reseed(self, seed: int) -> None:
        if self.batches.shuffle:
            self.batches.seed = seed
            self._round = -1

    def goes_on(self) -> bool:
        return self._step < self._end

    def advance(
        self, steps: Steps, at_most: int | None, interrupt: np.ndarray
    ) -> Advance:
        left = self._end - self._step
        at_most = at_most or self._pace.next()
        size = self.batches.batch_size
        round_, batch = divmod(self._step, len(self.batches))
        if round_ != self._round:
            self._round, self._order = round_, self.batches.indices(round_)
        rest = self._order[batch * size :]
        whole = min(at_most, left, len(rest) // size)
        rows = rest[: whole * size].reshape(whole, size) if whole else rest[None]
        try:
            results, done = steps.samples(self.arrays, rows, interrupt)
        except WubuError as error:
            self._step += error.steps_done
            _locate(error, rows[error.steps_done], self._step % self.num_steps)
            raise
        self._pace.done(done)
        self._step += done
        return Advance(results, done)

    def origin(self, steps: Steps) -> Origin | None:
        round_, batch = divmod(self._step, len(self.batches))
        first = batch * self.batches.batch_size
        rows = self.batches.indices(round_)[first : first + self.batches.batch_size]
        return steps.origin_in_samples(self.arrays, rows)

    def example(self) -> tuple[Any, Any, Any]:
        x, y, sample_weight = self.dataset.take(slice(0, 1))
        return x, y, sample_weight

    def prepare(self, steps: Steps) -> None:
        rows = self.batches.indices(0)[: self.batches.batch_size]
        steps.prepare_samples(self.arrays, rows)

    def inspect(self, check: Callable[[Any, Any], None]) -> None:
        check(self.dataset.x, self.dataset.y)


class StreamFeed(Feed):
    """Batches as they come from a generator or another iterable.

    Args:
        stream: the batches.
        class_weight: how much samples of each class count.
    """

    def __init__(
        self, stream: Stream, class_weight: dict[int, float] | None = None
    ) -> None:
        self.stream = stream
        self.num_steps = stream.num_batches
        self._class_weight = class_weight
        self._batches: Iterator[Any] = iter(())
        self._check: Callable[[Any, Any], None] = lambda x, y: None
        self._next: Any = None

    def start(self, epoch: int, step: int = 0) -> None:
        self._batches = self._checked(epoch, step)
        self._next = None

    def reseed(self, seed: int) -> None:
        """A stream has an order of its own."""

    def _checked(self, epoch: int, step: int) -> Iterator[Any]:
        for number, batch in enumerate(self.stream.batches(epoch, step), step):
            try:
                self._check(batch.x, batch.y)
            except WubuError as error:
                error.where = f"batch {number} of epoch {epoch}, {error.where}"
                raise
            yield batch

    def goes_on(self) -> bool:
        if self._next is None:
            self._next = next(self._batches, None)
        return self._next is not None

    def advance(
        self, steps: Steps, at_most: int | None, interrupt: np.ndarray
    ) -> Advance:
        self.goes_on()
        results = steps.batch(self._weighted(*self._next))
        self._next = None
        return Advance(results, 1)

    def origin(self, steps: Steps) -> Origin | None:
        return steps.origin_in_batch(self._weighted(*self._next))

    def example(self) -> tuple[Any, Any, Any]:
        return self._weighted(*self.stream.first)

    def prepare(self, steps: Steps) -> None:
        steps.prepare_batch(self.example())

    def inspect(self, check: Callable[[Any, Any], None]) -> None:
        self._check = check

    def _weighted(self, x: Any, y: Any, given: Any) -> tuple[Any, Any, Any]:
        if self._class_weight is None:
            return x, y, given
        return x, y, class_weighted(y, given, self._class_weight)


def _locate(error: WubuError, samples: np.ndarray, step: int) -> None:
    """Says in which step an error arose: places it names count within a batch."""
    few = ", ".join(map(str, samples[:8])) + (" ..." if len(samples) > 8 else "")
    which = f"step {step} of the epoch, with samples {few}"
    error.where = f"{error.where}; {which}" if error.where else which


def make_feed(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    batch_size: int | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    num_steps: int | None = None,
    class_weight: dict[int, float] | None = None,
) -> Feed:
    """The feed for whatever `fit`, `evaluate` or `predict` was given.

    Raises:
        ArgumentError: targets or a batch size beside something that yields batches; a
            number of steps below 1; class weights that are none.
        DataError, DTypeError: no samples, or some that cannot be computed with.
    """
    if num_steps is not None:
        check_count("the number of steps", num_steps)
    check_class_weight(class_weight)
    _check_kind(x)
    size = 32 if batch_size is None else batch_size
    planned = None
    if isinstance(x, Dataset) and not x.batched:
        x = (x.shuffle(seed=seed) if shuffle and x.indexed else x).batch(size)
        batch_size = None
    if isinstance(x, ArrayDataset):
        dataset = x
    elif yields_batches(x):
        _check_alone(x, y=y, sample_weight=sample_weight)
        if batch_size is not None:
            message = "batch_size is not used: x yields batches that are made already"
            warnings.warn(message, stacklevel=2)
        planned = x.as_batches() if isinstance(x, Dataset) else None
        if planned is None:
            return StreamFeed(Stream(x, steps_per_epoch=num_steps), class_weight)
        dataset = planned[0]
    else:
        dataset = ArrayDataset(x, y, sample_weight)
    if class_weight is not None:
        given = class_weighted(dataset.y, dataset.sample_weight, class_weight)
        dataset = ArrayDataset(dataset.x, dataset.y, given, check_values=False)
    if planned is not None:
        return ArrayFeed(dataset, planned[1], num_steps)
    batches = Batches(dataset.num_samples, size, shuffle=shuffle, seed=seed)
    return ArrayFeed(dataset, batches, num_steps)


def _check_alone(x: Any, **beside: Any) -> None:
    """Refuses what belongs into the batches that x yields."""
    for name, value in beside.items():
        if value is not None:
            raise ArgumentError(
                f"{name} cannot be given beside something that yields batches",
                got=f"x of type {type(x).__name__}",
                fix=f"yield it: (x, y) or (x, y, sample_weight); leave out {name}",
            )


def _check_kind(x: Any) -> None:
    """Refuses single values: they have neither samples nor batches."""
    if isinstance(x, str | bytes | bool | int | float | complex):
        raise DTypeError(
            "x holds no samples",
            expected="an array (samples, ...), a list or dictionary of arrays, or "
            "something that yields batches",
            got=f"the {type(x).__name__} {x!r:.60}",
            fix="load the file first, for instance by np.load(path)"
            if isinstance(x, str | bytes)
            else None,
        )


def yields_batches(x: Any) -> bool:
    """Whether this is a source of batches, not arrays."""
    if isinstance(x, list | tuple | dict | np.ndarray | ArrayDataset) or x is None:
        return False
    array_like = any(hasattr(x, name) for name in ("numpy", "to_numpy", "__array__"))
    return (hasattr(x, "__iter__") or _is_sequence(x)) and not array_like


def _is_sequence(x: Any) -> bool:
    return hasattr(x, "__len__") and hasattr(x, "__getitem__")
