"""Fashion-MNIST: 70,000 pictures of clothes, in the form of MNIST but harder to tell.

30 MB are fetched once. `download.py` says where they are kept.

Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for
    Benchmarking Machine Learning Algorithms", 2017, arXiv:1708.07747. Licence: MIT.
"""

from __future__ import annotations

from wubu.datasets.download import RemoteFile, RemoteSet
from wubu.datasets.idx_sets import NAMES, Arrays, load_idx_set

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

FILES = RemoteSet(
    title="Fashion-MNIST",
    mirrors=(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    files=(
        RemoteFile(
            NAMES[0],
            26_421_880,
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            unpack=False,
        ),
        RemoteFile(
            NAMES[1],
            29_515,
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            unpack=False,
        ),
        RemoteFile(
            NAMES[2],
            4_422_102,
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            unpack=False,
        ),
        RemoteFile(
            NAMES[3],
            5_148,
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            unpack=False,
        ),
    ),
)


def load_data() -> tuple[Arrays, Arrays]:
    """Fashion-MNIST as `(x_train, y_train), (x_test, y_test)`.

    Shapes:
        images (samples, 28, 28), uint8 from 0 to 255; labels (samples,), uint8 from 0
        to 9, places in `CLASS_NAMES`; 60,000 samples to train and 10,000 to test.

    Raises:
        DownloadError: the files are neither in the folder nor on any mirror.
        FileFormatError: a file in the folder is damaged.

    Example:
        >>> (x_train, y_train), _ = load_data()  # doctest: +SKIP
        >>> x_train.shape  # doctest: +SKIP
        (60000, 28, 28)
    """
    return load_idx_set(FILES, "fashion_mnist")
