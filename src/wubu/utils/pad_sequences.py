"""Sequences of differing lengths as one array."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.errors import ArgumentError, DataError

_SIDES = ("pre", "post")


def pad_sequences(
    sequences: Any,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Sequences cut or filled up to one length. Arguments are those of Keras.

    Args:
        sequences: a list or another iterable of sequences, of numbers or of arrays
            of one shape.
        maxlen: the length; that of the longest sequence if None.
        dtype: of the result; `object` for strings of differing lengths.
        padding: fill up before ("pre") or after ("post") a short sequence.
        truncating: cut off the beginning ("pre") or the end ("post") of a long one.
        value: to fill up with.

    Shapes:
        sequences of (length, ...) -> (sequences, maxlen, ...).

    Raises:
        ArgumentError: another side than "pre" and "post", a value that does not fit.
        DataError: something that is no sequence, or elements of differing shapes.

    Example:
        >>> pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2).tolist()
        [[0, 1], [2, 3], [5, 6]]
    """
    for name, side in [("padding", padding), ("truncating", truncating)]:
        if side not in _SIDES:
            raise ArgumentError(
                f"{name} has no such side", expected='"pre" or "post"', got=repr(side)
            )
    text = np.dtype(dtype).kind in "OUS"
    if isinstance(value, str) and not text:
        raise ArgumentError(
            "a string cannot fill up numbers",
            got=f"value={value!r}, dtype={dtype!r}",
            fix="pass dtype=object",
        )
    sequences = _listed(sequences)
    lengths = [_length(sequence, i) for i, sequence in enumerate(sequences)]
    size = max(lengths, default=0) if maxlen is None else maxlen
    longest = next((s for s, n in zip(sequences, lengths, strict=True) if n), ())
    shape = np.shape(longest)[1:]
    result = np.full((len(lengths), size, *shape), value, dtype=dtype)
    for i, (sequence, length) in enumerate(zip(sequences, lengths, strict=True)):
        kept = min(length, size)
        if kept == 0:
            continue
        cut = sequence[length - kept :] if truncating == "pre" else sequence[:kept]
        array = np.asarray(cut, dtype=dtype)
        if array.shape[1:] != shape:
            raise DataError(
                f"the elements of sequence {i} have another shape",
                expected=f"shape {shape}, as those of the first sequence",
                got=f"shape {array.shape[1:]}",
            )
        place = slice(size - kept, None) if padding == "pre" else slice(kept)
        result[i, place] = array
    return result


def _listed(sequences: Any) -> list[Any]:
    try:
        return list(sequences)
    except TypeError:
        raise DataError(
            "this holds no sequences",
            expected="a list of sequences",
            got=repr(sequences)[:60],
        ) from None


def _length(sequence: Any, number: int) -> int:
    try:
        return len(sequence)
    except TypeError:
        raise DataError(
            f"element {number} is no sequence",
            expected="a list of sequences",
            got=repr(sequence)[:60],
        ) from None
