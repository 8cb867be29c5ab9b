"""Folders with a folder of files for each class: which files, which labels.

    main/cat/1.jpg, main/cat/old/2.jpg, main/dog/1.jpg   ->   labels 0, 0, 1

Order, labels and split are those of Keras' `*_dataset_from_directory`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from wubu.data.folders import Folder
from wubu.errors import ArgumentError, DataError, UnknownNameError

LABEL_MODES = ("int", "categorical", "binary")


class Listing(NamedTuple):
    """Files of a folder, and what they are."""

    names: list[str]
    labels: np.ndarray | None  # (files,), int32
    class_names: list[str] | None

    def part(self, rows: slice) -> Listing:
        """Some of the files."""
        labels = None if self.labels is None else self.labels[rows]
        return Listing(self.names[rows], labels, self.class_names)


def list_files(
    folder: Folder,
    endings: tuple[str, ...],
    labels: Any = "inferred",
    class_names: Sequence[str] | None = None,
) -> Listing:
    """The files with these endings, class after class, sorted.

    Args:
        folder: with a folder for each class.
        endings: in small letters, as ".jpg"; large ones in names fit too.
        labels: "inferred" takes the number of the folder; None gives no labels; a list
            has one label for each file, in the order of their paths.
        class_names: folders in the order of their numbers; the others are left out. All
            of them, sorted, if None.

    Raises:
        ArgumentError, UnknownNameError: labels or class names that do not fit.
        DataError: no such files.
    """
    files = [name for name in folder.names if name.lower().endswith(endings)]
    if labels is None or not isinstance(labels, str):
        if class_names is not None:
            raise ArgumentError(
                "class_names can only be given where labels are inferred",
                got=f"labels={labels!r:.40}",
            )
        listing = _given(files, labels)
    elif labels == "inferred":
        listing = _inferred(folder, files, class_names)
    else:
        raise ArgumentError(
            "labels are not known",
            expected='"inferred", None, or a list with a label for each file',
            got=repr(labels),
        )
    if not listing.names:
        raise DataError(
            "there are no such files",
            where=folder.place,
            expected=f"names that end with {', '.join(endings)}"
            + (", in a folder for each class" if labels == "inferred" else ""),
            got=f"{len(folder.names)} other files",
        )
    return listing


def _given(files: list[str], labels: Any) -> Listing:
    if labels is None:
        return Listing(files, None, None)
    if len(labels) != len(files):
        raise ArgumentError(
            "there is not one label for each file",
            expected=f"{len(files)} labels",
            got=f"{len(labels)} labels",
        )
    names = [str(label) for label in sorted(set(labels))]
    return Listing(files, np.asarray(labels, np.int32), names)


def _inferred(
    folder: Folder, files: list[str], class_names: Sequence[str] | None
) -> Listing:
    found = folder.folders()
    classes = found if class_names is None else list(class_names)
    for name in classes:
        if name not in found:
            raise UnknownNameError("class folder", name, found, where=folder.place)
    names, labels = [], []
    for number, class_name in enumerate(classes):
        own = [name for name in files if name.startswith(f"{class_name}/")]
        names += own
        labels += [number] * len(own)
    return Listing(names, np.array(labels, np.int32), classes)


def shuffled(listing: Listing, seed: int) -> Listing:
    """The files in the order Keras gives them for this seed."""
    order = np.arange(len(listing.names))
    np.random.RandomState(seed).shuffle(order)
    labels = None if listing.labels is None else listing.labels[order]
    return Listing([listing.names[i] for i in order], labels, listing.class_names)


def encoded(labels: np.ndarray, mode: str, num_classes: int) -> np.ndarray:
    """Labels in the form a loss wants.

    | mode | |
    |---|---|
    | int | int32 (files,) |
    | categorical | float32 (files, classes), one-hot |
    | binary | float32 (files, 1), 0 or 1 |

    Raises:
        UnknownNameError: another mode.
        ArgumentError: "binary" with another number of classes than two.

    Example:
        >>> encoded(np.array([1, 0]), "categorical", 2).tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    if mode not in LABEL_MODES:
        raise UnknownNameError("label mode", mode, LABEL_MODES)
    if mode == "int":
        return labels.astype(np.int32)
    if mode == "categorical":
        return np.eye(num_classes, dtype=np.float32)[labels]
    if num_classes != 2:
        raise ArgumentError(
            "binary labels need two classes", expected="2", got=f"{num_classes} classes"
        )
    return labels.astype(np.float32)[:, None]
