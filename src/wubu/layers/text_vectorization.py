"""`TextVectorization`: texts as the numbers of their words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.layers.arguments import one_of, positive_integer
from wubu.layers.encoding import dense_only
from wubu.layers.lookup import Lookup
from wubu.layers.strings import OnStrings, as_strings
from wubu.layers.words import Words

_UPPER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_PUNCTUATION = {ord(sign): None for sign in "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"}
_STANDARDIZE: dict[str, dict[int, Any]] = {
    "lower": _UPPER,
    "strip_punctuation": _PUNCTUATION,
    "lower_and_strip_punctuation": _UPPER | _PUNCTUATION,
}
_SPLIT: dict[str, Callable[[str], list[str]]] = {
    "whitespace": re.compile(r"[^ \t\n\r\v\f]+").findall,
    "character": list,
}


class TextVectorization(OnStrings, Lookup):
    """The index of every word of a text, or counts of words.

    A text is standardized, split into words, perhaps joined to n-grams, and looked up
    in a vocabulary, which is given or found by `adapt`. Texts are data, not tensors:
    call the layer on them before the model, or in `dataset.map(layer)`; feed the model
    what comes out.

    Args:
        max_tokens: size of the vocabulary at most, special indices included.
        standardize: "lower_and_strip_punctuation", "lower", "strip_punctuation", None;
            or a registered function of an array of texts. Letters and signs are those
            of ASCII, as in Keras.
        split: "whitespace", "character", None for one word in each text; or a
            registered function of an array of texts that gives a list of words for
            each.
        ngrams: a number for n-grams of up to so many words, a tuple for those of the
            numbers in it.
        output_mode: "int", "multi_hot", "count", "tf_idf" (or "one_hot", without
            splitting).
        output_sequence_length: of the mode "int": words are cut off, or 0 is added.
        pad_to_max_tokens: make an encoded output max_tokens long.
        vocabulary: words, or the path of a text file with one in each line.
        idf_weights: a factor for each of them, with "tf_idf".
        sparse: only False: Wubu has no sparse tensors.
        ragged: only False: Wubu has no ragged tensors.
        encoding: of bytes.
        name: of the layer.
        options: dtype of every layer: that of an encoded output.

    Shapes:
        texts (batch,) or (batch, 1) -> (batch, words), int64: 0 is padding, 1 an
        unknown word; (batch, size) for the other modes.

    Raises:
        ArgumentError: arguments that do not fit together.
        StateError: there is no vocabulary.
        TraceError: it is called on a symbol, or in compiled code.

    Example:
        >>> layer = TextVectorization(output_sequence_length=4)
        >>> layer.adapt(["foo bar", "bar baz", "baz bada boom"])
        >>> layer.get_vocabulary()
        ['', '[UNK]', 'baz', 'bar', 'foo', 'boom', 'bada']
        >>> layer(["Foo qux, bar!", "qux baz"]).tolist()
        [[4, 1, 3, 0], [1, 2, 0, 0]]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: int | Sequence[int] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name=name, **options)
        dense_only(sparse=sparse, ragged=ragged)
        self.standardize = _word_or_function("standardize", standardize, _STANDARDIZE)
        self.split = _word_or_function("split", split, _SPLIT)
        self.ngrams = _widths(ngrams)
        self.encoding = encoding
        self._vocabulary: Words = Words(
            encoding,
            max_tokens=max_tokens,
            mask_token="",
            oov_token="[UNK]",
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
        )
        self._begin(vocabulary, idf_weights)
        self.output_sequence_length = None
        if output_sequence_length is not None:
            if self._vocabulary.output_mode != "int":
                raise ArgumentError(
                    "output_sequence_length is the number of indices",
                    expected='output_mode="int"',
                    got=f'output_mode="{output_mode}"',
                )
            self.output_sequence_length = positive_integer(
                "output_sequence_length", output_sequence_length
            )

    def adapt(  # type: ignore[override]  # Keras has one more argument here
        self, data: Any, batch_size: int | None = None, steps: int | None = None
    ) -> None:
        """Makes the vocabulary of the words in texts; see `StringLookup.adapt`.

        Args:
            data: texts, an iterable of batches of them, or a Dataset.
            batch_size: without effect: Keras has it, and does not use it.
            steps: batches at most.
        """
        super().adapt(data, steps=steps)

    def documents(self, batch: Any) -> Iterable[Sequence[str]]:
        return self._words_of(batch)[0]

    def call(self, inputs: Any) -> Tensor:
        rows, shape, flat = self._words_of(inputs)
        own = self._vocabulary
        found = own.indices([word for row in rows for word in row])
        indices = own.output_mode == "int"
        length = max(map(len, rows), default=0)
        table = np.full((len(rows), length), 0 if indices else -1, np.int64)
        table[np.arange(length) < np.array([[len(row)] for row in rows])] = found
        table = table.reshape(*shape, length)
        if self.output_sequence_length is not None:
            table = _cut_or_padded(table, self.output_sequence_length)
        elif flat and indices:
            table = table[..., 0]
        return self._encode(as_tensor(table))

    def _words_of(self, inputs: Any) -> tuple[list[list[str]], tuple[int, ...], bool]:
        """The words of each sample, the shape of samples, and whether each sample is a
        single word without an axis of its own."""
        texts = as_strings(inputs, self.encoding)
        if callable(self.standardize):
            texts = as_strings(self.standardize(texts.astype(str)), self.encoding)
        elif self.standardize:
            table = _STANDARDIZE[self.standardize]
            for place, text in np.ndenumerate(texts):
                texts[place] = text.translate(table)
        flat = texts.ndim < 2 and self.split is None and self.ngrams is None
        if self.split is None:
            texts = texts if texts.ndim > 1 else texts[..., None]
            rows, shape = texts.reshape(-1, texts.shape[-1]).tolist(), texts.shape[:-1]
        else:
            texts = _one_each(texts)
            rows, shape = self._split_all(texts.reshape(-1)), texts.shape
        if self.ngrams is not None:
            rows = [_joined(row, self.ngrams) for row in rows]
        return rows, shape, flat

    def _split_all(self, texts: np.ndarray) -> list[list[str]]:
        if callable(self.split):
            return [list(map(str, row)) for row in self.split(texts.astype(str))]
        split = _SPLIT[self.split]
        return [split(text) for text in texts]


