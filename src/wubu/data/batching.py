"""The order of samples within an epoch, and how a batch is taken from arrays.

The order depends on the seed and the number of the epoch and on nothing else: not on
what was drawn before, not on how far the last epoch came. A run that was stopped in
epoch 7 finds epoch 7 again by asking for it.
"""

from __future__ import annotations

import operator
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from wubu.data.structure import Structure, map_leaves
from wubu.errors import ArgumentError

_FEW = 1000  # words, for which counting first is not worth while

Selection = slice | np.ndarray  # of samples: a range, or int64 indices


class _Philox(threading.local):
    """A generator for each thread. To make one takes longer than a step of a small
    model: so there is one, which gets the key of every epoch."""

    def __init__(self) -> None:
        self._generator = np.random.Philox(key=0)
        self._first: Any = self._generator.state  # of any key

    def words(self, key: tuple[int | None, int], count: int) -> np.ndarray:
        """The first words of a key: uint64, shape (count,)."""
        self._first["state"]["key"][:] = key
        self._generator.state = self._first
        return self._generator.random_raw(count)


_philox = _Philox()


def random_words(seed: int, epoch: int, count: int) -> np.ndarray:
    """The first words of the stream of a seed and an epoch: uint64, shape (count,)."""
    return _philox.words((seed, epoch), count)


class Batch(NamedTuple):
    """What one step is fed: inputs, targets and weights of a few samples."""

    x: Structure  # (batch, ...), or a list, tuple or dictionary of such
    y: Structure | None = None
    sample_weight: Structure | None = None


class Batches:
    """Which samples stand in which batch, for every epoch.

    The samples of an epoch, in the order of `indices(epoch)`, are cut into batches of
    `batch_size`; the last one is short when the division leaves a rest.

    The order is `argsort(r)`, where r are `num_samples` raw 64-bit words of the Philox
    generator whose key is (seed, epoch). NumPy promises that the raw words stay the
    same in all its versions, which it does not promise for `Generator.permutation`:
    a run may be resumed after an upgrade.

    Args:
        num_samples: how many samples there are.
        batch_size: samples per batch.
        shuffle: a new order for every epoch; otherwise the order of the data.
        seed: any integer from 0 to 2**64 - 1; needed when `shuffle` is true.
        drop_last: leave out a short last batch.

    Raises:
        ArgumentError: a size below 1, a missing seed, or no whole batch with
            `drop_last`.

    Source: J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011
        (Philox); NumPy Enhancement Proposal 19 (which streams are stable).

    Example:
        >>> batches = Batches(5, 2, shuffle=False, seed=None)
        >>> len(batches), list(batches.batches(epoch=0))
        (3, [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)])
        >>> shuffled = Batches(5, 2, shuffle=True, seed=1)
        >>> sorted(shuffled.indices(epoch=3).tolist())
        [0, 1, 2, 3, 4]
    """

    def __init__(
        self,
        num_samples: int,
        batch_size: int,
        *,
        shuffle: bool,
        seed: int | None,
        drop_last: bool = False,
    ) -> None:
        self.num_samples = _at_least_one(num_samples, "num_samples")
        self.batch_size = _at_least_one(batch_size, "batch_size")
        self.shuffle = bool(shuffle)
        self.seed = _seed(seed) if shuffle else None
        self.drop_last = bool(drop_last)
        if drop_last and self.batch_size > self.num_samples:
            raise ArgumentError(
                "no whole batch is left when the last one is dropped",
                expected=f"batch_size of at most {self.num_samples}, "
                "the number of samples",
                got=self.batch_size,
                fix="use a smaller batch_size, or drop_last=False",
            )

    def __len__(self) -> int:
        """The number of batches of one epoch."""
        whole, rest = divmod(self.num_samples, self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def indices(self, epoch: int) -> np.ndarray:
        """The order of the samples in this epoch: int64, shape (num_samples,).

        Args:
            epoch: the number of the epoch, from 0.
        """
        epoch = _not_negative(epoch, "epoch")
        if not self.shuffle:
            return np.arange(self.num_samples, dtype=np.int64)
        words = _philox.words((self.seed, epoch), self.num_samples)
        return stable_order(words).astype(np.int64, copy=False)

    def batches(self, epoch: int, start: int = 0) -> Iterator[Selection]:
        """The samples of each batch of this epoch: slices, or indices when shuffled.

        Args:
            epoch: the number of the epoch, from 0.
            start: the batch to begin with, to go on in the middle of an epoch.
        """
        start = _not_negative(start, "start")
        order = self.indices(epoch) if self.shuffle else None
        for batch in range(start, len(self)):
            low = batch * self.batch_size
            high = min(low + self.batch_size, self.num_samples)
            yield slice(low, high) if order is None else order[low:high]


def stable_order(words: np.ndarray) -> np.ndarray:
    """`np.argsort(words, kind="stable")` of uint64, in less than half of the time.

    NumPy sorts numbers of 16 bits by counting them. After that words are out of order
    only among those with the same upper 16 bits, and merging has little to do. Equal
    words, however unlikely, keep their order in both. A few are sorted at once.

    Example:
        >>> stable_order(np.array([7, 1 << 60, 3, 7], np.uint64))
        array([2, 0, 3, 1])
    """
    if len(words) < _FEW:
        return words.argsort(kind="stable")
    roughly = np.argsort((words >> np.uint64(48)).astype(np.uint16), kind="stable")
    return roughly[np.argsort(words[roughly], kind="stable")]


def take(structure: Any, selection: Selection) -> Any:
    """The selected samples of every array in a structure.

    A slice gives views that share memory with the arrays; indices give copies.

    Args:
        structure: an array, a list, tuple or dictionary of arrays, or None.
        selection: a slice, or an integer array of shape (batch,).

    Example:
        >>> take({"a": np.array([10, 20, 30])}, np.array([2, 0]))
        {'a': array([30, 10])}
    """
    return map_leaves(lambda array: _take(array, selection), structure)


def _take(array: np.ndarray, selection: Selection) -> np.ndarray:
    if isinstance(selection, slice):
        return array[selection]
    if array.flags.c_contiguous:
        return np.take(array, selection, axis=0)
    # np.take would first make a contiguous copy of the whole array.
    return array[selection]


def _at_least_one(value: Any, name: str) -> int:
    number = _whole(value, name, "a whole number of at least 1")
    if number < 1:
        raise ArgumentError(
            f"{name} is too small",
            expected="a whole number of at least 1",
            got=repr(value),
        )
    return number


def _not_negative(value: Any, name: str) -> int:
    number = _whole(value, name, "a whole number, counted from 0")
    if number < 0:
        raise ArgumentError(
            f"{name} is negative",
            expected="a whole number, counted from 0",
            got=repr(value),
        )
    return number


def _seed(value: Any) -> int:
    expected = "a whole number from 0 to 2**64 - 1"
    if value is None:
        raise ArgumentError("shuffling needs a seed", expected=expected, got="None")
    number = _whole(value, "seed", expected)
    if not 0 <= number < 2**64:
        raise ArgumentError("seed is out of range", expected=expected, got=repr(value))
    return number


def _whole(value: Any, name: str, expected: str) -> int:
    # True is an int to Python, but nobody means it as a size.
    if not isinstance(value, bool | np.bool_):
        try:
            return operator.index(value)
        except TypeError:
            pass
    fix = None
    if isinstance(value, float) and value.is_integer():
        fix = f"write {name}={int(value)}"
    raise ArgumentError(
        f"{name} is not a whole number", expected=expected, got=repr(value), fix=fix
    )
