"""Pictures in a folder for each class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.data.from_files import channels_of
from wubu.data.images import plain_pixels
from wubu.data.resizing import check_interpolation, check_size, resize
from wubu.errors import ArgumentError
from wubu.utils.directory_datasets import Options, check_format, directory_datasets
from wubu.utils.pictures import is_channels_first

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")


def image_dataset_from_directory(
    directory: str | os.PathLike,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Any = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Pictures, float32 from 0 to 255, and labels. Arguments and numbers are those of
    Keras; files are decoded in threads while the program runs.

    The order of the files, and so which of them are for validation, is Keras' for the
    same seed. The order of each epoch is Wubu's, a function of seed and epoch.
    `wubu.data.Dataset.from_folder` is the plainer way: it gives uint8, which takes a
    quarter of the memory, and averages where pictures shrink.

    Args:
        directory: a folder with a folder for each class; an archive of such (zip, tar,
            tar.gz, tar.xz ...); or a folder in an archive, "pictures.tar.xz/train".
        labels: "inferred" from the folders, None for pictures alone, or a list with one
            for each file, in the order of their paths.
        label_mode: "int", "categorical" (one-hot), "binary" (two classes), or None.
        class_names: the folders in the order of their numbers; sorted if None.
        color_mode: "rgb", "rgba" or "grayscale".
        batch_size: pictures of a batch; None for single ones.
        image_size: (height, width).
        shuffle: shuffle the files, and have another order in every epoch.
        seed: of these orders.
        validation_split: the fraction for validation: the last files.
        subset: "training", "validation", or "both" for a list of the two.
        interpolation: "bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5",
            "gaussian" or "mitchellcubic".
        follow_links: go into folders that are symbolic links.
        crop_to_aspect_ratio: cut off what is too high or wide instead of stretching.
        pad_to_aspect_ratio: add black bars instead of stretching.
        data_format: "channels_last" (if None) or "channels_first".
        format: of no effect here; Keras has it to choose a library.
        verbose: say how many files there are.

    Returns:
        A `Dataset` with attributes `class_names` and `file_paths`, or a list of two.

    Shapes:
        pictures (batch, *image_size, channels); labels (batch,) int32,
        (batch, classes) float32 or (batch, 1) float32, by label mode.

    Raises:
        ArgumentError, UnknownNameError: arguments that do not fit together.
        DataError: no pictures. A damaged one is named when it is reached.

    Example:
        >>> train = image_dataset_from_directory("flowers")  # doctest: +SKIP
        Found 3670 files belonging to 5 classes.
    """
    check_format(format)
    channels = channels_of(color_mode)
    size = check_size(image_size)
    method = check_interpolation(interpolation)
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ArgumentError(
            "a picture cannot be both cropped and padded",
            fix="leave out crop_to_aspect_ratio or pad_to_aspect_ratio",
        )
    first = is_channels_first(data_format)

    def decode(content: bytes, where: str) -> np.ndarray:
        picture = resize(
            plain_pixels(content, where, channels),
            size,
            method,
            crop_to_aspect_ratio=crop_to_aspect_ratio,
            pad_to_aspect_ratio=pad_to_aspect_ratio,
        )
        return picture.transpose(2, 0, 1) if first else picture

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
    return directory_datasets(directory, ENDINGS, decode, options)
