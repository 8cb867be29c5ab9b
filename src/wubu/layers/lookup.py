"""`Lookup`: what layers with a vocabulary share: giving, finding and keeping it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.adapting import batches_of, depends_on
from wubu.layers.encoding import encode
from wubu.layers.layer import Layer
from wubu.layers.vocabulary import Vocabulary


class Lookup(Layer):
    """Base of layers that turn terms into indices. A subclass makes `self._vocabulary`
    and says in `documents` which terms a batch holds.

    What `adapt` or `set_vocabulary` has found is part of `get_config()`, and so of
    model files; the path of a text file is not.
    """

    _vocabulary: Vocabulary
    _given = False  # whether the vocabulary was an argument
    revision: int  # of the vocabulary; another one has steps compiled again

    def _begin(self, vocabulary: Any, idf_weights: Any) -> None:
        """Takes the vocabulary of the constructor."""
        self._given = vocabulary is not None
        self.revision = 0
        if vocabulary is not None:
            self._vocabulary.set(vocabulary, idf_weights)
        elif idf_weights is not None:
            raise ArgumentError(
                "idf_weights are numbers of the terms of a vocabulary",
                fix="give vocabulary too, or leave them to adapt",
            )

    def documents(self, batch: Any) -> Iterable[Sequence[Any]]:
        """The terms of each sample of a batch."""
        raise NotImplementedError

    # -- the vocabulary ---------------------------------------------------------------

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The terms in the order of their indices.

        Args:
            include_special_tokens: whether mask and unknown terms stand in front, so
                that a term's place is its index.
        """
        own = self._vocabulary
        terms = list(own.terms or ())
        return own.special + terms if include_special_tokens else terms

    def vocabulary_size(self) -> int:
        """The number of indices, those of mask and unknown terms included."""
        return self._vocabulary.size

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Takes a vocabulary in place of the present one.

        Args:
            vocabulary: terms, or the path of a text file with one in each line.
            idf_weights: a factor for each term, with the output mode "tf_idf".

        Raises:
            ArgumentError: repeated or reserved terms, too many, or factors of another
                number.
        """
        self._vocabulary.set(vocabulary, idf_weights)
        self.revision += 1

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Makes the vocabulary of the terms in data, the most frequent first; of
        equally frequent ones the greatest first.

        Args:
            data: an array, nested lists, an iterable of batches, or a Dataset. Each
                sample is a document.
            steps: batches at most.

        Raises:
            ArgumentError: the vocabulary was given when the layer was made.
            DataError: there is no term.
        """
        self.reset_state()
        for batch in batches_of(data, steps):
            self.update_state(batch)
        self.finalize_state()

    def reset_state(self) -> None:
        """Forgets what was counted, not the vocabulary."""
        self._vocabulary.forget_counts()

    def update_state(self, data: Any) -> None:
        """Counts the terms of a batch."""
        if self._given:
            raise ArgumentError(
                "its vocabulary was given, so there is nothing to find",
                where=f'"{self.name}"',
                fix="make it without vocabulary, or leave out the call of adapt",
            )
        self._vocabulary.count(self.documents(data))

    def finalize_state(self) -> None:
        """Makes the vocabulary of what was counted."""
        self._vocabulary.take_counted()
        self.revision += 1

    # -- files ------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments, with the present vocabulary."""
        own = self._vocabulary
        found = {
            "vocabulary": None if own.terms is None else self.get_vocabulary(),
            "idf_weights": None if own.idf is None else own.idf.tolist(),
        }
        return {**super().get_config(), **found}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """A new layer made with these arguments.

        Raises:
            ArgumentError: the vocabulary is a path: descriptions do not open files.
        """
        if isinstance(config.get("vocabulary"), str):
            raise ArgumentError(
                "a description holds the terms of a vocabulary, no path of a file",
                got=repr(config["vocabulary"])[:60],
            )
        return super().from_config(config)

    # -- calling ----------------------------------------------------------------------

    def _encode(self, indices: Tensor) -> Tensor:
        depends_on(self, "revision")
        own = self._vocabulary
        if own.output_mode != "int" and not own.pad_to_max_tokens:
            own.known()
        return encode(
            indices, own.output_mode, own.depth, self.dtype, idf=own.factors()
        )


def rows_of(array: np.ndarray) -> Iterable[list[Any]]:
    """Each sample's elements, whatever axes it has."""
    return array.reshape(len(array), -1).tolist() if array.size else []
