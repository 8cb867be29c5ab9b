"""`Dataset`: samples from anywhere on their way into a network, with tf.data's habits.

    dataset = Dataset.from_folder("flowers/train", image_size=(96, 96))
    train, validation = dataset.split(0.9, stratify=True, seed=1)
    train = train.cache().shuffle(seed=1).map(flip, seed=2).batch(32)
    model.fit(train, validation_data=validation.batch(32), epochs=5)

Read next: `from_files.py`, which makes datasets of folders and tables; `pipeline/`, of
which this is the outside.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wubu.data.arrays import ArrayDataset
from wubu.data.batching import Batches
from wubu.data.convert import as_array
from wubu.data.elements import parts_of
from wubu.data.from_files import FromFiles
from wubu.data.pipeline.cached import Cached
from wubu.data.pipeline.node import Node
from wubu.data.pipeline.shuffled import Shuffled
from wubu.data.pipeline.sources import Arrays, Iterated, check_lengths
from wubu.data.pipeline.splitting import split_rows
from wubu.data.pipeline.steps import (
    Batched,
    Cut,
    Mapped,
    Prefetched,
    Repeated,
    Subset,
)
from wubu.data.read_ahead import num_cpus
from wubu.errors import ArgumentError

AUTOTUNE = -1  # as many as this machine has processors


class Dataset(FromFiles):
    """Elements, one after another: samples, or batches of them after `batch`.

    An element is an array, a number or a string; a tuple `(x, y)` or
    `(x, y, sample_weight)`; or a dictionary. Methods give new datasets and leave this
    one as it is; nothing is read before it is needed.

    The order of an epoch, and what random functions do in it, depend on seeds and the
    number of the epoch alone. `for element in dataset` goes through epoch 0 the first
    time, epoch 1 the second time; `elements(epoch)` through the one that is named.

    `fit`, `evaluate` and `predict` take datasets. One that consists of arrays (from
    `from_arrays`, or `cache`d) followed by `shuffle` and `batch` costs them no Python
    code for each step; others are made in threads while the compiled step runs.

    Attributes:
        class_names: what labels stand for, where the source knows it.
        feature_names: what the columns of x are, where the source knows it.
        layout: how a table was read, for `from_csv(..., like=dataset)`.
        file_paths: of the samples of a folder, in the order of the source.

    Example:
        >>> dataset = Dataset.from_arrays(np.arange(6.0), np.arange(6) % 2)
        >>> for x, y in dataset.map(lambda x, y: (10 * x, y)).batch(4):
        ...     print(x, y)
        [ 0. 10. 20. 30.] [0 1 0 1]
        [40. 50.] [0 1]
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._rounds = 0

    # -- sources --------------------------------------------------------------------

    @classmethod
    def from_arrays(cls, x: Any, y: Any = None, sample_weight: Any = None) -> Dataset:
        """Samples of arrays: the forms and checks of `fit(x, y)`. Memory maps larger
        than memory stay on disk: `np.load(path, mmap_mode="r")`."""
        data = ArrayDataset(x, y, sample_weight, check_values=False)
        parts = [
            tuple(part) if isinstance(part, list) else part
            for part in (data.x, data.y, data.sample_weight)
        ]
        while len(parts) > 1 and parts[-1] is None:
            parts.pop()
        if len(parts) == 3 and parts[1] is None:
            raise ArgumentError("sample_weight needs y", got="sample_weight without y")
        return cls(Arrays(tuple(parts) if len(parts) > 1 else parts[0]))

    @classmethod
    def from_tensor_slices(cls, tensors: Any) -> Dataset:
        """The rows of arrays, or of tuples and dictionaries of arrays; also strings."""
        arrays = _arrays(tensors)
        node = Arrays(arrays)
        check_lengths(node.leaves)
        return cls(node)

    @classmethod
    def from_generator(
        cls,
        generator: Iterable[Any] | Callable[[], Iterable[Any]],
        *,
        length: int | None = None,
        batched: bool = False,
    ) -> Dataset:
        """The samples of an iterable.

        Args:
            generator: a function that gives an iterable, called for every epoch; or an
                iterable, which is read anew for every epoch if it can be.
            length: samples of an epoch, if it is known.
            batched: whether it yields batches.
        """
        return cls(Iterated(generator, length, batched))

    # -- steps ----------------------------------------------------------------------

    def map(
        self,
        function: Callable[..., Any],
        num_parallel_calls: int | None = None,
        *,
        seed: int | None = None,
    ) -> Dataset:
        """What a function makes of each element.

        Args:
            function: takes x and y of an element `(x, y)`, else the element itself.
            num_parallel_calls: threads; `AUTOTUNE` for one for each processor. It pays
                where the function leaves Python's lock to others, as NumPy does in
                large arrays, and reading of files.
            seed: if given, the function is called with a random generator `rng=` of
                NumPy, the same for the same seed, epoch and element.
        """
        workers = _threads(num_parallel_calls)
        return self._then(Mapped(self._node, function, workers, seed))

    def shuffle(
        self,
        buffer_size: int | None = None,
        seed: int | None = None,
        reshuffle_each_iteration: bool = True,
    ) -> Dataset:
        """Another order in every epoch.

        Args:
            buffer_size: elements of a generator that wait to be drawn; other sources do
                not need it and are shuffled as a whole.
            seed: of the orders; None takes the one of `wubu.set_random_seed`.
            reshuffle_each_iteration: false keeps the order of epoch 0.
        """
        if buffer_size is not None:
            buffer_size = _count(buffer_size, "buffer_size")
        return self._then(
            Shuffled(self._node, buffer_size, seed, reshuffle_each_iteration)
        )

    def batch(
        self,
        batch_size: int,
        drop_last: bool = False,
        *,
        drop_remainder: bool | None = None,
    ) -> Dataset:
        """Batches of elements.

        Args:
            batch_size: elements of a batch.
            drop_last: leave out a last batch that has fewer.
            drop_remainder: what tf.data calls `drop_last`.
        """
        drop = drop_last if drop_remainder is None else drop_remainder
        size = _count(batch_size, "batch_size")
        return self._then(Batched(self._node, size, bool(drop)))

    def cache(self, path: str | os.PathLike | None = None) -> Dataset:
        """Elements kept after they were made once.

        Args:
            path: a folder for `.npy` files, which the next run uses again, whatever has
                become of the source; None keeps them in memory.
        """
        folder = None if path is None else Path(path).expanduser()
        return self._then(Cached(self._node, folder))

    def prefetch(self, buffer_size: int = AUTOTUNE) -> Dataset:
        """Elements made by a thread before they are asked for: so many at most."""
        ahead = _threads(buffer_size)
        return self._then(Prefetched(self._node, ahead)) if ahead else self

    def repeat(self, count: int | None = None) -> Dataset:
        """So many epochs as one; without a number for ever."""
        times = None if count in (None, -1) else _count(count, "count")
        return self._then(Repeated(self._node, times))

    def take(self, count: int) -> Dataset:
        """The first elements."""
        return self._then(Cut(self._node, 0, _count(count, "count", least=0)))

    def skip(self, count: int) -> Dataset:
        """All but the first elements."""
        return self._then(Cut(self._node, _count(count, "count", least=0), None))

    def split(
        self,
        fraction: float | Sequence[float],
        *,
        stratify: Any = False,
        seed: int | None = None,
    ) -> tuple[Dataset, ...]:
        """Disjoint parts of the samples, which together are all of them.

        Args:
            fraction: of the samples for the first of two parts; or one for each part,
                with the sum 1.
            stratify: whether each part has its share of every class; or the classes, an
                array (samples,), where the dataset does not know its labels.
            seed: draws the samples of each part; None takes them in their order.

        Raises:
            ArgumentError: fractions that are none; batches; a generator; labels that
                nobody knows.
        """
        node = self._node
        if node.batched or not node.indexed or node.length == math.inf:
            raise ArgumentError(
                "only samples that have numbers can be split",
                got="batches" if node.batched else "elements without numbers",
                fix="split before batch() and repeat(), and before reading a generator",
            )
        if isinstance(fraction, Sequence):
            fractions = list(fraction)
        else:
            fractions = [fraction, 1 - fraction]
        labels = None
        if stratify is not False and stratify is not None:
            labels = node.labels() if stratify is True else stratify
            if labels is None:
                raise ArgumentError(
                    "the labels are not known before the samples are made",
                    fix="split before shuffle() and map(), or give the classes: "
                    "stratify=y",
                )
        parts = split_rows(node.count, fractions, seed, labels)
        return tuple(self._then(Subset(node, rows)) for rows in parts)

    # -- elements -------------------------------------------------------------------

    def elements(self, epoch: int = 0, start: int = 0) -> Iterator[Any]:
        """The elements of an epoch, from one of them on.

        Example:
            >>> dataset = Dataset.from_tensor_slices([5, 6, 7]).shuffle(seed=1)
            >>> again = [int(x) for x in dataset.elements(epoch=3)]
            >>> [int(x) for x in dataset.elements(epoch=3, start=1)] == again[1:]
            True
        """
        return self._node.elements(epoch, start)

    def __iter__(self) -> Iterator[Any]:
        epoch, self._rounds = self._rounds, self._rounds + 1
        return self.elements(epoch)

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The elements: they are NumPy arrays."""
        return iter(self)

    def __len__(self) -> int:
        length = self._node.length
        if length is None or length == math.inf:
            what = "are endless" if length else "are of unknown number"
            raise TypeError(f"the elements of this dataset {what}")
        return int(length)

    def cardinality(self) -> int:
        """The number of elements; -1 if they do not end, -2 if nobody knows."""
        length = self._node.length
        return -2 if length is None else -1 if length == math.inf else int(length)

    def __getitem__(self, index: int) -> Any:
        """An element of epoch 0, by its number."""
        if not self._node.indexed:
            raise ArgumentError("the elements of a generator have no numbers")
        length = self._node.length
        place = index + int(length or 0) if index < 0 and length != math.inf else index
        if length is None or not 0 <= place < length:
            raise IndexError(f"there is no element {index} among {length}")
        return self._node.element(0, place)

    def __repr__(self) -> str:
        names = {-1: "endless", -2: "an unknown number of"}
        kind = "batches" if self.batched else "samples"
        count = self.cardinality()
        return f"Dataset({names.get(count, count)} {kind})"

    # -- for training ---------------------------------------------------------------

    @property
    def indexed(self) -> bool:
        """Whether any of its elements can be asked for."""
        return self._node.indexed

    @property
    def batched(self) -> bool:
        """Whether its elements are batches."""
        return self._node.batched

    def as_batches(self) -> tuple[ArrayDataset, Batches] | None:
        """Arrays, and which of their rows make the batches of each epoch, if this
        dataset is no more than that; else None. What is cached is made now.

        Raises:
            DataError, DTypeError: samples that cannot be trained on.
        """
        node = self._node
        while isinstance(node, Prefetched):
            node = node.parent
        plan = node.parent.plan() if isinstance(node, Batched) else None
        arrays = None if plan is None else plan.arrays()
        if plan is None or arrays is None or not isinstance(node, Batched):
            return None
        data = ArrayDataset(*parts_of(arrays))
        rows = _PlannedBatches(node.parent.count, node.size, node.drop_last, plan.rows)
        return data, rows

    def _then(self, node: Node) -> Dataset:
        made = type(self)(node)
        for name in ("class_names", "feature_names", "layout"):
            setattr(made, name, getattr(self, name))
        return made


class _PlannedBatches(Batches):
    """Batches whose order a pipeline has planned."""

    def __init__(
        self,
        num_samples: int,
        batch_size: int,
        drop_last: bool,
        rows: Callable[[int], np.ndarray],
    ) -> None:
        super().__init__(
            num_samples, batch_size, shuffle=False, seed=None, drop_last=drop_last
        )
        self._rows = rows

    def indices(self, epoch: int) -> np.ndarray:
        return self._rows(epoch)


def _arrays(tensors: Any) -> Any:
    if isinstance(tensors, tuple):
        return tuple(_arrays(part) for part in tensors)
    if isinstance(tensors, dict):
        return {key: _arrays(part) for key, part in tensors.items()}
    array = as_array(tensors, "the tensors")
    return array.astype(object) if array.dtype.kind == "U" else array


def _threads(number: int | None) -> int:
    """A number of threads, or of elements to make ahead."""
    if number is None:
        return 0
    if number == AUTOTUNE:
        return num_cpus()
    return _count(number, "the number of threads or elements", least=0)


def _count(value: Any, name: str, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ArgumentError(f"{name} is not a whole number", got=repr(value))
    if value < least:
        raise ArgumentError(f"{name} is too small", expected=f"{least}", got=value)
    return int(value)
