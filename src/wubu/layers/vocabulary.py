"""`Vocabulary`: the terms of a lookup layer, and the indices they have.

    index   0       1 ...           behind these
            mask    unknown terms   the terms, the most frequent first

The mask is there only where a layer that gives indices has one; unknown terms have as
many places as `num_oov_indices` says.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wubu.errors import ArgumentError, DataError, StateError
from wubu.layers.arguments import positive_integer
from wubu.layers.encoding import output_mode as checked_mode
from wubu.layers.strings import array_of


class Vocabulary:
    """Terms, given or counted, and what becomes of others.

    Args:
        as_term: makes a term of what a list or a line of a file holds, or says that it
            is none.
        max_tokens: of all places at most.
        num_oov_indices: places for unknown terms.
        mask_token: a term that stands for nothing.
        oov_token: what unknown terms are called.
        invert: whether indices are looked up.
        output_mode: of `encoding.py`.
        pad_to_max_tokens: whether the output is max_tokens long in any case.

    Attributes:
        terms: in the order of their indices; None before there are any.
        idf: a factor for each place but those of padding, for the mode "tf_idf".
    """

    def __init__(
        self,
        as_term: Callable[[Any], Any],
        *,
        max_tokens: int | None,
        num_oov_indices: int = 1,
        mask_token: Any = None,
        oov_token: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
    ) -> None:
        self._as_term = as_term
        self.max_tokens = _at_least_two(max_tokens)
        self.num_oov_indices = _not_negative("num_oov_indices", num_oov_indices)
        self.mask_token = None if mask_token is None else as_term(mask_token)
        self.oov_token = None if oov_token is None else as_term(oov_token)
        self.invert = invert
        self.output_mode = checked_mode(output_mode)
        self.pad_to_max_tokens = pad_to_max_tokens
        if pad_to_max_tokens and max_tokens is None:
            raise ArgumentError("pad_to_max_tokens needs max_tokens")
        if invert and self.output_mode != "int":
            raise ArgumentError(
                "invert looks indices up",
                expected='output_mode="int"',
                got=f'output_mode="{output_mode}"',
            )
        self.terms: list[Any] | None = None
        self.idf: np.ndarray | None = None
        self.forget_counts()

    # -- places -----------------------------------------------------------------------

    @property
    def has_mask(self) -> bool:
        """Whether the mask has a place."""
        return self.mask_token is not None and self.output_mode == "int"

    @property
    def first_oov(self) -> int:
        return int(self.has_mask)

    @property
    def first_term(self) -> int:
        return self.first_oov + self.num_oov_indices

    @property
    def special(self) -> list[Any]:
        """What stands in front of the terms."""
        return [self.mask_token] * self.first_oov + [
            self.oov_token
        ] * self.num_oov_indices

    @property
    def size(self) -> int:
        return self.first_term + len(self.terms or ())

    @property
    def depth(self) -> int:
        """How long an encoded output is."""
        return int(self.max_tokens or 0) if self.pad_to_max_tokens else self.size

    def known(self) -> list[Any]:
        """The terms.

        Raises:
            StateError: there are none yet.
        """
        if self.terms is None:
            raise StateError(
                "it has no vocabulary yet",
                fix="call adapt(data) first, or give it vocabulary=[...]",
            )
        return self.terms

    def factors(self) -> np.ndarray | None:
        """A factor for each place of the output, for the mode "tf_idf"."""
        if self.idf is None:
            return None
        return np.pad(self.idf, (0, self.depth - len(self.idf)))

    # -- given ------------------------------------------------------------------------

    def set(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Takes terms, with or without the special ones in front.

        Args:
            vocabulary: terms, or the path of a text file with one in each line.
            idf_weights: a factor for each of them.

        Raises:
            ArgumentError: terms that cannot be indexed; factors that do not fit.
        """
        given = self._listed(vocabulary)
        has_special = given[: self.first_term] == self.special
        terms = given[self.first_term :] if has_special else given
        terms = [self._as_term(term) for term in terms]
        self._check(terms)
        idf = None
        if (self.output_mode == "tf_idf") != (idf_weights is not None):
            raise ArgumentError(
                'idf_weights go with the mode "tf_idf", and with a vocabulary',
                expected="a number for each term"
                if idf_weights is None
                else 'output_mode="tf_idf"',
                got=f'output_mode="{self.output_mode}", '
                f"idf_weights={idf_weights!r:.40}",
            )
        if idf_weights is not None:
            idf = np.asarray(array_of(idf_weights), "float64")
            if idf.shape != (len(given),):
                raise ArgumentError(
                    "idf_weights are one number for each term",
                    expected=f"{len(given)} numbers",
                    got=f"an array of shape {idf.shape}",
                )
            if not has_special:
                idf = self._with_special(idf)
        self.terms, self.idf = terms, idf

    def _listed(self, vocabulary: Any) -> list[Any]:
        if isinstance(vocabulary, str | os.PathLike):
            text = Path(vocabulary).expanduser().read_text("utf-8")
            lines = [line.removesuffix("\r") for line in text.split("\n")]
            while lines and not lines[-1]:
                lines.pop()
            found = [self._as_term(line) for line in lines]
        else:
            array = array_of(vocabulary)
            if array.ndim != 1:
                raise ArgumentError(
                    "a vocabulary is a list of terms",
                    got=f"an array of shape {array.shape}",
                )
            found = array.tolist()
        if not found:
            raise ArgumentError("a vocabulary needs at least one term", got="none")
        return [None if term is None else self._as_term(term) for term in found]

    def _check(self, terms: list[Any]) -> None:
        repeated = [term for term, n in Counter(terms).items() if n > 1]
        if repeated:
            raise ArgumentError(
                "a term stands in the vocabulary more than once",
                got=", ".join(map(repr, repeated[:5])),
            )
        reserved = [self.mask_token, self.oov_token if self.invert else None]
        for token in reserved:
            if token is not None and token in terms:
                raise ArgumentError(
                    f"{token!r} has a place of its own, so it is no term",
                    expected=f"terms alone, or {self.special} in front of them",
                    got=f"{token!r} at place {terms.index(token)}",
                )
        size = self.first_term + len(terms)
        if self.max_tokens is not None and size > self.max_tokens:
            raise ArgumentError(
                "the vocabulary is larger than max_tokens",
                expected=f"at most {self.max_tokens}, special ones included",
                got=size,
            )

    def _with_special(self, idf: np.ndarray) -> np.ndarray:
        """Factors in front, which nobody knows, are the mean of the others."""
        return np.pad(idf, (self.first_term, 0), constant_values=idf.mean())

    # -- counted ----------------------------------------------------------------------

    def forget_counts(self) -> None:
        self._counts: Counter[Any] = Counter()
        self._documents: Counter[Any] = Counter()
        self._num_documents = 0

    def count(self, rows: Iterable[Sequence[Any]]) -> None:
        """Counts terms; each row is a document."""
        for row in rows:
            self._counts.update(row)
            if self.output_mode == "tf_idf":
                self._documents.update(set(row))
                self._num_documents += 1

    def take_counted(self) -> None:
        """Makes the vocabulary of what was counted: the most frequent terms, and of
        equally frequent ones the greatest, come first.

        Raises:
            DataError: no term was counted.
        """
        for token in (self.mask_token, self.oov_token):
            self._counts.pop(token, None)
        counts = self._counts
        if not counts:
            raise DataError("there is no term to make a vocabulary of")
        found = sorted(counts, key=lambda term: (counts[term], term), reverse=True)
        if self.max_tokens is not None:
            found = found[: max(self.max_tokens - self.first_term, 0)]
        self.terms = found
        if self.output_mode == "tf_idf":
            holding = np.array([self._documents[term] for term in found], "float64")
            idf = np.log(1 + self._num_documents / (1 + holding))
            self.idf = self._with_special(idf)
        self.forget_counts()


def _at_least_two(max_tokens: Any) -> int | None:
    if max_tokens is None:
        return None
    if positive_integer("max_tokens", max_tokens) == 1:
        raise ArgumentError("max_tokens leaves no place for a term", got=1)
    return int(max_tokens)


def _not_negative(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise ArgumentError(
            f"{name} is a whole number", expected="0, 1, 2 ...", got=repr(value)
        )
    return int(value)
