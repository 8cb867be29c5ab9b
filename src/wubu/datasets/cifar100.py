"""CIFAR-100: 60,000 colour pictures of 32 × 32 pixels in 100 classes, 20 groups of 5.

161 MB are fetched once: the binary version (see `cifar.py`). `download.py` says where
it is kept.

Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
"""

from __future__ import annotations

from wubu.datasets.cifar import MIRRORS, Arrays, read_records
from wubu.datasets.download import RemoteFile, RemoteSet, find_set
from wubu.errors import UnknownNameError

FILES = RemoteSet(
    title="CIFAR-100",
    mirrors=MIRRORS,
    files=(
        RemoteFile(
            "cifar-100-binary.tar.gz",
            168_513_733,
            "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
            unpack=False,
        ),
    ),
)

_LABELS = {"coarse": 0, "fine": 1}  # places in a record


def load_data(label_mode: str = "fine") -> tuple[Arrays, Arrays]:
    """CIFAR-100 as `(x_train, y_train), (x_test, y_test)`.

    Args:
        label_mode: "fine" for the 100 classes, "coarse" for the 20 groups.

    Shapes:
        pictures (samples, 32, 32, 3), uint8; labels (samples, 1), uint8; 50,000 samples
        to train and 10,000 to test.

    Raises:
        UnknownNameError: another label mode.
        DownloadError: the archive is neither in the folder nor on any mirror.
        FileFormatError: the archive is damaged.

    Example:
        >>> (x_train, y_train), _ = load_data("coarse")  # doctest: +SKIP
        >>> int(y_train.max())  # doctest: +SKIP
        19
    """
    if label_mode not in _LABELS:
        raise UnknownNameError("label mode", label_mode, _LABELS)
    label = _LABELS[label_mode]
    (archive,) = find_set(FILES, "cifar100")
    train, test = (
        read_records(archive, (f"cifar-100-binary/{part}.bin",), 2, label)
        for part in ("train", "test")
    )
    return train, test
