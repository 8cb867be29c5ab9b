"""Elements kept after they were made once, in memory or in a file.

Samples of one shape lie in one array, so that a cached dataset is as good as arrays:
`fit` picks its samples inside the compiled program. Samples of differing shapes, and
strings, are kept as objects.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from wubu.data.elements import as_leaf, leaves_of, refilled, stack_leaves
from wubu.data.pipeline.node import Node, Plan, Step
from wubu.errors import ArgumentError, DataError

_INDEX = "cache.json"


class Cached(Step):
    """Elements of the first epoch, made once.

    Args:
        parent: where they come from.
        folder: where to keep them as `.npy` files, which are used again by the next
            run; None keeps them in memory.
    """

    def __init__(self, parent: Node, folder: Path | None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._store: _Store | None = None
        self._lock = threading.Lock()
        self._all: list[Any] | None = None  # of a source without numbers
        if self.length == math.inf:
            raise ArgumentError(
                "endless elements cannot be cached", fix="put cache() before repeat()"
            )
        if folder is not None and not self.indexed:
            raise ArgumentError(
                "the elements of a generator can only be cached in memory",
                fix="cache() without a path",
            )
        if folder is not None and (folder / _INDEX).is_file():
            self._store = _opened(folder, self.count)

    def element(self, epoch: int, index: int) -> Any:
        store = self._store
        if store is None or not store.has[index]:
            made = self.parent.element(0, index)
            store = self._keep(index, made)
        return store.element(index)

    def batch(self, epoch: int, rows: np.ndarray) -> Any:
        self._fill(rows)
        assert self._store is not None
        return self._store.batch(rows)

    def flow(self, epoch: int) -> Iterator[Any]:
        if self._all is not None:
            yield from self._all
            return
        kept = []
        for element in self.parent.flow(0):
            kept.append(element)
            yield element
        self._all = kept
        self.length = len(kept)

    def labels(self) -> Any:
        return self.parent.labels()

    def plan(self) -> Plan | None:
        ragged = self._store is not None and not self._store.uniform
        if not self.indexed or ragged:
            return None
        order = np.arange(self.count, dtype=np.int64)
        return Plan(self._whole, lambda epoch: order)

    def _whole(self) -> Any:
        """All elements as arrays; they are made now where they have not been."""
        missing = self._missing(np.arange(self.count, dtype=np.int64))
        if len(missing):
            part = _Rows(self, missing)
            for _ in part.elements(0):
                pass
        assert self._store is not None
        return self._store.all() if self._store.uniform else None

    def _missing(self, rows: np.ndarray) -> np.ndarray:
        return rows if self._store is None else rows[~self._store.has[rows]]

    def _fill(self, rows: np.ndarray) -> None:
        for row in self._missing(rows):
            self.element(0, int(row))

    def _keep(self, index: int, element: Any) -> _Store:
        with self._lock:
            if self._store is None:
                self._store = _Store(element, self.count, self._folder)
            self._store.put(index, element)
            return self._store


class _Rows(Step):
    """The missing elements, to be made by as many threads as the pipeline wants."""

    def __init__(self, parent: Node, rows: np.ndarray) -> None:
        super().__init__(parent)
        self.length = len(rows)
        self._rows = rows

    def element(self, epoch: int, index: int) -> Any:
        self.parent.element(epoch, int(self._rows[index]))


class _Store:
    """One array for each leaf of an element, with a row for each element.

    Args:
        first: an element, whose structure, shapes and dtypes the others have.
        length: how many there will be.
        folder: for the files, or None.
    """

    def __init__(self, first: Any, length: int, folder: Path | None) -> None:
        self.first = first
        self.has = np.zeros(length, dtype=bool)
        self._count = 0
        self._folder = folder
        self.columns = [
            self._column(i, as_leaf(leaf), length)
            for i, leaf in enumerate(leaves_of(first))
        ]

    @property
    def uniform(self) -> bool:
        return all(column.dtype != object for column in self.columns)

    def _column(self, number: int, leaf: np.ndarray, length: int) -> np.ndarray:
        objects = leaf.dtype.kind in "USO"
        if self._folder is None:
            if objects:
                return np.empty(length, dtype=object)
            return np.empty((length, *leaf.shape), leaf.dtype)
        if objects:
            raise _not_for_files(leaf)
        self._folder.mkdir(parents=True, exist_ok=True)
        return np.lib.format.open_memmap(
            self._folder / f"{number}.npy",
            mode="w+",
            dtype=leaf.dtype,
            shape=(length, *leaf.shape),
        )

    def put(self, index: int, element: Any) -> None:
        if self.has[index]:
            return
        for i, leaf in enumerate(map(as_leaf, leaves_of(element))):
            column = self.columns[i]
            fits = column.shape[1:] == leaf.shape and column.dtype == leaf.dtype
            if column.dtype != object and not fits:
                if self._folder is not None:
                    raise _not_for_files(leaf)
                column = self.columns[i] = _as_objects(column, self.has)
            column[index] = leaf if fits or leaf.ndim else leaf.item()
        self.has[index] = True
        self._count += 1
        if self._folder is not None and self._count == len(self.has):
            self._finish(self._folder)

    def _finish(self, folder: Path) -> None:
        for column in self.columns:
            column.flush()  # type: ignore[attr-defined]
        numbers = refilled(self.first, iter(range(len(self.columns))))
        text = json.dumps({"length": len(self.has), "element": _to_json(numbers)})
        (folder / _INDEX).write_text(text)

    def element(self, index: int) -> Any:
        return refilled(self.first, (column[index] for column in self.columns))

    def batch(self, rows: np.ndarray) -> Any:
        return refilled(self.first, (_taken(column, rows) for column in self.columns))

    def all(self) -> Any:
        return refilled(self.first, iter(self.columns))


def _taken(column: np.ndarray, rows: np.ndarray) -> np.ndarray:
    if column.dtype == object:
        return stack_leaves([as_leaf(value) for value in column[rows]])
    return np.take(column, rows, axis=0)


def _as_objects(column: np.ndarray, has: np.ndarray) -> np.ndarray:
    objects = np.empty(len(column), dtype=object)
    for row in np.flatnonzero(has):
        objects[row] = column[row]
    return objects


def _opened(folder: Path, length: int) -> _Store:
    """The finished cache of an earlier run."""
    index = json.loads((folder / _INDEX).read_text())
    if index["length"] != length:
        raise DataError(
            "this cache was made of other data",
            where=folder,
            expected=f"{length} elements",
            got=f"{index['length']} elements",
            fix="delete the folder, or give another one",
        )
    store = object.__new__(_Store)
    store.first = _from_json(index["element"])
    store.has = np.ones(length, dtype=bool)
    store._folder, store._count = folder, length
    store.columns = [
        np.load(folder / f"{i}.npy", mmap_mode="r", allow_pickle=False)
        for i in range(len(leaves_of(store.first)))
    ]
    return store


def _to_json(numbers: Any) -> Any:
    """A structure as JSON has it: a tuple as a list."""
    if isinstance(numbers, tuple):
        return [_to_json(part) for part in numbers]
    if isinstance(numbers, dict):
        return {key: _to_json(part) for key, part in numbers.items()}
    return numbers


def _from_json(numbers: Any) -> Any:
    if isinstance(numbers, list):
        return tuple(_from_json(part) for part in numbers)
    if isinstance(numbers, dict):
        return {key: _from_json(part) for key, part in numbers.items()}
    return numbers


def _not_for_files(leaf: np.ndarray) -> DataError:
    return DataError(
        "only numbers of one shape can be cached in files",
        got="text" if leaf.dtype == object else f"shape {leaf.shape}, {leaf.dtype}",
        fix="cache() keeps it in memory; or bring elements to one shape before",
    )
