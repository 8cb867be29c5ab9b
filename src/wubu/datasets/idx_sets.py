"""Sets in the four IDX files of MNIST: images and labels, to train and to test.

Read `download.py` first: it fetches the files and looks after their checksums.
"""

from __future__ import annotations

import gzip
import io

import numpy as np

from wubu.data import parse_idx
from wubu.datasets.download import RemoteSet, read_set

Arrays = tuple[np.ndarray, np.ndarray]

NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def load_idx_set(dataset: RemoteSet, folder: str) -> tuple[Arrays, Arrays]:
    """`(x_train, y_train), (x_test, y_test)` of a set whose files are `NAMES`.

    Args:
        dataset: the files, in the order of `NAMES`.
        folder: where they lie below the data home, or an absolute path.

    Shapes:
        images (samples, 28, 28) and labels (samples,), uint8.

    Raises:
        DownloadError: the files are neither in the folder nor on any mirror.
        FileFormatError: a file in the folder is damaged.
    """
    parts = [_array(content) for content in read_set(dataset, folder)]
    x_train, y_train, x_test, y_test = parts
    return (x_train, y_train), (x_test, y_test)


def _array(content: bytearray) -> np.ndarray:
    """The array of a verified file, packed or not."""
    if content[:2] == b"\x1f\x8b":
        content = bytearray(gzip.GzipFile(fileobj=io.BytesIO(content)).read())
    return parse_idx(content)
