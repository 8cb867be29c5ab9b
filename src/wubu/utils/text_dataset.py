"""Texts in a folder for each class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from wubu.data.from_files import text_decoder
from wubu.utils.directory_datasets import Options, check_format, directory_datasets


def text_dataset_from_directory(
    directory: str | os.PathLike,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Texts (`.txt`, UTF-8) as strings, and labels. Arguments are those of Keras.

    Args:
        directory: a folder with a folder for each class; an archive of such (zip, tar,
            tar.gz, tar.xz ...); or a folder in an archive.
        labels: "inferred" from the folders, None for texts alone, or a list with one
            for each file, in the order of their paths.
        label_mode: "int", "categorical" (one-hot), "binary" (two classes), or None.
        class_names: the folders in the order of their numbers; sorted if None.
        batch_size: texts of a batch; None for single ones.
        max_length: characters to keep of each text; None for all of them.
        shuffle: shuffle the files, and have another order in every epoch.
        seed: of these orders.
        validation_split: the fraction for validation: the last files.
        subset: "training", "validation", or "both" for a list of the two.
        follow_links: go into folders that are symbolic links.
        format: of no effect here; Keras has it to choose a library.
        verbose: say how many files there are.

    Returns:
        A `Dataset` with attributes `class_names` and `file_paths`, or a list of two.

    Shapes:
        texts (batch,), an array of strings; labels (batch,) int32, (batch, classes)
        float32 or (batch, 1) float32, by label mode.

    Raises:
        ArgumentError, UnknownNameError: arguments that do not fit together.
        DataError: no texts. One that is not UTF-8 is named when it is reached.
    """
    check_format(format)
    options = Options(
        labels,
        label_mode,
        class_names,
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        verbose,
    )
    return directory_datasets(directory, (".txt",), text_decoder(max_length), options)
