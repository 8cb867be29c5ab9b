"""`FromFiles`: the constructors of `Dataset` that read folders and tables.

Pictures and texts are decoded when their batch is made, by a thread for each processor,
while the compiled step runs. Tables are small enough to be read at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from wubu.data.directories import Listing, list_files
from wubu.data.folders import Folder, open_folder
from wubu.data.idx import read_idx
from wubu.data.images import upright_pixels
from wubu.data.pipeline.node import Node
from wubu.data.pipeline.sources import Arrays, Made
from wubu.data.read_ahead import num_cpus
from wubu.data.resizing import check_size
from wubu.data.tables.columns import MISSING, Raw
from wubu.data.tables.csv_file import read_csv
from wubu.data.tables.frames import as_columns, read_parquet
from wubu.data.tables.table import Layout, learn_layout, samples
from wubu.errors import ArgumentError, FileFormatError, UnknownNameError

PICTURE_ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp", ".tif", ".tiff")
CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}

Self = TypeVar("Self", bound="FromFiles")


class FromFiles:
    """Mixed into `Dataset`."""

    class_names: list[str] | None = None
    feature_names: list[str] | None = None
    file_paths: list[str] | None = None
    layout: Layout | None = None

    def __init__(self, node: Node) -> None:
        raise NotImplementedError

    @classmethod
    def from_folder(
        cls: type[Self],
        directory: str | os.PathLike,
        *,
        image_size: Any = None,
        color_mode: str = "rgb",
        labels: Any = "inferred",
        class_names: Sequence[str] | None = None,
        follow_links: bool = False,
        num_parallel_calls: int | None = None,
    ) -> Self:
        """Pictures in a folder for each class, as uint8, with the numbers of classes.

        They are turned upright, laid on white and averaged where they shrink, as
        `wubu predict` does it. (`wubu.utils.image_dataset_from_directory` has Keras'
        arguments and numbers.)

        Args:
            directory: a folder, an archive (zip, tar, tar.gz, tar.xz ...), or a folder
                in an archive: "cifar10-jpeg.tar.xz/train".
            image_size: (height, width), or one number for both; None where all have
                one size.
            color_mode: "grayscale", "rgb" or "rgba".
            labels: "inferred" from the folders, None for pictures alone, or a list.
            class_names: the folders in the order of their numbers; sorted if None.
            follow_links: go into folders that are symbolic links.
            num_parallel_calls: threads; one for each processor if None.

        Raises:
            DataError: no pictures there. A damaged one is named when it is reached.

        Example:
            >>> Dataset.from_folder("flowers/train", image_size=96)  # doctest: +SKIP
            Dataset(3670 samples)
        """
        channels = channels_of(color_mode)
        size = None if image_size is None else check_size(image_size)
        folder = open_folder(directory, follow_links)
        listing = list_files(folder, PICTURE_ENDINGS, labels, class_names)

        def decode(content: bytes, where: str) -> np.ndarray:
            return upright_pixels(content, where, channels, size)

        node = decoded_files(
            folder, listing, decode, listing.labels, num_parallel_calls
        )
        return cls._of_files(node, folder, listing)

    @classmethod
    def from_text_folder(
        cls: type[Self],
        directory: str | os.PathLike,
        *,
        max_length: int | None = None,
        labels: Any = "inferred",
        class_names: Sequence[str] | None = None,
        follow_links: bool = False,
    ) -> Self:
        """Texts (`.txt`, UTF-8) in a folder for each class, as strings, with the number
        of their class.

        Args:
            directory: a folder, an archive, or a folder in an archive.
            max_length: characters to keep; None for all of them.
            labels: "inferred" from the folders, None for texts alone, or a list.
            class_names: the folders in the order of their numbers; sorted if None.
            follow_links: go into folders that are symbolic links.

        Raises:
            DataError: no texts there.
        """
        folder = open_folder(directory, follow_links)
        listing = list_files(folder, (".txt",), labels, class_names)
        node = decoded_files(folder, listing, text_decoder(max_length), listing.labels)
        return cls._of_files(node, folder, listing)

    @classmethod
    def from_idx(
        cls: type[Self],
        images: str | os.PathLike,
        labels: str | os.PathLike | None = None,
    ) -> Self:
        """The arrays in IDX files, the form of MNIST, packed with gzip or not."""
        x = read_idx(images)
        return cls(Arrays(x if labels is None else (x, read_idx(labels))))

    @classmethod
    def from_csv(
        cls: type[Self],
        path: str | os.PathLike,
        *,
        target: str | Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        kinds: Mapping[str, str] | None = None,
        missing: Any = "error",
        missing_values: Sequence[str] = MISSING,
        as_dict: bool = False,
        like: FromFiles | None = None,
        delimiter: str | None = None,
        header: bool = True,
        names: Sequence[str] | None = None,
        encoding: str = "utf-8-sig",
    ) -> Self:
        """The rows of a CSV file.

        What a column holds is found by looking: numbers; dates, which become days since
        1970; anything else is categories. Numbers and dates are one feature, categories
        one for each of their values, 0 or 1.

        Args:
            path: the file.
            target: the column to predict, or several; None for x alone.
            columns: those of x; all but the target if None.
            kinds: "number", "category", "date", or the form of a date as "%d/%m/%Y",
                for columns by name.
            missing: what is done about gaps: "error" names the first one; "drop" leaves
                out its row; "mean" and "median" of the column, or a number, fill it (a
                category gets its most frequent value). Or one of these for columns by
                name. A gap in a target is never filled.
            missing_values: cells that mean that nothing is known.
            as_dict: x as a dictionary of columns, for a model with several inputs, in
                which categories are numbered.
            like: a dataset read from another table. Kinds, categories and fillings are
                its own: so a test set is read as the training set was.
            delimiter: found in the first line if None.
            header: whether the first line holds names.
            names: of the columns, instead of those in the file.
            encoding: of the file.

        Raises:
            DataError, FileFormatError: a cell, row or file at fault; names the line.
            UnknownNameError: a column that is not there.

        Example:
            >>> import pathlib, tempfile
            >>> from wubu.data import Dataset
            >>> lines = ["size,colour,price", "2,red,5", "3,blue,7"]
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     path = pathlib.Path(folder, "a.csv")
            ...     _ = path.write_text(chr(10).join(lines))
            ...     dataset = Dataset.from_csv(path, target="price")
            >>> dataset.feature_names
            ['size', 'colour=blue', 'colour=red']
            >>> x, y = dataset.batch(2)[0]
            >>> x.tolist(), y.tolist()
            ([[2.0, 0.0, 1.0], [3.0, 1.0, 0.0]], [5, 7])
        """
        raw = read_csv(
            path, delimiter=delimiter, header=header, names=names, encoding=encoding
        )
        options = (target, columns, kinds, missing, missing_values, as_dict)
        return cls._of_columns(raw, options, like)

    @classmethod
    def from_table(
        cls: type[Self],
        table: Any,
        *,
        target: str | Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        kinds: Mapping[str, str] | None = None,
        missing: Any = "error",
        missing_values: Sequence[str] = MISSING,
        as_dict: bool = False,
        like: FromFiles | None = None,
    ) -> Self:
        """The rows of a pandas or polars DataFrame, of a pyarrow Table, or of a
        dictionary of columns. Arguments are those of `from_csv`.

        Example:
            >>> from wubu.data import Dataset
            >>> table = {"size": [2, 3], "price": [5, 7]}
            >>> Dataset.from_table(table, target="price").batch(2)[0][0].tolist()
            [[2.0], [3.0]]
        """
        options = (target, columns, kinds, missing, missing_values, as_dict)
        return cls._of_columns(as_columns(table), options, like)

    @classmethod
    def from_parquet(cls: type[Self], path: str | os.PathLike, **options: Any) -> Self:
        """The rows of a Parquet file, by pyarrow, where that is installed. Options are
        those of `from_table`."""
        return cls.from_table(read_parquet(path), **options)

    @classmethod
    def _of_columns(
        cls: type[Self], raw: Raw, options: tuple[Any, ...], like: FromFiles | None
    ) -> Self:
        layout = learn_layout(raw, *options) if like is None else like.layout
        if layout is None:
            raise ArgumentError("like= is no dataset of a table", got=repr(like))
        x, y = samples(raw, layout)
        made = cls(Arrays(x if y is None else (x, y)))
        made.layout = layout
        made.feature_names, made.class_names = layout.feature_names, layout.class_names
        return made

    @classmethod
    def _of_files(
        cls: type[Self], node: Node, folder: Folder, listing: Listing
    ) -> Self:
        made = cls(node)
        made.class_names = listing.class_names
        made.file_paths = [folder.path(name) for name in listing.names]
        return made


def decoded_files(
    folder: Folder,
    listing: Listing,
    decode: Callable[[bytes, str], Any],
    labels: np.ndarray | None,
    num_parallel_calls: int | None = None,
) -> Made:
    """Files, decoded when they are asked for, each with its label if there are labels.

    Args:
        folder: where they are.
        listing: which they are.
        decode: makes a sample of what a file holds; is told its path, for errors.
        labels: one for each file, as the network is to see them.
        num_parallel_calls: threads; one for each processor if None.
    """
    names = listing.names

    def make(index: int) -> Any:
        name = names[index]
        sample = decode(folder.read(name), folder.path(name))
        return sample if labels is None else (sample, labels[index])

    known = num_parallel_calls is not None and num_parallel_calls >= 0
    workers = num_parallel_calls if known else num_cpus()
    return Made(make, len(names), labels=labels, workers=workers or 0)


def text_decoder(max_length: int | None) -> Callable[[bytes, str], str]:
    """Makes a string of what a text file holds, cut to a number of characters."""

    def decode(content: bytes, where: str) -> str:
        try:
            return content.decode("utf-8-sig")[:max_length]
        except UnicodeDecodeError as error:
            raise FileFormatError(
                "this text is not UTF-8",
                where=where,
                got=f"byte {content[error.start]:02x} at place {error.start}",
                fix="convert it: iconv -f latin1 -t utf-8",
            ) from error

    return decode


def channels_of(color_mode: str) -> int:
    """The channels of pictures of this mode."""
    if color_mode not in CHANNELS:
        raise UnknownNameError("color mode", color_mode, CHANNELS)
    return CHANNELS[color_mode]
