"""Texts as lists of word numbers: what `imdb` and `reuters` have in common.

Words are numbered by how often they occur: 1 is the most frequent one. In what is
loaded they are `index_from` higher, so that the numbers below are free: 0 for padding,
1 for the start of a text (`start_char`), 2 for a word that was left out (`oov_char`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from wubu.datasets.download import RemoteSet, read_set
from wubu.errors import ArgumentError, FileFormatError

Texts = list[list[int]]
Arrays = tuple[np.ndarray, np.ndarray]


class Coding(NamedTuple):
    """How words become numbers; the arguments of Keras' `load_data`."""

    num_words: int | None
    skip_top: int
    maxlen: int | None
    start_char: int | None
    oov_char: int | None
    index_from: int | None


def shuffled(
    texts: Texts, labels: np.ndarray, random: np.random.RandomState
) -> tuple[Texts, np.ndarray]:
    """Texts and labels in another order: the one Keras gives them, for its seed."""
    order = np.arange(len(texts))
    random.shuffle(order)
    return [texts[i] for i in order], labels[order]


def marked(texts: Texts, coding: Coding) -> Texts:
    """Words moved up by `index_from`, after a first one that marks the start."""
    first = [] if coding.start_char is None else [coding.start_char]
    up = coding.index_from or 0
    return [first + [word + up for word in text] for text in texts]


def short_ones(
    texts: Texts, labels: np.ndarray, maxlen: int | None
) -> tuple[Texts, np.ndarray]:
    """The texts of fewer than `maxlen` numbers; all where it is None or 0.

    Raises:
        ArgumentError: none is as short as that.
    """
    if not maxlen:
        return texts, labels
    kept = [i for i, text in enumerate(texts) if len(text) < maxlen]
    if not kept:
        raise ArgumentError(
            "no text is shorter than maxlen",
            expected=f"more than {min(map(len, texts), default=0)}",
            got=f"maxlen={maxlen}",
        )
    return [texts[i] for i in kept], labels[kept]


def limited(texts: Texts, coding: Coding) -> np.ndarray:
    """The words from `skip_top` to `num_words`, others as `oov_char` or left out.

    Returns:
        An array (texts,) of lists.
    """
    low, high = coding.skip_top, coding.num_words
    if not high:
        high = max((max(text, default=0) for text in texts), default=0)
    oov = coding.oov_char
    if oov is None:
        return as_objects([[w for w in t if low <= w < high] for t in texts])
    return as_objects([[w if low <= w < high else oov for w in t] for t in texts])


def as_objects(texts: Sequence[list[int]]) -> np.ndarray:
    """An array (texts,) of lists, whether or not they are of one length."""
    array = np.empty(len(texts), dtype=object)
    for i, text in enumerate(texts):
        array[i] = text
    return array


def read_word_index(dataset: RemoteSet, folder: str) -> dict[str, int]:
    """The number of every word, before `index_from` is added, from a JSON file.

    Raises:
        FileFormatError: the file holds anything else.
    """
    (content,) = read_set(dataset, folder)
    try:
        index = json.loads(content)
    except ValueError as error:
        index, reason = None, str(error)
    else:
        reason = type(index).__name__
    if not isinstance(index, dict) or not all(type(n) is int for n in index.values()):
        raise FileFormatError(
            f"{dataset.files[0].name} is no list of words",
            expected='words with their numbers, as {"the": 1}',
            got=reason,
        )
    return index
