"""Samples from files of one's own: folders of pictures, CSV tables, NumPy archives.

Each function reads all of it and returns what it found: `(x, y)` to train on, a part
for testing if the files have one, and names of classes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from wubu.data import Dataset
from wubu.data.folders import DAMAGED, open_folder
from wubu.errors import DataError, FileFormatError

Arrays = tuple[np.ndarray, np.ndarray]


class Found(NamedTuple):
    """What files hold."""

    train: Arrays
    test: Arrays | None = None
    classes: list[str] | None = None


def image_folder(
    path: Path,
    size: tuple[int, int],
    color_mode: str = "rgb",
    options: dict[str, Any] | None = None,
) -> Found:
    """A folder with a folder of pictures for each class, or two of these: `train` and
    `test`; on disk or in an archive. Options are further arguments of
    `wubu.data.Dataset.from_folder`.

    Shapes:
        x (samples, *size, channels), uint8; y (samples,), int64.

    Raises:
        DataError: no folder, no pictures, or other classes in `test` than in `train`.
        FileFormatError: a picture that cannot be read.
    """

    def read(part: Path) -> Dataset:
        said = {"image_size": size, "color_mode": color_mode, **(options or {})}
        return Dataset.from_folder(part, **said)

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


def csv_file(
    path: Path,
    test: Path | None,
    target: str,
    options: dict[str, Any],
    like: Path | None = None,
) -> Found:
    """A table, and another one to test on if there is one. What columns hold is found
    by looking; see `wubu.data.Dataset.from_csv`, whose arguments the options are.

    Args:
        path: the table.
        test: the one to test on; it is read as the other is.
        target: the column to predict.
        options: further arguments.
        like: a table that says what columns hold, and numbers their categories; by
            default `path` itself.

    Shapes:
        x (samples, features), float32; y (samples,).

    Raises:
        DataError: a row or a cell at fault; names its line.
        UnknownNameError: no column of this name.
    """
    first = None if like is None else Dataset.from_csv(like, target=target, **options)
    table = Dataset.from_csv(path, target=target, **options, like=first)
    other = None
    if test is not None:
        said = {"target": target, **options, "like": table}
        other = _arrays(Dataset.from_csv(test, **said))
    return Found(_arrays(table), other, table.class_names)


def npz_file(path: Path) -> Found:
    """A NumPy archive with x_train, y_train, x_test, y_test; or with x and y.

    Raises:
        DataError: no such arrays, or x and y of different lengths.
        FileFormatError: no NumPy archive.
    """
    if not path.is_file():
        raise DataError("there is no such file", where=path)
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in getattr(file, "files", [])}
    except (*DAMAGED, AttributeError, TypeError) as error:
        raise FileFormatError(
            "this is no NumPy archive of numbers", where=path, got=str(error)[:200]
        ) from error
    if {"x_train", "y_train"} <= set(arrays):
        test = None
        if {"x_test", "y_test"} <= set(arrays):
            test = _pair(arrays, "x_test", "y_test", path)
        return Found(_pair(arrays, "x_train", "y_train", path), test)
    if {"x", "y"} <= set(arrays):
        return Found(_pair(arrays, "x", "y", path))
    raise DataError(
        "this archive does not hold samples",
        where=path,
        expected="x_train, y_train, x_test, y_test; or x, y",
        got=", ".join(arrays) or "nothing",
    )


def _pair(arrays: dict[str, np.ndarray], x: str, y: str, path: Path) -> Arrays:
    lengths = [len(arrays[name]) if arrays[name].ndim else 0 for name in (x, y)]
    if lengths[0] != lengths[1] or lengths[0] == 0:
        raise DataError(
            f"{x} and {y} do not have the same samples",
            where=path,
            expected="one number of samples, at least 1",
            got=f"{lengths[0]} and {lengths[1]}",
        )
    return arrays[x], arrays[y]


def _arrays(dataset: Dataset) -> Arrays:
    """All samples at once."""
    (x, y), *_ = dataset.batch(len(dataset))
    return x, y
