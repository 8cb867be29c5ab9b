"""`StringLookup`: words as the numbers of their places in a vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from wubu.core.tensor import as_tensor
from wubu.errors import ArgumentError
from wubu.layers.encoding import dense_only
from wubu.layers.hash_key import hash_key
from wubu.layers.lookup import Lookup, rows_of
from wubu.layers.strings import OnStrings, array_of, as_strings
from wubu.layers.words import Words


class StringLookup(OnStrings, Lookup):
    """The index of each string in a vocabulary, which is given or found by `adapt`.

    Strings are data, not tensors: call the layer on them before the model, or in
    `dataset.map(layer)`; feed the model what comes out.

    Args:
        max_tokens: size of the vocabulary at most, mask and unknown strings included.
        num_oov_indices: indices for unknown strings, shared out by FarmHash, or by
            SipHash with a salt; 0 makes an unknown string an error.
        mask_token: a string that stands for nothing: index 0, or not counted.
        oov_token: what unknown strings are called with `invert`.
        vocabulary: strings, or the path of a text file with one in each line.
        idf_weights: a factor for each term, with "tf_idf" and a vocabulary.
        invert: the way back: indices to an array of strings.
        output_mode: "int"; "one_hot"; "multi_hot", a 1 for each term of a sample;
            "count"; "tf_idf", counts times log(1 + documents / (1 + documents with the
            term)).
        pad_to_max_tokens: make an encoded output max_tokens long.
        sparse: only False: Wubu has no sparse tensors.
        encoding: of bytes.
        name: of the layer.
        salt: a key of SipHash: a number, or two.
        options: dtype of every layer: that of an encoded output.

    Shapes:
        strings (..., places) -> the same, int64; (..., places, size) for "one_hot",
        places of 1 left out; (..., size) for the other modes.

    Raises:
        ArgumentError: arguments that do not fit together.
        DataError: an unknown string, with num_oov_indices=0.
        StateError: there is no vocabulary.
        TraceError: it is called on a symbol, or in compiled code.

    Example:
        >>> layer = StringLookup(vocabulary=["a", "b"])
        >>> layer([["b", "z"]]).tolist()
        [[2, 0]]
        >>> layer.get_vocabulary()
        ['[UNK]', 'a', 'b']
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str | None = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(name=name, **options)
        dense_only(sparse=sparse)
        if invert and oov_token is None:
            raise ArgumentError("invert needs a name for unknown strings: oov_token")
        self.encoding = encoding
        self._vocabulary: Words = Words(
            encoding,
            hash_key(salt),
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            mask_token=mask_token,
            oov_token=oov_token,
            invert=invert,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
        )
        self._begin(vocabulary, idf_weights)

    def documents(self, batch: Any) -> Iterable[Sequence[str]]:
        return rows_of(as_strings(batch, self.encoding))

    def call(self, inputs: Any) -> Any:
        if self._vocabulary.invert:
            return self._words(array_of(inputs))
        words = as_strings(inputs, self.encoding)
        indices = self._vocabulary.indices(words.reshape(-1).tolist())
        return self._encode(as_tensor(indices.reshape(words.shape)))

    def _words(self, indices: np.ndarray) -> np.ndarray:
        own = self._vocabulary
        words = np.array([*own.special, *own.known(), own.oov_token], dtype=object)
        inside = (indices >= 0) & (indices < own.size)
        return words[np.where(inside, indices, own.size).astype(np.int64)]
