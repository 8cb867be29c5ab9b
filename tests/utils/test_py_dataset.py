"""`PyDataset`: batches by number, made ahead by threads, in order all the same."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import wubu
from wubu.errors import ArgumentError, DataError
from wubu.utils import PyDataset, Sequence

X = np.random.default_rng(0).random((24, 3)).astype("float32")
Y = X.sum(1)


class Parts(PyDataset):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.threads: set[int] = set()
        self.epochs: list[str] = []

    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> Any:
        self.threads.add(threading.get_ident())
        part = slice(4 * index, 4 * index + 4)
        return X[part], Y[part]

    def on_epoch_begin(self) -> None:
        self.epochs.append("begin")

    def on_epoch_end(self) -> None:
        self.epochs.append("end")


class Old(Sequence):
    """As scripts for Keras 2 write it: without a call of super().__init__()."""

    def __init__(self) -> None:
        pass

    __len__ = Parts.__len__

    def __getitem__(self, index: int) -> Any:
        return X[4 * index : 4 * index + 4], Y[4 * index : 4 * index + 4]


def trained(data: Any, **options: Any) -> list[np.ndarray]:
    wubu.set_random_seed(0)
    model = wubu.Sequential([wubu.layers.Input((3,)), wubu.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(*data, epochs=3, verbose=0, **options)
    return model.get_weights()


@pytest.mark.parametrize("workers", [1, 3])
def test_it_trains_as_its_arrays_do(workers: int) -> None:
    parts = Parts(workers=workers, max_queue_size=2)
    wanted = trained((X, Y), batch_size=4, shuffle=False)
    for a, b in zip(trained((parts,)), wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    here = {threading.get_ident()}
    assert (parts.threads == here) == (workers == 1)
    assert parts.epochs == ["begin", "end"] * 3


def test_a_sequence_of_before_needs_no_call_of_super() -> None:
    for a, b in zip(trained((Old(),)), trained((Parts(),)), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_a_subclass_forgets_is_named() -> None:
    class Half(PyDataset):
        def __len__(self) -> int:
            return 1

    with pytest.raises(NotImplementedError, match="Half defines no __getitem__"):
        trained((Half(),))
    with pytest.raises(NotImplementedError, match="PyDataset defines no __len__"):
        len(PyDataset())
    with pytest.raises(ArgumentError, match="workers"):
        PyDataset(workers=0)


def test_a_batch_cannot_end_an_epoch() -> None:
    class Stops(Parts):
        def __getitem__(self, index: int) -> Any:
            return super().__getitem__(index) if index < 3 else next(iter(()))

    with pytest.raises(DataError, match="raised StopIteration"):
        trained([Stops()])
