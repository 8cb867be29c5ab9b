"""What the report computes from predictions. Each function is one formula."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

_Z95 = 1.959963984540054  # 95 % of a normal distribution lie within so many deviations


class Interval(NamedTuple):
    low: float
    high: float


def wilson(right: int, total: int, z: float = _Z95) -> Interval:
    """Where the true share of right answers lies, given those of a sample.

        p = right / total
        (p + z²/2n ± z √(p (1 - p)/n + z²/4n²)) / (1 + z²/n)

    Args:
        right: answers that are right.
        total: n, all answers.
        z: how many deviations; 1.96 give 95 % confidence.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical
        inference", JASA 22(158), 1927.

    Example:
        >>> [round(end, 4) for end in wilson(8, 10)]
        [0.4902, 0.9433]
    """
    if total == 0:
        return Interval(0.0, 1.0)
    p, share = right / total, z * z / total
    middle = p + share / 2
    width = z * math.sqrt(p * (1 - p) / total + share / (4 * total))
    low, high = (middle - width) / (1 + share), (middle + width) / (1 + share)
    return Interval(max(0.0, low), min(1.0, high))


class Scores(NamedTuple):
    """Of one class; NaN where nothing was predicted, or nothing was there."""

    precision: float
    recall: float
    f1: float


def scores(right: int, samples: int, predicted: int) -> Scores:
    """How well a class is told from the others.

        precision = right / predicted    recall = right / samples
        F1 = 2 right / (samples + predicted)

    Example:
        >>> scores(right=27, samples=34, predicted=29).f1 == 2 * 27 / (34 + 29)
        True
    """
    both = samples + predicted
    return Scores(
        right / predicted if predicted else math.nan,
        right / samples if samples else math.nan,
        2 * right / both if both else math.nan,
    )


class Bin(NamedTuple):
    """Answers of about the same confidence."""

    low: float
    high: float
    samples: int
    confidence: float  # their mean; NaN without samples
    accuracy: float  # the share that is right


class Calibration(NamedTuple):
    bins: list[Bin]
    error: float  # expected calibration error


def calibration(
    confidence: np.ndarray, right: np.ndarray, bins: int = 10
) -> Calibration:
    """Whether answers given with 80 % confidence are right in 80 % of cases.

        ECE = Σ n_b / n · |accuracy_b - confidence_b|,  over bins of equal width

    Args:
        confidence: the probability of each answer that was given.
        right: whether it was right.
        bins: how many; the lower end of a bin is not in it, the upper end is.

    Shapes:
        both (samples,).

    Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017.

    Example:
        >>> sure = np.array([0.9, 0.9, 0.9, 0.6])
        >>> found = calibration(sure, np.array([True, True, False, True]))
        >>> round(found.error, 4)  # 3/4 · |2/3 - 0.9| + 1/4 · |1 - 0.6|
        0.275
    """
    confidence = np.asarray(confidence, np.float64)
    right = np.asarray(right, bool)
    edges = np.linspace(0.0, 1.0, bins + 1)
    # In double precision 0.9 as float32 lies below 0.9: rounding keeps it in its bin.
    place = np.searchsorted(edges, np.round(confidence, 6), side="left") - 1
    place = np.clip(place, 0, bins - 1)
    found = []
    for number in range(bins):
        inside = place == number
        size = int(inside.sum())
        mean = float(confidence[inside].mean()) if size else math.nan
        share = float(right[inside].mean()) if size else math.nan
        low, high = float(edges[number]), float(edges[number + 1])
        found.append(Bin(low, high, size, mean, share))
    total = max(1, len(confidence))
    gaps = (b.samples * abs(b.accuracy - b.confidence) for b in found if b.samples)
    return Calibration(found, sum(gaps) / total)


class Confused(NamedTuple):
    """A class that was taken for another."""

    true: int
    predicted: int
    samples: int


def most_confused(table: np.ndarray, most: int = 6) -> list[Confused]:
    """The pairs of classes with the most mistakes, the most first.

    Args:
        table: samples by class and by predicted class.
        most: how many pairs.

    Example:
        >>> most_confused(np.array([[5, 2], [1, 9]]))
        ... # doctest: +NORMALIZE_WHITESPACE
        [Confused(true=0, predicted=1, samples=2),
         Confused(true=1, predicted=0, samples=1)]
    """
    wrong = table.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = (divmod(int(place), table.shape[1]) for place in order)
    return [Confused(i, j, int(wrong[i, j])) for i, j in pairs if wrong[i, j]]


def r_squared(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """The share of the variance that predictions explain; NaN if there is none.

        1 - Σ (y - ŷ)² / Σ (y - ȳ)²

    Example:
        >>> r_squared(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
        0.5
    """
    y, guess = (np.asarray(a, np.float64) for a in (y_true, y_pred))
    spread = float(((y - y.mean(axis=0)) ** 2).sum())
    return 1 - float(((y - guess) ** 2).sum()) / spread if spread else math.nan


def finite(values: Any) -> np.ndarray:
    """The finite ones among these, flat, in double precision."""
    flat = np.asarray(values, np.float64).reshape(-1)
    return flat[np.isfinite(flat)]
