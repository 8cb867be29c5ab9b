"""What `image_dataset_from_directory` and `text_dataset_from_directory` share: which
files, in which order, with which labels, in which part of a split. As in Keras."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from wubu.data import Dataset
from wubu.data.directories import Listing, encoded, list_files, shuffled
from wubu.data.folders import open_folder
from wubu.data.from_files import decoded_files
from wubu.errors import ArgumentError, UnknownNameError
from wubu.ops.random import current_seed

_SUBSETS = ("training", "validation", "both")


class Options(NamedTuple):
    """Arguments that pictures and texts have in common."""

    labels: Any
    label_mode: str | None
    class_names: Sequence[str] | None
    batch_size: int | None
    shuffle: bool
    seed: int | None
    validation_split: float | None
    subset: str | None
    follow_links: bool
    verbose: bool


def directory_datasets(
    directory: str | os.PathLike,
    endings: tuple[str, ...],
    decode: Callable[[bytes, str], Any],
    options: Options,
) -> Any:
    """A dataset of the files, or two where both parts of a split are wanted.

    Args:
        directory: a folder, an archive, or a folder in an archive.
        endings: of the names of the files.
        decode: makes a sample of what a file holds.
        options: see the two functions that call this.
    """
    _check_split(options)
    folder = open_folder(directory, options.follow_links)
    labels = None if options.label_mode is None else options.labels
    names = options.class_names
    if labels is None and options.labels == "inferred":
        names = None
    listing = list_files(folder, endings, labels, names)
    if options.verbose:
        classes = listing.class_names
        belonging = f" belonging to {len(classes)} classes" if classes else ""
        print(f"Found {len(listing.names)} files{belonging}.")
    seed = seed_or_current(options.seed)
    if options.shuffle:
        listing = shuffled(listing, seed)

    def made(part: Listing, shuffle: bool) -> Dataset:
        known = None
        if part.labels is not None:
            classes = len(part.class_names or ())
            known = encoded(part.labels, options.label_mode or "int", classes)
        dataset = Dataset(decoded_files(folder, part, decode, known))
        dataset = dataset.shuffle(seed=seed) if shuffle else dataset
        if options.batch_size is not None:
            dataset = dataset.batch(options.batch_size)
        dataset.class_names = part.class_names
        dataset.file_paths = [folder.path(name) for name in part.names]
        return dataset

    if not options.validation_split:
        return made(listing, options.shuffle)
    held = int(options.validation_split * len(listing.names))
    parts = {
        "training": listing.part(slice(0, len(listing.names) - held)),
        "validation": listing.part(slice(len(listing.names) - held, None)),
    }
    wanted = [options.subset] if options.subset != "both" else list(parts)
    found = []
    for name in wanted:
        part = parts[str(name)]
        if not part.names:
            raise ArgumentError(
                f"no files are left for {name}",
                got=f"validation_split={options.validation_split} of "
                f"{len(listing.names)} files",
            )
        if options.verbose:
            print(f"Using {len(part.names)} files for {name}.")
        # Where both are made, only what is trained on has another order every epoch.
        again = options.shuffle and (options.subset != "both" or name == "training")
        found.append(made(part, again))
    return found if options.subset == "both" else found[0]


def _check_split(options: Options) -> None:
    fraction, subset = options.validation_split, options.subset
    if subset is not None and subset not in _SUBSETS:
        raise UnknownNameError("subset", subset, _SUBSETS)
    if (fraction is None) != (subset is None):
        raise ArgumentError(
            "validation_split and subset belong together",
            got=f"validation_split={fraction}, subset={subset!r}",
        )
    if fraction is not None and not 0 < fraction < 1:
        raise ArgumentError(
            "validation_split is not a fraction",
            expected="between 0 and 1, both excluded",
            got=fraction,
        )
    if fraction is not None and options.shuffle and options.seed is None:
        raise ArgumentError(
            "shuffled files are not split without a seed: the parts would overlap",
            fix="pass the same seed for both parts, or shuffle=False",
        )


def seed_or_current(seed: int | None) -> int:
    """A seed NumPy and `Dataset.shuffle` take: that of Wubu where none is given."""
    return (current_seed() if seed is None else seed) % 2**32


def check_format(format: str) -> None:
    """Refuse what Keras does not know; either library's name means a `Dataset`."""
    if format not in ("tf", "grain"):
        raise UnknownNameError("format", format, ("tf", "grain"))
