"""Parts of a dataset: disjoint, complete, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.data.batching import Batches
from wubu.errors import ArgumentError, DataError


def split_rows(
    num_samples: int, fractions: Sequence[float], seed: int | None, labels: Any = None
) -> list[np.ndarray]:
    """The row numbers of each part, in increasing order.

    Part k ends after round(n · (f₁ + ... + f_k)) samples of an order. That order is the
    one of the data without a seed, a random one with it. With labels it is made so that
    the samples of every class are spread evenly over it: sample number r of the m of a
    class comes at (r + ½) / m of the way. So each part has of every class its share,
    up to one sample for each of its two ends.

    Args:
        num_samples: n.
        fractions: f, positive; their sum is 1.
        seed: of the order, or None.
        labels: (samples,) or (samples, 1) class numbers or names; (samples, classes)
            one-hot rows.

    Raises:
        ArgumentError: fractions that are none, or a part without samples.
        DataError: labels that are no classes.

    Example:
        >>> labels = np.array([0, 0, 0, 0, 1, 1])
        >>> a, b = split_rows(6, [0.5, 0.5], None, labels)
        >>> labels[a].tolist(), labels[b].tolist()
        ([0, 0, 1], [0, 0, 1])
    """
    if not fractions or min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-9:
        raise ArgumentError(
            "these are no fractions of a whole",
            expected="positive numbers whose sum is 1",
            got=", ".join(map(str, fractions)),
        )
    order = np.arange(num_samples)
    if seed is not None:
        order = Batches(num_samples, 1, shuffle=True, seed=seed).indices(0)
    if labels is not None:
        order = order[_spread(_classes(labels, num_samples)[order])]
    ends = np.rint(np.cumsum(fractions) * num_samples).astype(int)[:-1]
    parts = np.split(order, ends)
    for part, fraction in zip(parts, fractions, strict=True):
        if len(part) == 0:
            raise ArgumentError(
                "a part of the split has no samples",
                expected="at least one sample in each",
                got=f"{fraction} of {num_samples} samples",
            )
    return [np.sort(part) for part in parts]


def _spread(classes: np.ndarray) -> np.ndarray:
    """Places of the samples in an order in which every class is spread evenly."""
    by_class = np.argsort(classes, kind="stable")
    counts = np.bincount(classes)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    rank = np.arange(len(classes)) - before
    way = (rank + 0.5) / np.repeat(counts, counts)
    return by_class[np.argsort(way, kind="stable")]


def _classes(labels: Any, num_samples: int) -> np.ndarray:
    """Labels as numbers from 0, one a sample."""
    array = np.asarray(labels)
    if array.ndim == 2:
        array = array[:, 0] if array.shape[1] == 1 else array.argmax(axis=1)
    if array.shape != (num_samples,):
        raise DataError(
            "these labels cannot be stratified by",
            expected=f"one class for each of {num_samples} samples",
            got=f"shape {np.shape(labels)}",
        )
    if array.dtype.kind == "f" and (array != np.floor(array)).any():
        raise DataError(
            "these labels are no classes, but amounts",
            expected="whole numbers or names",
            got=f"{array[array != np.floor(array)][0]}",
            fix="leave out stratify, or give classes: stratify=np.digitize(y, edges)",
        )
    return np.unique(array, return_inverse=True)[1]
