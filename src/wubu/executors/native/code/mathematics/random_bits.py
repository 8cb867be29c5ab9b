"""Random bits from counters: Philox4x32-10, bit for bit as `wubu.ops.random.philox`.

Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wubu.executors.native.code.emitter import Emitter, Register
from wubu.executors.native.code.mathematics.value import Value

_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10
_UINT32, _UINT64 = np.dtype("uint32"), np.dtype("uint64")


def philox(
    emitter: Emitter, counter: Sequence[Register], key: Sequence[Register]
) -> list[Register]:
    """Four words of 32 random bits for each counter of four words.

    Args:
        emitter: where the code goes.
        counter: four registers of uint32.
        key: two registers of uint32.
    """
    together = emitter.match([*counter, *key])
    c0, c1, c2, c3, k0, k1 = (Value(emitter, register) for register in together)
    for _ in range(_ROUNDS):
        high0, low0 = _wide_product(c0, _MULTIPLIERS[0])
        high1, low1 = _wide_product(c2, _MULTIPLIERS[1])
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = k0 + _WEYL[0], k1 + _WEYL[1]
    return [word.register for word in (c0, c1, c2, c3)]


def _wide_product(word: Value, multiplier: int) -> tuple[Value, Value]:
    """The upper and the lower half of the 64 bits."""
    product = word.resize(_UINT64) * multiplier
    return (product >> 32).resize(_UINT32), word * multiplier
