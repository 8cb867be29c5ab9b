"""MNIST: 70,000 handwritten digits of 28 × 28 pixels, 60,000 of them to train.

Light digits (up to 255) on black (0), written by about 500 people; those who wrote the
test part wrote nothing of the training part. 11 MB are fetched once. `download.py` says
where they are kept, and how to do without a network.

Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to
    Document Recognition", Proceedings of the IEEE 86(11), 1998. The MD5 sums are those
    of the unpacked files, so that copies that were packed anew are accepted.
"""

from __future__ import annotations

from wubu.datasets.download import RemoteFile, RemoteSet
from wubu.datasets.idx_sets import Arrays, load_idx_set

FILES = RemoteSet(
    title="MNIST",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ),
    files=(
        RemoteFile(
            "train-images-idx3-ubyte.gz", 47_040_016, "6bbc9ace898e44ae57da46a324031adb"
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz", 60_008, "a25bea736e30d166cdddb491f175f624"
        ),
        RemoteFile(
            "t10k-images-idx3-ubyte.gz", 7_840_016, "2646ac647ad5339dbf082846283269ea"
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz", 10_008, "27ae3e4e09519cfbb04c329615203637"
        ),
    ),
)


def load_data(path: str = "mnist") -> tuple[Arrays, Arrays]:
    """MNIST as `(x_train, y_train), (x_test, y_test)`.

    Args:
        path: the folder below the data home that holds the four files; an absolute path
            is taken as it is. The ending of Keras's own default, `"mnist.npz"`, is
            ignored.

    Shapes:
        images (samples, 28, 28), uint8 from 0 to 255; labels (samples,), uint8 from 0
        to 9; 60,000 samples to train and 10,000 to test.

    Raises:
        DownloadError: the files are neither in the folder nor on any mirror.
        FileFormatError: a file in the folder is damaged.

    Example:
        >>> (x_train, y_train), _ = load_data()  # doctest: +SKIP
        >>> x_train.shape  # doctest: +SKIP
        (60000, 28, 28)
    """
    return load_idx_set(FILES, str(path).removesuffix(".npz"))
