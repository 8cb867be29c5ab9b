"""Samples from files of one's own: folders of pictures, CSV tables, NumPy archives.

Each function reads all of it and returns what it found: `(x, y)` to train on, a part
for testing if the files have one, and names of classes.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from wubu.data import load_image
from wubu.errors import DataError, FileFormatError, UnknownNameError

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")

Arrays = tuple[np.ndarray, np.ndarray]


class Found(NamedTuple):
    """What files hold."""

    train: Arrays
    test: Arrays | None = None
    classes: list[str] | None = None


def image_folder(path: Path, shape: tuple[int, int, int]) -> Found:
    """A folder with a folder of pictures for each class, or two of these: `train` and
    `test`. Classes are numbered in the order of their names.

    Shapes:
        x (samples, *shape), uint8; y (samples,), int64.

    Raises:
        DataError: no folder, no pictures, or other classes in `test` than in `train`.
        FileFormatError: a picture that cannot be read.
    """
    parts = _folders(path)
    if "train" not in parts:
        arrays, classes = _pictures(path, shape)
        return Found(arrays, None, classes)
    train, classes = _pictures(path / "train", shape)
    if "test" not in parts:
        return Found(train, None, classes)
    test, others = _pictures(path / "test", shape)
    if classes != others:
        raise DataError(
            "the folders train and test hold different classes",
            where=path,
            expected=", ".join(classes)[:80],
            got=", ".join(others)[:80],
        )
    return Found(train, test, classes)


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


def _folders(path: Path) -> list[str]:
    if not path.is_dir():
        raise DataError("there is no such folder", where=path)
    return sorted(p.name for p in path.iterdir() if p.is_dir() and p.name[0] != ".")


def _pictures(path: Path, shape: tuple[int, int, int]) -> tuple[Arrays, list[str]]:
    classes = _folders(path)
    files = [
        (file, number)
        for number, name in enumerate(classes)
        for file in sorted((path / name).rglob("*"))
        if file.suffix.lower() in PICTURES
    ]
    if not files:
        raise DataError(
            "there are no pictures in this folder",
            where=path,
            expected=f"a folder for each class, with files {', '.join(PICTURES[:3])}",
            got=f"folders {', '.join(classes)}"[:80] if classes else "no folders",
        )
    x = np.empty((len(files), *shape), np.uint8)

    def read(sample: int) -> None:
        x[sample] = load_image(files[sample][0], shape)

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # Pillow works without the GIL
        list(pool.map(read, range(len(files))))
    return (x, np.array([number for _, number in files])), classes


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
