"""The binary version of CIFAR: records of label bytes and the pixels of one picture.

    CIFAR-10     1 byte label,                   3072 bytes pixels
    CIFAR-100    1 byte coarse, 1 byte fine,     3072 bytes pixels

Pixels are red, green and blue planes of 32 × 32, row by row. Unlike the version for
Python, which is made of pickles, there is nothing in it that could be executed.
Members are read out of the archive where it lies; nothing is unpacked to disk.

Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np

from wubu.errors import FileFormatError

Arrays = tuple[np.ndarray, np.ndarray]

MIRRORS = (
    "https://www.cs.toronto.edu/~kriz/",
    "https://cave.cs.toronto.edu/kriz/",
)

_PIXELS = 3 * 32 * 32


def read_records(
    archive: Path, members: tuple[str, ...], num_labels: int, label: int
) -> Arrays:
    """Pictures and labels of some members of an archive, joined.

    Args:
        archive: the `.tar.gz` file.
        members: names in it, in order.
        num_labels: label bytes of a record.
        label: which of them to give.

    Shapes:
        pictures (samples, 32, 32, 3) and labels (samples, 1), uint8.

    Raises:
        FileFormatError: a member is missing, or does not consist of whole records.
    """
    size = num_labels + _PIXELS
    with tarfile.open(archive) as tar:
        content = b"".join(_member(tar, name, size, archive) for name in members)
    records = np.frombuffer(content, np.uint8).reshape(-1, size)
    planes = records[:, num_labels:].reshape(-1, 3, 32, 32)
    pictures = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
    return pictures, records[:, label : label + 1].copy()


def _member(tar: tarfile.TarFile, name: str, size: int, archive: Path) -> bytes:
    try:
        file = tar.extractfile(name)
    except KeyError:
        file = None
    content = b"" if file is None else file.read()
    if not content or len(content) % size:
        raise FileFormatError(
            f"{archive.name} is not what it should be",
            where=archive,
            expected=f"{name} with whole records of {size:,} bytes",
            got=f"{len(content):,} bytes" if content else "no such file in it",
        )
    return content
