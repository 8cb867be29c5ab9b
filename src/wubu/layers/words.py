"""`Words`: a vocabulary of strings, with a table that finds their indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.errors import DataError
from wubu.layers.fingerprints import fingerprints
from wubu.layers.strings import as_strings
from wubu.layers.vocabulary import Vocabulary

_UNKNOWN = -2


class Words(Vocabulary):
    """A vocabulary of strings.

    Args:
        encoding: of bytes.
        key: of the hash that shares unknown words out, for SipHash.
        options: of every vocabulary.
    """

    def __init__(
        self, encoding: str, key: Sequence[int] | None = None, **options: Any
    ) -> None:
        super().__init__(lambda term: str(as_strings(term, encoding)[()]), **options)
        self._key = key
        self._made: tuple[list[str], dict[str, int]] | None = None

    def indices(self, words: Sequence[str]) -> np.ndarray:
        """The index of each word, int64; -1 where a mask is not to be counted.

        Raises:
            DataError: an unknown word that has no place.
        """
        table = self._table()
        found = np.array([table.get(word, _UNKNOWN) for word in words], np.int64)
        unknown = np.flatnonzero(found == _UNKNOWN)
        if len(unknown):
            found[unknown] = self._places([words[int(i)] for i in unknown])
        return found

    def _table(self) -> dict[str, int]:
        """Indices by word; made anew for other terms."""
        terms = self.known()
        if self._made is None or self._made[0] is not terms:
            table = {term: i for i, term in enumerate(terms, self.first_term)}
            if self.mask_token is not None:
                table[self.mask_token] = 0 if self.has_mask else -1
            self._made = (terms, table)
        return self._made[1]

    def _places(self, unknown: list[str]) -> np.ndarray | int:
        if not self.num_oov_indices:
            raise DataError(
                "a string is not in the vocabulary",
                expected="one of its terms, since num_oov_indices is 0",
                got=", ".join(map(repr, unknown[:5])),
                fix="set num_oov_indices=1",
            )
        if self.num_oov_indices == 1:
            return self.first_oov
        hashes = fingerprints([word.encode() for word in unknown], self._key)
        return (hashes % self.num_oov_indices).astype(np.int64) + self.first_oov
