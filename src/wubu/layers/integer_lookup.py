"""`IntegerLookup`: integers as the numbers of their places in a vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from wubu import ops
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, DataError
from wubu.layers.arguments import one_of
from wubu.layers.encoding import dense_only
from wubu.layers.hash_key import hash_integers, hash_key
from wubu.layers.lookup import Lookup, rows_of
from wubu.layers.sorted_search import count_at_most
from wubu.layers.vocabulary import Vocabulary
from wubu.ops.selection import gather


class IntegerLookup(Lookup):
    """The index of each integer in a vocabulary, which is given or found by `adapt`.

    It works on data as well as inside a model.

    Args:
        max_tokens: size of the vocabulary at most, mask and unknown numbers included.
        num_oov_indices: indices for unknown numbers. With 0 an unknown number is an
            error; in compiled code, which cannot tell, it gives -1.
        mask_token: a number that stands for nothing: index 0, or not counted.
        oov_token: what unknown numbers are called with `invert`.
        vocabulary: integers, or the path of a text file with one in each line.
        vocabulary_dtype: "int64".
        idf_weights: a factor for each term, with "tf_idf" and a vocabulary.
        invert: the way back: indices to integers.
        output_mode: "int"; "one_hot"; "multi_hot", a 1 for each term of a sample;
            "count"; "tf_idf", counts times log(1 + documents / (1 + documents with the
            term)).
        sparse: only False: Wubu has no sparse tensors.
        pad_to_max_tokens: make an encoded output max_tokens long.
        oov_method: how several indices for unknown numbers are shared out: "floormod",
            the rest after division; "farmhash", a hash of the number as a string.
        salt: a key of SipHash instead, a number or two, with "farmhash".
        name: of the layer.
        options: dtype of every layer: that of an encoded output.

    Shapes:
        integers (..., places) -> the same, int64; (..., places, size) for "one_hot",
        places of 1 left out; (..., size) for the other modes.

    Raises:
        ArgumentError: arguments that do not fit together.
        DataError: an unknown number, with num_oov_indices=0.
        StateError: there is no vocabulary.

    Example:
        >>> layer = IntegerLookup()
        >>> layer.adapt([[12, 1138, 42], [42, 1000, 36]])
        >>> layer.get_vocabulary()
        [-1, 42, 1138, 1000, 36, 12]
        >>> layer([[42, 7]]).tolist()
        [[1, 0]]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int | None = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name=name, **options)
        dense_only(sparse=sparse)
        one_of("vocabulary_dtype", vocabulary_dtype, ("int64",))
        self.oov_method = one_of("oov_method", oov_method, ("floormod", "farmhash"))
        self._key = hash_key(salt)
        if salt is not None and self.oov_method != "farmhash":
            raise ArgumentError(
                "salt is for hashing",
                expected='oov_method="farmhash"',
                got=f'oov_method="{oov_method}"',
            )
        if invert and oov_token is None:
            raise ArgumentError("invert needs a number for unknown indices: oov_token")
        self._vocabulary = Vocabulary(
            _integer,
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            mask_token=mask_token,
            oov_token=oov_token,
            invert=invert,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
        )
        self._begin(vocabulary, idf_weights)

    def documents(self, batch: Any) -> Iterable[Sequence[int]]:
        return rows_of(np.asarray(batch).astype(np.int64))

    def call(self, inputs: Tensor) -> Tensor:
        x = inputs.astype("int64")
        if self._vocabulary.invert:
            return self._terms(x)
        return self._encode(self._indices(x))

    def _indices(self, x: Tensor) -> Tensor:
        own = self._vocabulary
        terms = np.array(own.known(), np.int64)
        order = np.argsort(terms)
        place = ops.maximum(count_at_most(terms[order], x) - 1, 0)
        index = _picked(order + own.first_term, place)
        known = ops.equal(_picked(terms[order], place), x)
        found = ops.where(known, index, self._unknown(x))
        if own.mask_token is not None:
            mask = 0 if own.has_mask else -1
            known = ops.logical_or(known, ops.equal(x, own.mask_token))
            found = ops.where(ops.equal(x, own.mask_token), mask, found)
        if not own.num_oov_indices and not x.is_traced:
            _require(x.detach().numpy(), known.detach().numpy())
        return found

    def _unknown(self, x: Tensor) -> Tensor | int:
        own = self._vocabulary
        if own.num_oov_indices <= 1:
            return own.first_oov if own.num_oov_indices else -1
        if self.oov_method == "floormod":
            bins = ops.mod(x, own.num_oov_indices)
        else:
            hashes = hash_integers(x, self._key)
            bins = ops.cast(hashes % own.num_oov_indices, "int64")
        return bins + own.first_oov

    def _terms(self, x: Tensor) -> Tensor:
        own = self._vocabulary
        terms = np.array([*own.special, *own.known(), own.oov_token], np.int64)
        inside = (x >= 0) & (x < own.size)
        return _picked(terms, ops.where(inside, x, own.size))


def _picked(table: np.ndarray, indices: Tensor) -> Tensor:
    return gather(as_tensor(table), indices, axis=0, batch_dims=0)


def _require(given: np.ndarray, known: np.ndarray) -> None:
    if not known.all():
        raise DataError(
            "a number is not in the vocabulary",
            expected="one of its terms, since num_oov_indices is 0",
            got=", ".join(map(str, given[~known][:5].tolist())),
            fix="set num_oov_indices=1",
        )


def _integer(term: Any) -> int:
    try:
        if int(term) == float(term):
            return int(term)
    except (TypeError, ValueError):
        pass
    raise ArgumentError("a term of this layer is an integer", got=repr(term)[:40])
