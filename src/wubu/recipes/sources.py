"""Samples from files of one's own: folders of pictures, CSV tables, NumPy archives.

Each function reads all of it and returns what it found: `(x, y)` to train on, a part
for testing if the files have one, and names of classes.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from wubu.data import Dataset
from wubu.data.folders import open_folder
from wubu.errors import DataError, FileFormatError, UnknownNameError

Arrays = tuple[np.ndarray, np.ndarray]


class Found(NamedTuple):
    """What files hold."""

    train: Arrays
    test: Arrays | None = None
    classes: list[str] | None = None


def image_folder(path: Path, size: tuple[int, int], color_mode: str = "rgb") -> Found:
    """A folder with a folder of pictures for each class, or two of these: `train` and
    `test`; on disk or in an archive. Classes are numbered in the order of their names.

    Shapes:
        x (samples, *size, channels), uint8; y (samples,), int64.

    Raises:
        DataError: no folder, no pictures, or other classes in `test` than in `train`.
        FileFormatError: a picture that cannot be read.
    """

    def read(part: Path, names: list[str] | None = None) -> Dataset:
        options: Any = {"image_size": size, "color_mode": color_mode}
        return Dataset.from_folder(part, class_names=names, **options)

    parts = open_folder(path).folders()
    if "train" not in parts:
        found = read(path)
        return Found(_arrays(found), None, found.class_names)
    found = read(path / "train")
    test = None
    if "test" in parts:
        other = read(path / "test")
        if other.class_names != found.class_names:
            raise DataError(
                "the folders train and test hold different classes",
                where=path,
                expected=", ".join(found.class_names or [])[:80],
                got=", ".join(other.class_names or [])[:80],
            )
        test = _arrays(other)
    return Found(_arrays(found), test, found.class_names)


def csv_file(path: Path, target: str | None = None) -> Found:
    """A table with names of columns in its first line.

    Args:
        path: the file.
        target: the column to predict, the last by default. Texts are classes, and so
            are whole numbers from 0; other numbers are values.

    Shapes:
        x (samples, columns), float32; y (samples,).

    Raises:
        DataError: no rows, or a cell that is no number; with its line.
        UnknownNameError: no column of this name.
    """
    with _opened(path).open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        head = [name.strip() for name in next(reader, [])]
        rows = [(reader.line_num, row) for row in reader if row]
    if not rows:
        raise DataError("this table has no rows", where=path)
    if target is not None and target not in head:
        raise UnknownNameError(f"column in {path.name}", target, head)
    column = len(head) - 1 if target is None else head.index(target)
    for line, row in rows:
        if len(row) != len(head):
            raise DataError(
                "a row of this table has another length than the first",
                where=f"{path}:{line}",
                expected=f"{len(head)} cells",
                got=f"{len(row)}",
            )
    x = np.empty((len(rows), len(head) - 1), np.float32)
    for sample, (line, row) in enumerate(rows):
        cells = row[:column] + row[column + 1 :]
        x[sample] = [_number(cell, f"{path}:{line}") for cell in cells]
    y, classes = _targets([row[column].strip() for _, row in rows])
    return Found((x, y), None, classes)


def npz_file(path: Path) -> Found:
    """A NumPy archive with x_train, y_train, x_test, y_test; or with x and y.

    Raises:
        DataError: no such arrays.
        FileFormatError: no NumPy archive.
    """
    _opened(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in getattr(file, "files", [])}
    except (ValueError, OSError, EOFError, AttributeError, TypeError) as error:
        raise FileFormatError(
            "this is no NumPy archive of numbers", where=path, got=str(error)[:200]
        ) from error
    if {"x_train", "y_train"} <= set(arrays):
        test = None
        if {"x_test", "y_test"} <= set(arrays):
            test = arrays["x_test"], arrays["y_test"]
        return Found((arrays["x_train"], arrays["y_train"]), test)
    if {"x", "y"} <= set(arrays):
        return Found((arrays["x"], arrays["y"]))
    raise DataError(
        "this archive does not hold samples",
        where=path,
        expected="x_train, y_train, x_test, y_test; or x, y",
        got=", ".join(arrays) or "nothing",
    )


def _arrays(dataset: Dataset) -> Arrays:
    """All samples at once."""
    (x, y), *_ = dataset.batch(len(dataset))
    return x, y


def _opened(path: Path) -> Path:
    if not path.is_file():
        raise DataError("there is no such file", where=path)
    return path


def _number(cell: str, where: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise DataError(
            "a cell of this table is no number", where=where, got=repr(cell)[:60]
        ) from None


def _targets(cells: list[str]) -> tuple[np.ndarray, list[str] | None]:
    """Targets as numbers, and the names of classes if they are classes."""
    whole = _converted(cells, int)
    if whole is not None and min(whole) >= 0:
        return np.array(whole), None
    values = _converted(cells, float)
    if values is not None:
        return np.array(values, np.float32), None
    names = sorted(set(cells))
    places = {name: number for number, name in enumerate(names)}
    return np.array([places[cell] for cell in cells]), names


def _converted(cells: list[str], kind: Callable[[str], Any]) -> list[Any] | None:
    try:
        return [kind(cell) for cell in cells]
    except ValueError:
        return None
