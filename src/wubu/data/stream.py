"""Streams: generators and other things that yield batches, checked one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import numpy as np

from wubu.data.arrays import ArrayDataset
from wubu.data.batching import Batch
from wubu.data.dataset import Dataset
from wubu.data.read_ahead import in_order
from wubu.data.structure import describe
from wubu.errors import ArgumentError, DataError, DTypeError

_END = object()  # what next() gives when a source has ended


class Stream:
    """Batches from a `Dataset`, a generator, an iterable, or a Keras `Sequence`.

    The source yields `(x, y)`, `(x, y, sample_weight)`, `(x,)`, or x alone. The first
    batch is read at once, so that the form of the data is known before training; every
    batch is checked like the arrays of `ArrayDataset` when it comes.

    | source | `steps_per_epoch=None` | `steps_per_epoch=n` |
    |---|---|---|
    | dataset, sequence (`len()` and `[i]`) | all its batches | epoch e starts at batch n·e, going round |
    | iterable that starts anew | until it ends | n more, starting anew when it ends |
    | generator | until it ends: one epoch only | n more; an error when it ends |

    Only these two find the middle of a run again; the others go on from where they
    stand, and so does a dataset whose source is a generator. `on_epoch_begin` and `on_epoch_end` of the source are called, where it has
    them.

    Args:
        source: what yields the batches.
        steps_per_epoch: batches per epoch.

    Raises:
        DataError: no batches, a batch in another form than the first, or samples that
            cannot be trained on; batch and sample are named.
        DTypeError: the source does not yield batches of numbers.

    Example:
        >>> stream = Stream([(np.zeros((2, 3)), np.zeros(2))] * 4)
        >>> stream.first.x.shape, len(list(stream.batches(epoch=0)))
        ((2, 3), 4)
    """  # noqa: E501

    def __init__(self, source: Any, *, steps_per_epoch: int | None = None) -> None:
        _refuse_arrays(source)
        if steps_per_epoch is not None and not _is_positive(steps_per_epoch):
            raise ArgumentError(
                "steps_per_epoch is not a number of batches",
                expected="a whole number of at least 1, or None",
                got=repr(steps_per_epoch),
            )
        self.source = source
        self.steps_per_epoch = steps_per_epoch
        self.indexed = _is_indexed(source, steps_per_epoch)
        self.re_iterable = True
        self._running: Iterator | None = None
        if self.indexed:
            raw = next(self._numbered(0), _END)
        else:
            running = iter(source)
            self.re_iterable = running is not source
            raw = next(running, _END)
            # The batch that was read to look at is the first of the first epoch too.
            self._running = chain([raw], running)
        if raw is _END:
            raise DataError("the data yields no batches", got=type(source).__name__)
        self.form: str | None = None
        self.first: Batch = self._checked(raw, 0)
        self.form = _form(self.first)

    @property
    def num_batches(self) -> int | None:
        """Batches per epoch, where that is known beforehand."""
        if self.steps_per_epoch is not None:
            return self.steps_per_epoch
        try:
            return len(self.source)
        except TypeError:
            return None

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The checked batches of one epoch.

        Args:
            epoch: the number of the epoch, from 0.
            start: the batch to begin with; those before it are made only where the
                source cannot do without.

        Raises:
            DataError: the source ran out of batches, or holds a bad one.
        """
        _call(self.source, "on_epoch_begin")
        if self.indexed:
            raw = self._numbered(epoch, start)
        else:
            raw = islice(self._iterated(epoch), start, None)
        for step, batch in enumerate(raw, start):
            yield self._checked(batch, step, epoch)
        _call(self.source, "on_epoch_end")

    def _numbered(self, epoch: int, start: int = 0) -> Iterator[Any]:
        """Batches of a source that finds any of them; it may be gone round."""
        dataset = isinstance(self.source, Dataset)
        size = self.source.cardinality() if dataset else len(self.source)
        steps = self.steps_per_epoch or size
        position = epoch * steps + start
        end = (epoch + 1) * steps
        while position < end:
            round_, place = divmod(position, size) if size > 0 else (0, position)
            stop = place + end - position
            stop = min(stop, size) if size > 0 else stop
            if dataset:
                yield from islice(self.source.elements(round_, place), stop - place)
            else:
                workers = getattr(self.source, "workers", 1)
                yield from in_order(
                    self.source.__getitem__,
                    range(place, stop),
                    workers if workers > 1 else 0,
                    getattr(self.source, "max_queue_size", 0),
                )
            position += stop - place

    def _iterated(self, epoch: int) -> Iterator[Any]:
        if self.steps_per_epoch is None:
            running, self._running = self._current(), None
            done = 0
            # Not `yield from`: it would close a generator when an epoch stops early.
            for done, batch in enumerate(running, start=1):  # noqa: B007
                yield batch
            if done == 0:
                raise self._exhausted(epoch, 0)
            return
        for done in range(self.steps_per_epoch):
            batch = next(self._current(), _END)
            if batch is _END and self.re_iterable:
                self._running = iter(self.source)
                batch = next(self._running, _END)
            if batch is _END:
                raise self._exhausted(epoch, done)
            yield batch

    def _current(self) -> Iterator[Any]:
        """The pass through the source that is under way, or a new one."""
        if self._running is None:
            self._running = iter(self.source)
        return self._running

    def _exhausted(self, epoch: int, done: int) -> DataError:
        wanted = self.steps_per_epoch
        return DataError(
            f"the generator ran out of batches in epoch {epoch} (counted from 0)",
            expected=f"{wanted} batches per epoch" if wanted else "at least one batch",
            got=f"{done} batches in this epoch",
            fix="yield for ever (while True: ...), give fewer epochs or steps, or pass "
            "an object whose __iter__ starts anew",
        )

    def _checked(self, raw: Any, step: int, epoch: int = 0) -> Batch:
        place = f"batch {step} of epoch {epoch}"
        try:
            data = ArrayDataset(*_unpack(raw))
        except (DataError, DTypeError) as error:
            raise type(error)(
                f"{place}: {error.what}",
                where=error.where,
                expected=error.expected,
                got=error.got,
                fix=error.fix,
            ) from None
        batch = Batch(data.x, data.y, data.sample_weight)
        if self.form is not None and _form(batch) != self.form:
            raise DataError(
                f"{place} has another form than the first batch",
                expected=self.form,
                got=_form(batch),
            )
        return batch


