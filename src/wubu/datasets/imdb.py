"""IMDB: 50,000 film reviews as lists of word numbers, half of them kind.

17 MB are fetched once, the words themselves (`get_word_index`) are 2 MB more.
`download.py` says where they are kept, `words.py` how words are numbered.

Source: A. Maas, R. Daly, P. Pham, D. Huang, A. Ng, C. Potts, "Learning Word Vectors for
    Sentiment Analysis", ACL 2011; in the form that comes with Keras.
"""

from __future__ import annotations

import numpy as np

from wubu.datasets.download import RemoteFile, RemoteSet, read_set
from wubu.datasets.ragged import read_ragged
from wubu.datasets.words import (
    Arrays,
    Coding,
    limited,
    marked,
    read_word_index,
    short_ones,
    shuffled,
)

_MIRRORS = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "https://s3.amazonaws.com/text-datasets/",
)

FILES = RemoteSet(
    title="IMDB",
    mirrors=_MIRRORS,
    files=(
        RemoteFile(
            "imdb.npz",
            17_464_789,
            "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
            unpack=False,
        ),
    ),
)

WORDS = RemoteSet(
    title="Words of IMDB",
    mirrors=_MIRRORS,
    files=(
        RemoteFile(
            "imdb_word_index.json",
            1_641_221,
            "bfafd718b763782e994055a2d397834f",
            unpack=False,
        ),
    ),
)


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int | None = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> tuple[Arrays, Arrays]:
    """IMDB as `(x_train, y_train), (x_test, y_test)`. Arguments are those of Keras.

    Args:
        path: the folder below the data home that holds the file, without `.npz`.
        num_words: numbers from here on become `oov_char`; None keeps all but the very
            highest, as Keras does.
        skip_top: numbers below it become `oov_char`.
        maxlen: leave out reviews of this length and longer ones.
        seed: of the order of the reviews.
        start_char: the number before the first word, or None.
        oov_char: the number for words left out; None leaves nothing in their place.
        index_from: what is added to the number of each word.

    Shapes:
        reviews (samples,), lists of whole numbers; labels (samples,), 1 for kind;
        25,000 samples to train and 25,000 to test.

    Raises:
        ArgumentError: no review is shorter than `maxlen`.
        DownloadError: the file is neither in the folder nor on any mirror.
        FileFormatError: the file is damaged, or wants to execute code.

    Example:
        >>> (x_train, y_train), _ = load_data(num_words=10_000)  # doctest: +SKIP
        >>> x_train[0][:4]  # doctest: +SKIP
        [1, 14, 22, 16]
    """
    coding = Coding(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    folder = str(path).removesuffix(".npz")
    (content,) = read_set(FILES, folder)
    arrays = read_ragged(content, FILES.files[0].name)
    random = np.random.RandomState(seed)  # of both parts, one after the other
    texts, labels = [], []
    for part in ("train", "test"):
        given = shuffled(arrays[f"x_{part}"], arrays[f"y_{part}"], random)
        kept = short_ones(marked(given[0], coding), given[1], maxlen)
        texts.append(kept[0])
        labels.append(kept[1])
    x = limited(texts[0] + texts[1], coding)
    x_train, x_test = np.split(x, [len(texts[0])])
    return (x_train, labels[0]), (x_test, labels[1])


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """The number of every word, before `index_from` is added.

    Args:
        path: the folder below the data home that holds the file, without
            `_word_index.json`.

    Example:
        >>> get_word_index()["the"]  # doctest: +SKIP
        1
    """
    return read_word_index(WORDS, str(path).removesuffix("_word_index.json"))
