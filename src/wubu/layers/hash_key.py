"""The argument `salt` of layers that hash, and integers hashed as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from wubu import ops
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.layers.fingerprints import fingerprint, fingerprints, siphash
from wubu.ops.selection import gather

_DIGITS = 19  # of the largest integer of 64 bits


def hash_key(salt: Any) -> tuple[int, int] | None:
    """A salt as the two numbers of a key; a single one stands for both.

    Example:
        >>> hash_key(7), hash_key([1, 2]), hash_key(None)
        ((7, 7), (1, 2), None)
    """
    if salt is None:
        return None
    both = (salt, salt) if isinstance(salt, int | np.integer) else tuple(salt)
    if len(both) != 2 or not all(isinstance(part, int | np.integer) for part in both):
        raise ArgumentError("a salt is one whole number, or two", got=repr(salt)[:40])
    return int(both[0]) % 2**64, int(both[1]) % 2**64


def hash_integers(x: Tensor, key: Sequence[int] | None = None) -> Tensor:
    """Fingerprints of integers in decimal digits, as "-12", uint64.

    Known numbers are written and hashed. In a trace the digits are computed, and the
    formula of each length an integer of this dtype can have.

    Example:
        >>> hash_integers(as_tensor([12])).tolist() == fingerprints([b"12"]).tolist()
        True
    """
    x = x.astype("int64") if x.dtype.name == "uint64" else x
    if not x.is_traced:
        known = x.detach().numpy()
        texts = [str(n).encode() for n in known.reshape(-1).tolist()]
        return as_tensor(fingerprints(texts, key).reshape(known.shape))
    text = _written(x)
    limits = np.iinfo(x.dtype)
    longest = max(len(str(limits.min)), len(str(limits.max)))
    if key is not None:
        return _siphash_of(text, longest, key)
    found: Tensor = fingerprint(text.fetch, 1)
    for n in range(2, longest + 1):
        found = ops.where(text.length == n, fingerprint(text.fetch, n), found)
    return found


class _Text(NamedTuple):
    """Strings of up to 24 bytes: words of 8 bytes, 0 behind the end, and lengths."""

    words: list[Any]  # tensors, (...)
    length: Tensor

    def fetch(self, start: int, width: int) -> Tensor:
        word, shift = start // 8, start % 8 * 8
        found = self.words[word] >> shift
        if shift + 8 * width > 64:
            found = found | (self.words[word + 1] << (64 - shift))
        return found if width == 8 else found & (256**width - 1)


def _written(x: Tensor) -> _Text:
    """Integers in decimal digits."""
    negative = x < 0
    size: Any = ops.cast(x, "uint64")
    size = ops.where(negative, ~size + 1, size)
    length = ops.ones_like(x, dtype="int64")
    for i in range(1, _DIGITS):
        length = length + ops.cast(size >= 10**i, "int64")
    # Zeros behind them, so that the first digit of all is worth the same.
    powers = as_tensor(np.array([10**i for i in range(_DIGITS)], np.uint64))
    size = size * gather(powers, _DIGITS - length, axis=0, batch_dims=0)
    words: list[Any] = [ops.zeros_like(size) for _ in range(3)]
    before: Any = 0
    for i in range(_DIGITS):
        leading = size // 10 ** (_DIGITS - 1 - i)
        digit, before = leading - before * 10 + ord("0"), leading
        byte: Any = ops.where(length > i, digit, 0)
        words[i // 8] = words[i // 8] | (byte << (i % 8 * 8))
    signed = [(words[0] << 8) | ord("-")]
    signed += [(b << 8) | (a >> 56) for a, b in pairwise(words)]
    pairs = zip(signed, words, strict=True)
    words = [ops.where(negative, a, b) for a, b in pairs]
    return _Text(words, length + ops.cast(negative, "int64"))


def _siphash_of(text: _Text, longest: int, key: Sequence[int]) -> Tensor:
    """One formula for each number of whole words."""
    length: Any = ops.cast(text.length, "uint64")
    length = length << 56
    found = siphash([], text.words[0] | length, key)
    for n in range(1, longest // 8 + 1):
        longer = siphash(text.words[:n], text.words[n] | length, key)
        found = ops.where(text.length >= 8 * n, longer, found)
    return found
