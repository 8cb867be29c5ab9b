"""A dataset in two parts."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from wubu.data import Dataset
from wubu.data.pipeline.steps import Batched, Prefetched, Subset
from wubu.errors import ArgumentError, DTypeError
from wubu.ops.random import current_seed


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Dataset, Dataset]:
    """The first and the last samples, as two datasets. Arguments are those of Keras.

    `Dataset.split` can do more: strata, and more than two parts.

    Args:
        dataset: an array, a list or tuple of arrays, or a `Dataset`; one of batches is
            split by samples and batched again.
        left_size: samples of the first part, a whole number or a fraction below 1; the
            others if None.
        right_size: the same for the second part.
        shuffle: draw the samples of each part.
        seed: for drawing: the order of Python's `random.Random(seed).shuffle`.
        preferred_backend: of no effect here; Keras has it to choose a library.

    Raises:
        ArgumentError: sizes that do not fit.
        DTypeError: something else than these datasets.

    Example:
        >>> left, right = split_dataset(np.arange(10), left_size=0.8)
        >>> len(left), [int(x) for x in right]
        (8, [8, 9])
    """
    node, size = _samples(dataset)
    left, right = _sizes(left_size, right_size, node.count)
    order = list(range(node.count))
    if shuffle:
        random.Random(current_seed() if seed is None else seed).shuffle(order)
    parts = []
    for rows in (order[:left], order[node.count - right :]):
        part = Dataset(Subset(node, np.array(rows, np.int64)))
        parts.append(part if size is None else part.batch(size))
    return parts[0], parts[1]


def _samples(dataset: Any) -> tuple[Any, int | None]:
    """The node of single samples, and how many of them made a batch."""
    if isinstance(dataset, list):
        dataset = tuple(dataset)
    if isinstance(dataset, np.ndarray | tuple):
        dataset = Dataset.from_tensor_slices(dataset)
    if not isinstance(dataset, Dataset):
        raise DTypeError(
            "this cannot be split",
            expected="an array, a list or tuple of arrays, or a Dataset",
            got=type(dataset).__name__,
        )
    node = dataset._node
    size: int | None = None
    while isinstance(node, Prefetched):
        node = node.parent
    if isinstance(node, Batched):
        size, node = node.size, node.parent
    if node.batched or not node.indexed or dataset.cardinality() == -1:
        raise ArgumentError(
            "only samples that have numbers can be split",
            fix="split before map() of batches, repeat(), and reading a generator",
        )
    return node, size


def _sizes(left: float | None, right: float | None, total: int) -> tuple[int, int]:
    if left is None and right is None:
        raise ArgumentError(
            "the sizes of the parts are not known", fix="pass left_size or right_size"
        )
    counts = [_size(value, total) for value in (left, right)]
    first = total - (counts[1] or 0) if counts[0] is None else counts[0]
    second = total - first if counts[1] is None else counts[1]
    if min(first, second) < 1 or first + second > total:
        raise ArgumentError(
            "the data cannot be split like this",
            expected=f"at least one sample in each part, {total} in both",
            got=f"left_size={left}, right_size={right}: {first} and {second} samples",
        )
    return first, second


def _size(value: float | None, total: int) -> int | None:
    if value is None:
        return None
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not 0 < value < (total if whole else 1):
        raise ArgumentError(
            "this is no size of a part",
            expected=f"a whole number from 1 to {total - 1}, or a fraction below 1",
            got=repr(value),
        )
    return int(value) if whole else round(value * total)
