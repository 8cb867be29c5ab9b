"""Fingerprints of byte strings, 64 bits each: FarmHash and SipHash-2-4.

Many strings of one length are hashed together: `fetch(start, width)` gives, for every
string, `width` bytes from `start` on as one number, least byte first. The formulas use
no more than + * ^ | >> <<, which mean the same for NumPy's arrays of uint64 and for
tensors. So one definition serves words (`fingerprints`) and, inside compiled code,
integers written in decimal digits (`hashing.py`). All sums and products are modulo
2**64.

Source: G. Pike, FarmHash (2014), `Fingerprint64`; J.-P. Aumasson, D. J. Bernstein,
SipHash: a fast short-input PRF (2012).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Fetch = Callable[[int, int], Any]
Pair = tuple[Any, Any]

_MODULUS = 2**64
_K0 = 0xC3A5C85C97CB3127
_K1 = 0xB492B66FBE98F273
_K2 = 0x9AE16A3B2F90404F
_INITIAL = (  # "somepseudorandomlygeneratedbytes"
    0x736F6D6570736575,
    0x646F72616E646F6D,
    0x6C7967656E657261,
    0x7465646279746573,
)


def fingerprints(strings: Sequence[bytes], key: Sequence[int] | None = None) -> Any:
    """A number for each string, uint64: FarmHash's, or SipHash's with a key of two.

    Example:
        >>> [int(n) for n in fingerprints([b"", b"a"])]
        [11160318154034397263, 12917804110809363939]
    """
    found = np.zeros(len(strings), np.uint64)
    lengths = np.array([len(s) for s in strings], np.int64)
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        joined = b"".join(strings[int(row)] for row in rows)
        table = np.frombuffer(joined, np.uint8).reshape(len(rows), length)
        found[rows] = fingerprint(_columns(table), int(length), key)
    return found


def _columns(table: np.ndarray) -> Fetch:
    def fetch(start: int, width: int) -> np.ndarray:
        number = np.zeros((len(table), 8), np.uint8)
        number[:, :width] = table[:, start : start + width]
        return number.view("<u8").reshape(-1).astype(np.uint64)

    return fetch


def fingerprint(fetch: Fetch, length: int, key: Sequence[int] | None = None) -> Any:
    """The fingerprint of strings that are all `length` bytes long."""
    if key is not None:
        words = [fetch(start, 8) for start in range(0, length - 7, 8)]
        last = fetch(length - length % 8, length % 8)
        return siphash(words, last | (length % 256 << 56), key)
    if not length:
        return _K2
    if length <= 16:
        return _up_to_16(fetch, length)
    if length <= 32:
        return _up_to_32(fetch, length)
    if length <= 64:
        return _up_to_64(fetch, length)
    return _longer(fetch, length)


def crossed(first: Any, second: Any) -> Any:
    """One fingerprint of two, whose order counts (TensorFlow's `FingerprintCat64`)."""
    factor = 0xC6A4A7935BD1E995
    mixed = (first ^ factor) ^ (_shift_mix(second * factor) * factor)
    return _shift_mix(_shift_mix(mixed * factor) * factor)


# -- FarmHash: formulas by length, letters as in the source -------------------------


def _up_to_16(fetch: Fetch, n: int) -> Any:
    factor = (_K2 + 2 * n) % _MODULUS
    if n >= 8:
        a, b = fetch(0, 8) + _K2, fetch(n - 8, 8)
        c = _rotated(b, 37) * factor + a
        return _mix(c, (_rotated(a, 25) + b) * factor, factor)
    if n >= 4:
        return _mix((fetch(0, 4) << 3) + n, fetch(n - 4, 4), factor)
    y = fetch(0, 1) + (fetch(n // 2, 1) << 8)
    z = (fetch(n - 1, 1) << 2) + n
    return _shift_mix((y * _K2) ^ (z * _K0)) * _K2


def _up_to_32(fetch: Fetch, n: int) -> Any:
    factor = (_K2 + 2 * n) % _MODULUS
    a, b = fetch(0, 8) * _K1, fetch(8, 8)
    c, d = fetch(n - 8, 8) * factor, fetch(n - 16, 8) * _K2
    return _mix(
        _rotated(a + b, 43) + _rotated(c, 30) + d, a + _rotated(b + _K2, 18) + c, factor
    )


def _up_to_64(fetch: Fetch, n: int) -> Any:
    factor = (_K2 + 2 * n) % _MODULUS
    a, b = fetch(0, 8) * _K2, fetch(8, 8)
    c, d = fetch(n - 8, 8) * factor, fetch(n - 16, 8) * _K2
    y = _rotated(a + b, 43) + _rotated(c, 30) + d
    z = _mix(y, a + _rotated(b + _K2, 18) + c, factor)
    e, f = fetch(16, 8) * factor, fetch(24, 8)
    g, h = (y + fetch(n - 32, 8)) * factor, (z + fetch(n - 24, 8)) * factor
    return _mix(
        _rotated(e + f, 43) + _rotated(g, 30) + h, e + _rotated(f + a, 18) + g, factor
    )


def _longer(fetch: Fetch, n: int) -> Any:
    """Blocks of 64 bytes, and at the end the last 64."""
    zero = fetch(0, 8) * 0  # so that all that follows are arrays, which wrap around
    x = zero + 81
    y = x * _K1 + 113
    z = _shift_mix(y * _K2 + 113) * _K2
    x = x * _K2 + fetch(0, 8)
    v, w = (zero, zero), (zero, zero)
    for start in range(0, (n - 1) // 64 * 64, 64):
        x = _rotated(x + y + v[0] + fetch(start + 8, 8), 37) * _K1 ^ w[1]
        y = _rotated(y + v[1] + fetch(start + 48, 8), 42) * _K1
        y = y + v[0] + fetch(start + 40, 8)
        z = _rotated(z + w[0], 33) * _K1
        v, w = _halves(fetch, start, x, y, z, v, w, _K1)
        x, z = z, x
    start = n - 64
    factor = ((z & 0xFF) << 1) + _K1
    w = (w[0] + (n - 1) % 64, w[1])
    v = (v[0] + w[0], v[1])
    w = (w[0] + v[0], w[1])
    x = _rotated(x + y + v[0] + fetch(start + 8, 8), 37) * factor ^ (w[1] * 9)
    y = _rotated(y + v[1] + fetch(start + 48, 8), 42) * factor
    y = y + v[0] * 9 + fetch(start + 40, 8)
    z = _rotated(z + w[0], 33) * factor
    v, w = _halves(fetch, start, x, y, z, v, w, factor)
    x, z = z, x
    return _mix(
        _mix(v[0], w[0], factor) + _shift_mix(y) * _K0 + z,
        _mix(v[1], w[1], factor) + x,
        factor,
    )


def _halves(
    fetch: Fetch, at: int, x: Any, y: Any, z: Any, v: Pair, w: Pair, factor: Any
) -> tuple[Pair, Pair]:
    """The two halves of a block, each with two numbers that were there before."""
    first = _weak(fetch, at, v[1] * factor, x + w[0])
    return first, _weak(fetch, at + 32, z + w[1], y + fetch(at + 16, 8))


def _weak(fetch: Fetch, at: int, a: Any, b: Any) -> Pair:
    first, second, third, fourth = (fetch(at + 8 * i, 8) for i in range(4))
    a = a + first
    b = _rotated(b + a + fourth, 21)
    total = a + second + third
    return total + fourth, b + _rotated(total, 44) + a


def _mix(u: Any, v: Any, factor: Any) -> Any:
    a = _shift_mix((u ^ v) * factor)
    return _shift_mix((v ^ a) * factor) * factor


def _shift_mix(x: Any) -> Any:
    return x ^ (x >> 47)


def _rotated(x: Any, right: int) -> Any:
    return (x >> right) | (x << (64 - right))


# -- SipHash -------------------------------------------------------------------------


def siphash(words: Sequence[Any], last: Any, key: Sequence[int]) -> Any:
    """Of words of 8 bytes, and a last one: the bytes that are left, and in its highest
    byte the length. Two rounds for each word, four at the end."""
    zero = last * 0
    v = [zero + (key[i % 2] ^ constant) for i, constant in enumerate(_INITIAL)]
    for word in (*words, last):
        v[3] = v[3] ^ word
        v = _round(_round(v))
        v[0] = v[0] ^ word
    v[2] = v[2] ^ 0xFF
    a, b, c, d = _round(_round(_round(_round(v))))
    return a ^ b ^ c ^ d


def _round(v: list[Any]) -> list[Any]:
    a, b, c, d = v
    a, c = a + b, c + d
    b, d = _rotated(b, 64 - 13) ^ a, _rotated(d, 64 - 16) ^ c
    a = _rotated(a, 32)
    c, a = c + b, a + d
    b, d = _rotated(b, 64 - 17) ^ c, _rotated(d, 64 - 21) ^ a
    return [a, b, _rotated(c, 32), d]