def _one_each(texts: np.ndarray) -> np.ndarray:
    """Texts without an axis of length 1 behind the batch."""
    if texts.ndim < 2:
        return texts
    if texts.shape[-1] != 1:
        raise ShapeError(
            "texts that are split stand one in each sample",
            expected="(batch,) or (batch, 1)",
            got=texts.shape,
            fix="join the parts of a sample first, or set split=None",
        )
    return texts[..., 0]


def _joined(words: list[str], widths: Sequence[int]) -> list[str]:
    """
    Example:
        >>> _joined(["a", "b", "c"], (1, 2))
        ['a', 'b', 'c', 'a b', 'b c']
    """
    return [
        " ".join(words[i : i + width])
        for width in widths
        for i in range(len(words) - width + 1)
    ]


def _cut_or_padded(table: np.ndarray, length: int) -> np.ndarray:
    table = table[..., :length]
    missing = length - table.shape[-1]
    return np.pad(table, [(0, 0)] * (table.ndim - 1) + [(0, missing)])


def _word_or_function(name: str, value: Any, known: Iterable[str]) -> Any:
    if value is None or callable(value):
        return value
    return one_of(name, value, list(known))


def _widths(ngrams: Any) -> tuple[int, ...] | None:
    if ngrams is None:
        return None
    if isinstance(ngrams, list | tuple):
        return tuple(positive_integer("ngrams", n) for n in ngrams)
    return tuple(range(1, positive_integer("ngrams", ngrams) + 1))
