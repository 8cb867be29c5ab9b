"""The formulas of the report, against numbers worked out by hand or by SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from wubu.reports.statistics import (
    calibration,
    finite,
    most_confused,
    r_squared,
    scores,
    wilson,
)


@pytest.mark.parametrize(("right", "total"), [(0, 5), (5, 5), (331, 355), (1, 3)])
def test_wilsons_interval_is_that_of_scipy(right: int, total: int) -> None:
    expected = stats.binomtest(right, total).proportion_ci(0.95, method="wilson")
    assert wilson(right, total) == pytest.approx((expected.low, expected.high))


def test_without_samples_any_share_is_possible() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_scores_of_a_class() -> None:
    found = scores(right=27, samples=34, predicted=29)
    assert found.precision == 27 / 29
    assert found.recall == 27 / 34
    assert found.f1 == pytest.approx(2 / (29 / 27 + 34 / 27))  # the harmonic mean


def test_scores_are_nan_where_there_is_nothing_to_count() -> None:
    nothing_there = scores(right=0, samples=0, predicted=4)
    assert math.isnan(nothing_there.recall)
    assert nothing_there.precision == 0
    assert nothing_there.f1 == 0
    assert all(map(math.isnan, scores(0, 0, 0)))


def test_calibration_error_by_hand() -> None:
    sure = np.array([0.95, 0.95, 0.75, 0.75, 0.75, 0.35], np.float32)
    right = np.array([True, False, True, True, True, False])
    found = calibration(sure, right)
    # 2/6 · |1/2 - 0.95| + 3/6 · |1 - 0.75| + 1/6 · |0 - 0.35|
    assert found.error == pytest.approx(0.45 / 3 + 0.25 / 2 + 0.35 / 6)
    assert [part.samples for part in found.bins] == [0, 0, 0, 1, 0, 0, 0, 3, 0, 2]
    assert found.bins[9].accuracy == 0.5


def test_the_upper_end_of_a_bin_is_in_it() -> None:
    sure = np.array([0.0, 0.1, 0.9, 1.0], np.float32)
    found = calibration(sure, np.ones(4, bool))
    assert [part.samples for part in found.bins] == [2, 0, 0, 0, 0, 0, 0, 0, 1, 1]


def test_perfect_calibration_has_no_error() -> None:
    sure = np.full(4, 0.75)
    assert calibration(sure, np.array([True, True, True, False])).error == 0


def test_most_confused_leaves_the_right_ones_out() -> None:
    table = np.array([[50, 1, 3], [0, 40, 0], [7, 0, 30]])
    assert most_confused(table, most=2) == [(2, 0, 7), (0, 2, 3)]
    assert most_confused(np.diag([3, 4])) == []


def test_explained_variance() -> None:
    y = np.array([[1.0], [2.0], [3.0]])
    assert r_squared(y, y) == 1
    assert r_squared(y, np.full_like(y, 2.0)) == 0  # the mean explains nothing
    assert math.isnan(r_squared(np.ones(3), np.zeros(3)))


def test_what_is_not_finite_is_left_out() -> None:
    assert finite([[1, math.nan], [math.inf, 2]]).tolist() == [1, 2]
