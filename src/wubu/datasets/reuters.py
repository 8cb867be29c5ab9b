"""Reuters: 11,228 newswires of 46 topics as lists of word numbers.

2 MB are fetched once. `download.py` says where they are kept, `words.py` how words are
numbered.

Source: Reuters-21578, D. Lewis, 1997; parsed by the authors of Keras, in whose form it
    is. Topics: `get_label_names()`.
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
from wubu.errors import ArgumentError

_MIRRORS = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "https://s3.amazonaws.com/text-datasets/",
)

FILES = RemoteSet(
    title="Reuters",
    mirrors=_MIRRORS,
    files=(
        RemoteFile(
            "reuters.npz",
            2_110_848,
            "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
            unpack=False,
        ),
    ),
)

WORDS = RemoteSet(
    title="Words of Reuters",
    mirrors=_MIRRORS,
    files=(
        RemoteFile(
            "reuters_word_index.json",
            None,
            "4d44cc38712099c9e383dc6e5f11a921",
            unpack=False,
        ),
    ),
)

_TOPICS = """cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar
    trade reserves ship cotton carcass crude nat-gas cpi money-fx interest gnp meal-feed
    alum oilseed gold tin strategic-metal livestock retail ipi iron-steel rubber heat
    jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"""


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int | None = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> tuple[Arrays, Arrays]:
    """Reuters as `(x_train, y_train), (x_test, y_test)`. Arguments are those of Keras.

    Args:
        path: the folder below the data home that holds the file, without `.npz`.
        num_words: numbers from here on become `oov_char`; None keeps all but the very
            highest, as Keras does.
        skip_top: numbers below it become `oov_char`.
        maxlen: leave out texts of this length and longer ones.
        test_split: the fraction to test with: the last samples after shuffling.
        seed: of the order of the texts.
        start_char: the number before the first word, or None.
        oov_char: the number for words left out; None leaves nothing in their place.
        index_from: what is added to the number of each word.

    Shapes:
        texts (samples,), lists of whole numbers; labels (samples,), from 0 to 45: the
        places in `get_label_names()`.

    Raises:
        ArgumentError: no text is shorter than `maxlen`, or a fraction that is none.
        DownloadError: the file is neither in the folder nor on any mirror.
        FileFormatError: the file is damaged, or wants to execute code.

    Example:
        >>> (x_train, y_train), _ = load_data(num_words=10_000)  # doctest: +SKIP
        >>> len(x_train)  # doctest: +SKIP
        8982
    """
    if not 0 <= test_split <= 1:
        raise ArgumentError(
            "test_split is not a fraction", expected="from 0 to 1", got=test_split
        )
    coding = Coding(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    (content,) = read_set(FILES, str(path).removesuffix(".npz"))
    arrays = read_ragged(content, FILES.files[0].name)
    texts, labels = shuffled(arrays["x"], arrays["y"], np.random.RandomState(seed))
    texts, labels = short_ones(marked(texts, coding), labels, maxlen)
    x = limited(texts, coding)
    cut = int(len(x) * (1 - test_split))
    return (x[:cut], labels[:cut]), (x[cut:], labels[cut:])


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """The number of every word, before `index_from` is added.

    Args:
        path: the folder below the data home that holds the file, without
            `_word_index.json`.
    """
    return read_word_index(WORDS, str(path).removesuffix("_word_index.json"))


def get_label_names() -> tuple[str, ...]:
    """The topics, in the order of their labels.

    Example:
        >>> get_label_names()[3], len(get_label_names())
        ('earn', 46)
    """
    return tuple(_TOPICS.split())
