"""Kuzushiji-MNIST: 70,000 Japanese characters in cursive hand, in the form of MNIST.

Ten hiragana, one of each row of the syllabary, cut out of books of the 18th and 19th
century. 21 MB are fetched once. `download.py` says where they are kept.

Source: T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto, D. Ha, "Deep
    Learning for Classical Japanese Literature", 2018, arXiv:1812.01718. "KMNIST
    Dataset" (created by CODH), adapted from "Kuzushiji Dataset" (created by NIJL and
    others), doi:10.20676/00000341. Licence: CC BY-SA 4.0.
"""

from __future__ import annotations

from wubu.datasets.download import RemoteFile, RemoteSet
from wubu.datasets.idx_sets import NAMES, Arrays, load_idx_set

CLASS_NAMES = (
    "o",
    "ki",
    "su",
    "tsu",
    "na",
    "ha",
    "ma",
    "ya",
    "re",
    "wo",
)

FILES = RemoteSet(
    title="Kuzushiji-MNIST",
    mirrors=(
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    ),
    files=(
        RemoteFile(
            NAMES[0],
            18_165_135,
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            unpack=False,
        ),
        RemoteFile(
            NAMES[1],
            29_497,
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            unpack=False,
        ),
        RemoteFile(
            NAMES[2],
            3_041_136,
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            unpack=False,
        ),
        RemoteFile(
            NAMES[3],
            5_120,
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
            unpack=False,
        ),
    ),
)


def load_data() -> tuple[Arrays, Arrays]:
    """Kuzushiji-MNIST as `(x_train, y_train), (x_test, y_test)`.

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
    return load_idx_set(FILES, "kmnist")
