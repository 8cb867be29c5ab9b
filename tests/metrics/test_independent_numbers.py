"""Metrics beside numbers that neither Wubu nor Keras computed: of scikit-learn 1.9.1,
or by their formulas in NumPy.

T, P and W are labels, decisions and weights; scikit-learn's are `f(T, P)` and
`f(T, P, sample_weight=W)` of the function named in each test.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wubu import metrics

T = [0, 0, 0, 1, 1, 2, 2, 2, 2, 3]
P = [0, 1, 0, 1, 2, 2, 2, 0, 2, 2]
W = [1, 2, 1, 1, 0.5, 1, 3, 1, 1, 2]
ROWS = np.eye(4)


def of(metric: Any, weight: Any = None) -> Any:
    return metric(T, P, sample_weight=weight).tolist()


COUNTS = np.array([[2, 1, 0, 0], [0, 1, 1, 0], [1, 0, 3, 0], [0, 0, 1, 0]])


@pytest.mark.parametrize(
    ("normalize", "sums"),
    [
        (None, 1),
        ("true", [[3], [2], [4], [1]]),
        ("pred", [[3, 2, 5, 1]]),  # nothing is taken for the last class: 0 / 1
        ("all", 10),
    ],
)
def test_confusion_matrix(normalize: Any, sums: Any) -> None:
    metric = metrics.ConfusionMatrix(4, normalize=normalize, dtype="float64")
    np.testing.assert_allclose(of(metric), COUNTS / sums, rtol=1e-12)


def test_confusion_matrix_of_weighted_samples() -> None:
    wanted = [[2, 2, 0, 0], [0, 1, 0.5, 0], [1, 0, 5, 0], [0, 0, 2, 0]]
    assert of(metrics.ConfusionMatrix(4), W) == wanted


@pytest.mark.parametrize(
    ("weights", "plain", "weighted"),
    [
        (None, 0.4029850746268656, 0.3850931677018634),
        ("linear", 0.5098039215686274, 0.5301204819277108),
        ("quadratic", 0.6067415730337079, 0.653061224489796),
    ],
)
def test_cohen_kappa_score(weights: Any, plain: float, weighted: float) -> None:
    for weight, wanted in ((None, plain), (W, weighted)):
        metric = metrics.CohenKappa(4, weights, dtype="float64")
        assert of(metric, weight) == pytest.approx(wanted, rel=1e-12)


def test_matthews_corrcoef() -> None:
    for weight, wanted in ((None, 0.4098442999852685), (W, 0.4018187817080398)):
        metric = metrics.MatthewsCorrCoef(4, dtype="float64")
        assert of(metric, weight) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(
    ("average", "f1", "f2_weighted"),
    [
        (None, [2 / 3, 0.5, 2 / 3, 0], [0.52631579, 0.55555556, 0.79365079, 0]),
        ("micro", 0.6, 0.5925925925925926),
        ("macro", 0.45833333333333326, 0.46888053467000834),
        ("weighted", 0.5666666666666667, 0.5704075002320617),
    ],
)
def test_f1_and_fbeta_score(average: Any, f1: Any, f2_weighted: Any) -> None:
    found = metrics.F1Score(average, dtype="float64")(ROWS[T], ROWS[P])
    np.testing.assert_allclose(found.numpy(), f1, rtol=1e-12)
    metric = metrics.FBetaScore(average, 2.0, threshold=0.5, dtype="float64")
    found = metric(ROWS[T], ROWS[P], sample_weight=W)
    np.testing.assert_allclose(found.numpy(), f2_weighted, rtol=1e-8)


def test_precision_recall_and_jaccard_score_of_single_classes() -> None:
    recalls = [2 / 3, 0.5, 0.75, 0]
    overlaps = [0.5, 1 / 3, 0.5, 0]
    for i in range(4):
        recall = metrics.Recall(class_id=i, dtype="float64")
        assert recall(ROWS[T], ROWS[P]).item() == pytest.approx(recalls[i], rel=1e-12)
        overlap = metrics.IoU(4, target_class_ids=[i], dtype="float64")
        assert of(overlap) == pytest.approx(overlaps[i], rel=1e-12)
    precision = metrics.Precision(class_id=0)(ROWS[T], ROWS[P])
    assert precision.item() == pytest.approx(2 / 3)
    assert of(metrics.MeanIoU(4)) == pytest.approx(1 / 3)


def test_roc_auc_score() -> None:
    y, p = [0, 0, 1, 1, 0, 1, 0, 1], [0.1, 0.4, 0.35, 0.8, 0.2, 0.9, 0.6, 0.55]
    assert metrics.AUC()(y, p).item() == pytest.approx(0.8125, rel=1e-6)
    weighted = metrics.AUC()(y, p, sample_weight=[1, 2, 1, 3, 1, 1, 2, 1])
    assert weighted.item() == pytest.approx(0.8333333333, rel=1e-6)
    # average_precision_score takes the precision at the right end of each strip.
    pr = metrics.AUC(curve="PR", summation_method="majoring")(y, p).item()
    assert (
        pr
        >= 0.8541666
        > metrics.AUC(curve="PR", summation_method="minoring")(y, p).item()
    )


@given(st.integers(0, 999), st.booleans())
def test_the_area_is_how_often_a_positive_sample_ranks_higher(
    seed: int, weighted: bool
) -> None:
    random = np.random.default_rng(seed)
    y, p = random.integers(0, 2, 20), random.integers(0, 11, 20) / 10
    y[:2] = [0, 1]
    w = random.uniform(0.1, 2, 20) if weighted else np.ones(20)
    edges = np.arange(0.05, 1, 0.1).tolist()  # between any two that differ
    metric = metrics.AUC(thresholds=edges, dtype="float64")
    higher = (p[y == 1][:, None] > p[y == 0]) + 0.5 * (p[y == 1][:, None] == p[y == 0])
    pairs = np.outer(w[y == 1], w[y == 0])
    wanted = (higher * pairs).sum() / pairs.sum()
    assert metric(y, p, sample_weight=w).item() == pytest.approx(wanted, rel=1e-9)


def test_top_k_accuracy_score() -> None:
    scores = [
        [0.5, 0.2, 0.2],
        [0.3, 0.4, 0.2],
        [0.2, 0.4, 0.3],
        [0.7, 0.2, 0.1],
        [0.1, 0.2, 0.7],
    ]
    metric = metrics.SparseTopKCategoricalAccuracy(k=2)
    assert metric([0, 1, 2, 2, 1], scores).item() == pytest.approx(0.8)


def test_r2_score() -> None:
    y, p = [3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 8.0]
    found = metrics.R2Score(dtype="float64")
    assert found(y, p).item() == pytest.approx(0.9486081370449679, rel=1e-12)
    found = metrics.R2Score(dtype="float64")(y, p, sample_weight=[1, 2, 1, 0.5])
    assert found.item() == pytest.approx(0.9509803921568627, rel=1e-12)
    rows, near = [[0.5, 1], [-1, 1], [7, -6]], [[0, 2], [-1, 2], [8, -5]]
    for way, wanted in (
        (None, [0.96543779, 0.90816327]),
        ("uniform_average", 0.9368005266622779),
        ("variance_weighted_average", 0.9382566585956417),
    ):
        metric = metrics.R2Score(way, dtype="float64")
        np.testing.assert_allclose(metric(rows, near).numpy(), wanted, rtol=1e-8)


def test_r2_of_targets_far_from_zero_loses_no_digits() -> None:
    """sum(y**2) - sum(y)**2 / n would be noise in float32."""
    random = np.random.default_rng(0)
    y = (1e4 + random.standard_normal((50, 1))).astype("float32")
    p = (y + 0.5 * random.standard_normal((50, 1))).astype("float32")
    metric = metrics.R2Score()
    for rows in np.array_split(np.arange(50), 5):
        metric.update_state(y[rows], p[rows])
    wide, far = y.astype(float), p.astype(float)
    wanted = 1 - ((wide - far) ** 2).sum() / ((wide - wide.mean()) ** 2).sum()
    assert metric.result().item() == pytest.approx(wanted, rel=1e-3)


def test_r2_of_equal_targets_is_one_if_they_are_met() -> None:
    assert metrics.R2Score()([2.0, 2.0], [2.0, 2.0]).item() == 1
    assert metrics.R2Score()([2.0, 2.0], [2.0, 3.0]).item() == 0


@given(st.integers(0, 999))
def test_correlations_and_errors_by_their_formulas(seed: int) -> None:
    random = np.random.default_rng(seed)
    t, p = random.standard_normal((2, 6, 5))
    pearson = np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(t, p, strict=True)])
    assert metrics.PearsonCorrelation(dtype="float64")(t, p).item() == pytest.approx(
        pearson, rel=1e-9, abs=1e-12
    )
    shares = [
        2 * np.cov(a, b, bias=True)[0, 1]
        / (a.var() + b.var() + (a.mean() - b.mean()) ** 2)
        for a, b in zip(t, p, strict=True)
    ]  # fmt: skip
    found = metrics.ConcordanceCorrelation(dtype="float64")(t, p).item()
    assert found == pytest.approx(np.mean(shares), rel=1e-9, abs=1e-12)
    w = random.uniform(0.1, 2, 6)
    found = metrics.WMAPE(dtype="float64")(t, p, sample_weight=w).item()
    wanted = (w[:, None] * np.abs(t - p)).sum() / (w[:, None] * np.abs(t)).sum()
    assert found == pytest.approx(wanted, rel=1e-12)
    scale = np.array([1.0, 2.0, 0.0, 0.5, 4.0])
    inverse = np.divide(1, scale, where=scale > 0, out=np.zeros(5))
    found = metrics.MeanRelativeError(scale, dtype="float64")(t, p).item()
    assert found == pytest.approx((np.abs(t - p) * inverse).mean(), rel=1e-12)


def test_where_nothing_could_go_otherwise_agreement_is_zero() -> None:
    for metric in (metrics.CohenKappa(2), metrics.MatthewsCorrCoef(2)):
        assert metric([1, 1, 1], [0.9, 0.8, 0.7]).item() == 0


# -- how decisions are written --------------------------------------------------------


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        (T, ROWS[P]),
        (ROWS[T], ROWS[P] * 0.5),
        (np.array(T)[:, None], ROWS[P]),
        (np.array(T)[:, None], np.array(P)[:, None]),
        (np.array(T, float), np.array(P, float)),
        (np.reshape(T, (5, 2)), ROWS[P].reshape(5, 2, 4)),
    ],
)
def test_decisions_in_any_form(y_true: Any, y_pred: Any) -> None:
    found = metrics.ConfusionMatrix(4)(y_true, y_pred).tolist()
    assert found == of(metrics.ConfusionMatrix(4))


def test_two_classes_of_one_probability_are_parted_by_the_threshold() -> None:
    wanted = [[1, 1], [0, 2]]
    for p in ([0.2, 0.6, 0.7, 0.9], [[0.2], [0.6], [0.7], [0.9]]):
        assert metrics.ConfusionMatrix(2)([0, 0, 1, 1], p).tolist() == wanted
    logits = metrics.ConfusionMatrix(2, threshold=0)
    assert logits([0, 0, 1, 1], [-1.0, 0.1, 0.2, 3.0]).tolist() == wanted


def test_pixels_are_counted_beyond_what_float32_can() -> None:
    metric = metrics.MeanIoU(2)
    metric.counts.assign([[2.0**24, 0.0], [0.0, 0.0]])
    metric.update_state([0, 0, 0], [0, 0, 0])
    assert metric.counts.numpy()[0, 0] == 2**24 + 3