def _is_indexed(source: Any, steps_per_epoch: int | None) -> bool:
    """Whether any batch of the source can be asked for."""
    if not isinstance(source, Dataset):
        return hasattr(source, "__len__") and hasattr(source, "__getitem__")
    if source.cardinality() == -1 and steps_per_epoch is None:
        raise ArgumentError(
            "an endless dataset has no epochs",
            fix="say how many steps make one, or leave out repeat()",
        )
    return source.indexed


def _unpack(raw: Any) -> tuple[Any, ...]:
    """`(x, y, sample_weight)` of what a source yields, as Keras reads it."""
    if not isinstance(raw, list | tuple):
        return (raw,)
    if 1 <= len(raw) <= 3:
        return tuple(raw)
    raise DataError(
        "a batch does not have one to three parts",
        expected="(x, y) or (x, y, sample_weight)",
        got=f"{len(raw)} parts",
        fix="several inputs go into a tuple of their own: ((x1, x2), y)",
    )


def _form(batch: Batch) -> str:
    parts = zip(Batch._fields, batch, strict=True)
    return "; ".join(f"{name}: {describe(part)}" for name, part in parts)


def _refuse_arrays(source: Any) -> None:
    iterable = hasattr(source, "__iter__") or hasattr(source, "__getitem__")
    if not iterable or isinstance(source, np.ndarray | dict | str | bytes):
        raise DTypeError(
            "this does not yield batches",
            expected="a generator, an iterable or a sequence of (x, y) batches",
            got=type(source).__name__,
        )


def _is_positive(value: Any) -> bool:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return whole and value >= 1


def _call(source: Any, method: str) -> None:
    hook = getattr(source, method, None)
    if callable(hook):
        hook()
