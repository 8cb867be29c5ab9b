"""McNemar's test: whether two classifiers differ by more than chance.

Both have answered the same questions. Those that both got right, or both wrong, say
nothing about which is better; what counts are the b answers that only the first got
right and the c that only the second got right. If they are equally good, each of these
b + c is a toss of a fair coin.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from wubu.errors import ShapeError

# With fewer discordant answers than this the coin is counted out, not approximated.
# Both papers below say that the approximation needs some twenty-five.
FEW = 25


class McNemar(NamedTuple):
    """The outcome of the test.

    Attributes:
        only_first: samples that the first alone got right (b).
        only_second: samples that the second alone got right (c).
        statistic: (|b - c| - 1)² / (b + c); None where the coin was counted out.
        p_value: how probable it is that two equally good ones differ at least so much.
    """

    only_first: int
    only_second: int
    statistic: float | None
    p_value: float

    @property
    def method(self) -> str:
        """What the p-value was computed by."""
        if self.statistic is None:
            return "exact binomial"
        return "chi-square with continuity correction"


def mcnemar(right_first: np.ndarray, right_second: np.ndarray) -> McNemar:
    """Tests two classifiers on the samples that both answered.

        b + c < 25:  p = min(1, 2 Σ_{k ≤ min(b, c)} C(b + c, k) / 2^(b + c))
        otherwise:   χ² = (|b - c| - 1)² / (b + c),  p = erfc(√(χ² / 2))

    Args:
        right_first: which samples the first got right.
        right_second: which samples the second got right, in the same order.

    Shapes:
        both (samples,), bool.

    Raises:
        ShapeError: not the same samples.

    Source: Q. McNemar, "Note on the sampling error of the difference between correlated
        proportions or percentages", Psychometrika 12(2), 1947; the correction is A. L.
        Edwards', Psychometrika 13(3), 1948.

    Example:
        >>> first = np.array([True] * 9 + [False])
        >>> second = np.array([False] * 5 + [True] * 5)
        >>> mcnemar(first, second)
        McNemar(only_first=5, only_second=1, statistic=None, p_value=0.21875)
    """
    first, second = np.asarray(right_first, bool), np.asarray(right_second, bool)
    if first.shape != second.shape or first.ndim != 1:
        raise ShapeError(
            "McNemar's test compares answers to the same questions",
            expected=f"two arrays of shape {first.shape}",
            got=f"{first.shape} and {second.shape}",
        )
    b, c = int(np.sum(first & ~second)), int(np.sum(~first & second))
    n = b + c
    if n < FEW:
        tail = sum(math.comb(n, k) for k in range(min(b, c) + 1)) / 2**n
        return McNemar(b, c, None, min(1.0, 2 * tail))
    statistic = max(abs(b - c) - 1, 0) ** 2 / n
    return McNemar(b, c, statistic, math.erfc(math.sqrt(statistic / 2)))
