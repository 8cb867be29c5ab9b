"""Which metric a name means, and what metrics are called in logs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wubu import losses, metrics
from wubu.errors import ArgumentError, UnknownNameError
from wubu.metrics import Metric, Unresolved

# -- accuracy by shapes ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("y_true", "y_pred", "accuracy", "crossentropy"),
    [
        ((8,), (8, 1), "BinaryAccuracy", "BinaryCrossentropy"),
        ((8, 1), (8, 1), "BinaryAccuracy", "BinaryCrossentropy"),
        ((8,), (8,), "BinaryAccuracy", "BinaryCrossentropy"),
        ((8,), (8, 5), "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy"),
        ((8, 1), (8, 5), "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy"),
        (
            (8, 3),
            (8, 3, 5),
            "SparseCategoricalAccuracy",
            "SparseCategoricalCrossentropy",
        ),
        ((8, 5), (8, 5), "CategoricalAccuracy", "CategoricalCrossentropy"),
        (None, (8, 5), "CategoricalAccuracy", "CategoricalCrossentropy"),
    ],
)
def test_what_accuracy_means(
    y_true: Any, y_pred: Any, accuracy: str, crossentropy: str
) -> None:
    for name in ("accuracy", "acc", "Accuracy"):
        found = metrics.resolve(name, y_true, y_pred)
        assert type(found).__name__ == accuracy
        assert found.name == name
    for name in ("crossentropy", "ce"):
        found = metrics.resolve(name, y_true, y_pred)
        assert type(found).__name__ == crossentropy
        assert found.name == name


def test_logits_of_the_loss_are_logits_of_the_metric() -> None:
    """A logit of 0.2 means class 1, although it is below 0.5."""
    loss = losses.BinaryCrossentropy(from_logits=True)
    metric = metrics.resolve("accuracy", (2, 1), (2, 1), loss)
    assert metric([[1], [0]], [[0.2], [-0.2]]).item() == 1
    metric = metrics.resolve("ce", (2, 1), (2, 1), loss)
    assert metric.from_logits is True


def test_get_leaves_accuracy_open() -> None:
    assert metrics.get("accuracy") == Unresolved("accuracy")
    found = metrics.resolve(metrics.get("accuracy"), (8,), (8, 3))
    assert isinstance(found, metrics.SparseCategoricalAccuracy)


def test_names_in_logs_are_what_the_user_wrote() -> None:
    assert metrics.resolve("mae", (8, 1), (8, 1)).name == "mae"
    assert (
        metrics.resolve("MeanSquaredError", (8, 1), (8, 1)).name == "MeanSquaredError"
    )
    mine = metrics.MeanSquaredError(name="mine")
    assert metrics.resolve(mine, (8, 1), (8, 1)) is mine
    assert mine.name == "mine"


def test_a_function_becomes_its_mean() -> None:
    def largest_gap(y_true: Any, y_pred: Any) -> Any:
        return (y_true - y_pred).abs().max(axis=-1)

    metric = metrics.resolve(largest_gap, (2, 2), (2, 2))
    assert metric.name == "largest_gap"
    assert metric([[0.0, 0.0], [0.0, 0.0]], [[1.0, 2.0], [3.0, 4.0]]).item() == 3


def test_arguments_of_the_function_are_kept() -> None:
    metric = metrics.MeanMetricWrapper(metrics.binary_accuracy, threshold=0.9)
    assert metric([[1], [1]], [[0.8], [0.95]]).item() == 0.5
    twin = metrics.deserialize(json.loads(json.dumps(metrics.serialize(metric))))
    assert twin.get_config() == metric.get_config()
    assert twin([[1], [1]], [[0.8], [0.95]]).item() == 0.5


def test_a_class_without_a_name_gives_its_own() -> None:
    class MyOwn(Metric):
        pass

    assert MyOwn().name == "my_own"


NAMED = {
    "AUC": metrics.AUC,
    "auc": metrics.AUC,
    "Precision": metrics.Precision,
    "true_positives": metrics.TruePositives,
    "f1_score": metrics.F1Score,
    "F1Score": metrics.F1Score,
    "fbeta_score": metrics.FBetaScore,
    "r2_score": metrics.R2Score,
    "mae": metrics.MeanAbsoluteError,
    "MSE": metrics.MeanSquaredError,
    "mape": metrics.MeanAbsolutePercentageError,
    "msle": metrics.MeanSquaredLogarithmicError,
    "rmse": metrics.RootMeanSquaredError,
    "bce": metrics.BinaryCrossentropy,
    "kld": metrics.KLDivergence,
    "kl_divergence": metrics.KLDivergence,
    "logcosh": metrics.LogCoshError,
    "log_cosh_error": metrics.LogCoshError,
    "cosine_similarity": metrics.CosineSimilarity,
    "binary_io_u": metrics.BinaryIoU,
    "top_k_categorical_accuracy": metrics.TopKCategoricalAccuracy,
    "wmape": metrics.WeightedMeanAbsolutePercentageError,
}


@pytest.mark.parametrize("name", NAMED)
def test_names_that_compile_takes(name: str) -> None:
    found = metrics.resolve(name, (8, 3), (8, 3))
    assert type(found) is NAMED[name]
    assert found.name == name


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        (metrics.AUC(), "auc"),
        (metrics.TrueNegatives(), "true_negatives"),
        (metrics.SensitivityAtSpecificity(0.5), "sensitivity_at_specificity"),
        (metrics.MeanIoU(2), "mean_io_u"),
        (metrics.OneHotMeanIoU(2), "one_hot_mean_io_u"),
        (metrics.LogCoshError(), "logcosh"),
        (metrics.F1Score(), "f1_score"),
        (metrics.ConfusionMatrix(2), "confusion_matrix"),
    ],
)
def test_names_in_logs_are_keras(sample: Metric, name: str) -> None:
    assert sample.name == name


def test_a_metric_that_needs_arguments_says_which() -> None:
    with pytest.raises(ArgumentError) as error:
        metrics.get("mean_iou")
    assert error.value.expected == "a value for 'num_classes'"
    assert error.value.fix == "write MeanIoU(num_classes=...), from wubu.metrics"
    with pytest.raises(ArgumentError, match="cannot be made from its name"):
        metrics.get("PrecisionAtRecall")


def test_named_metrics_of_two_classes_know_of_logits() -> None:
    loss = losses.BinaryCrossentropy(from_logits=True)
    y, logits = [[1], [0]], [[0.2], [-0.2]]
    for name in ("precision", "recall", "binary_accuracy", "auc"):
        metric = metrics.resolve(name, (2, 1), (2, 1), loss)
        assert metric.name == name
        assert metric(y, logits).item() == pytest.approx(1)
    own = metrics.Recall()  # somebody has chosen its threshold
    assert metrics.resolve(own, (2, 1), (2, 1), loss) is own
    classes = losses.CategoricalCrossentropy(from_logits=True)
    assert metrics.resolve("auc", (2, 3), (2, 3), classes).from_logits is False


def test_get_takes_every_spelling() -> None:
    for spelling in ("binary_accuracy", "BinaryAccuracy", metrics.BinaryAccuracy):
        assert type(metrics.get(spelling)) is metrics.BinaryAccuracy
    assert metrics.get(None) is None
    with pytest.raises(UnknownNameError) as error:
        metrics.get("acuracy")
    assert error.value.fix == 'did you mean "accuracy"?'
    with pytest.raises(ArgumentError, match="cannot be used as metric"):
        metrics.get(3)
