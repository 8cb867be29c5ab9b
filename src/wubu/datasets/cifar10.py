"""CIFAR-10: 60,000 colour pictures of 32 × 32 pixels in ten classes.

162 MB are fetched once: the binary version (see `cifar.py`), whose pixels are those of
the version for Python. `download.py` says where it is kept. Copies of the set as JPEG
files have other pixels, as JPEG loses some: they are read as any folder of pictures, by
`wubu.data.Dataset.from_folder` or `wubu.utils.image_dataset_from_directory`.

Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
"""

from __future__ import annotations

from wubu.datasets.cifar import MIRRORS, Arrays, read_records
from wubu.datasets.download import RemoteFile, RemoteSet, find_set

CLASS_NAMES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)

FILES = RemoteSet(
    title="CIFAR-10",
    mirrors=(
        *MIRRORS,
        "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
    ),
    files=(
        RemoteFile(
            "cifar-10-binary.tar.gz",
            170_052_171,
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            unpack=False,
        ),
    ),
)

_TRAIN = tuple(f"cifar-10-batches-bin/data_batch_{i}.bin" for i in range(1, 6))
_TEST = ("cifar-10-batches-bin/test_batch.bin",)


def load_data() -> tuple[Arrays, Arrays]:
    """CIFAR-10 as `(x_train, y_train), (x_test, y_test)`.

    Shapes:
        pictures (samples, 32, 32, 3), uint8; labels (samples, 1), uint8 from 0 to 9,
        places in `CLASS_NAMES`; 50,000 samples to train and 10,000 to test.

    Raises:
        DownloadError: the archive is neither in the folder nor on any mirror.
        FileFormatError: the archive is damaged.

    Example:
        >>> (x_train, y_train), _ = load_data()  # doctest: +SKIP
        >>> x_train.shape, y_train.shape  # doctest: +SKIP
        ((50000, 32, 32, 3), (50000, 1))
    """
    (archive,) = find_set(FILES, "cifar10")
    return read_records(archive, _TRAIN, 1, 0), read_records(archive, _TEST, 1, 0)
