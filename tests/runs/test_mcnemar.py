"""McNemar's test against SciPy's distributions, and against published numbers."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from wubu.errors import ShapeError
from wubu.runs.mcnemar import FEW, McNemar, mcnemar


def _answers(b: int, c: int, both: int = 7, none: int = 3) -> McNemar:
    pairs = [(1, 0)] * b + [(0, 1)] * c + [(1, 1)] * both + [(0, 0)] * none
    first, second = np.array(pairs, bool).T
    return mcnemar(first, second)


@pytest.mark.parametrize(
    ("b", "c"), [(0, 0), (1, 0), (0, 6), (5, 5), (3, 12), (FEW - 1, 0), (12, 12)]
)
def test_few_discordant_answers_are_counted_out(b: int, c: int) -> None:
    found = _answers(b, c)
    assert (found.only_first, found.only_second, found.statistic) == (b, c, None)
    assert found.method == "exact binomial"
    expected = scipy.stats.binomtest(b, b + c, 0.5).pvalue if b + c else 1.0
    assert found.p_value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("b", "c"), [(FEW, 0), (13, 12), (20, 20), (40, 75), (0, 900)])
def test_many_are_approximated(b: int, c: int) -> None:
    found = _answers(b, c)
    statistic = max(abs(b - c) - 1, 0) ** 2 / (b + c)
    assert found.statistic == pytest.approx(statistic)
    assert found.method == "chi-square with continuity correction"
    expected = scipy.stats.chi2.sf(statistic, df=1)
    assert found.p_value == pytest.approx(expected, rel=1e-9)


def test_a_textbook_example() -> None:
    """A. Agresti, "Categorical Data Analysis", section 10.1: approval of the prime
    minister, 150 and 86 changed their minds; z² = 17.36 without the correction."""
    found = _answers(150, 86, both=794, none=570)
    uncorrected = (150 - 86) ** 2 / (150 + 86)
    assert uncorrected == pytest.approx(17.36, abs=0.005)
    assert found.statistic == pytest.approx(63**2 / 236)
    assert found.p_value < 0.0001


def test_other_questions_are_refused() -> None:
    with pytest.raises(ShapeError, match="the same questions"):
        mcnemar(np.ones(3, bool), np.ones(4, bool))
