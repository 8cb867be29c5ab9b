"""One sample of every metric, for the tests that all of them share: how it is made, and
what kind of targets and predictions it judges."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wubu import metrics

CLASSES = 4


@dataclass(frozen=True)
class Sample:
    """
    Args:
        name: of the class in `wubu.metrics`.
        kind: of targets and predictions; see `batch_of`.
        arguments: of the constructor.
        label: tells samples of one metric apart.
    """

    name: str
    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)
    label: str = ""

    def make(self, **more: Any) -> Any:
        return getattr(metrics, self.name)(**self.arguments, **more)

    def __str__(self) -> str:
        return "-".join(filter(None, (self.name, self.label)))


def batch_of(
    kind: str, random: np.random.Generator, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Targets and predictions of n samples, in float64 or int64.

    | kind | y_true | y_pred |
    |---|---|---|
    | "real" | any numbers | any numbers |
    | "positive" | positive numbers | positive numbers |
    | "units" | 0 or 1, for each of several outputs | from 0 to 1 |
    | "distribution" | one-hot rows | rows of probabilities |
    | "classes" | class numbers | rows of probabilities |
    | "numbers" | class numbers | class numbers |
    """
    labels = random.integers(0, CLASSES, n)
    shares = random.dirichlet(np.ones(CLASSES), n)
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {
        "real": (
            random.standard_normal((n, CLASSES)),
            random.standard_normal((n, CLASSES)),
        ),
        "positive": (random.gamma(2, size=(n, 3)), random.gamma(2, size=(n, 3))),
        "units": (
            random.integers(0, 2, (n, CLASSES)),
            random.uniform(0, 1, (n, CLASSES)),
        ),
        "distribution": (np.eye(CLASSES)[labels], shares),
        "classes": (labels, shares),
        "numbers": (labels[:, None], random.integers(0, CLASSES, (n, 1))),
    }
    return found[kind]


CLASSED = {"num_classes": CLASSES}
SAMPLES = [
    Sample("Accuracy", "numbers"),
    Sample("AUC", "units", {"num_thresholds": 20}),
    Sample("AUC", "units", {"curve": "PR", "multi_label": True}, "labels"),
    Sample("AUC", "real", {"curve": "PRGAIN", "from_logits": True}, "logits"),
    Sample("BinaryAccuracy", "units"),
    Sample("BinaryCrossentropy", "units"),
    Sample("BinaryIoU", "units"),
    Sample("CategoricalAccuracy", "distribution"),
    Sample("CategoricalCrossentropy", "distribution"),
    Sample("CategoricalHinge", "distribution"),
    Sample("CohenKappa", "classes", {**CLASSED, "weights": "quadratic"}),
    Sample("ConcordanceCorrelation", "real"),
    Sample("ConfusionMatrix", "classes", {**CLASSED, "normalize": "true"}),
    Sample("CosineSimilarity", "real"),
    Sample("F1Score", "distribution"),
    Sample("FalseNegatives", "units"),
    Sample("FalsePositives", "units", {"thresholds": [0.2, 0.5, 0.7]}),
    Sample("FBetaScore", "units", {"beta": 2.0, "threshold": 0.3}),
    Sample("Hinge", "real"),
    Sample("IoU", "numbers", {**CLASSED, "target_class_ids": [0, 2]}),
    Sample("KLDivergence", "distribution"),
    Sample("LogCoshError", "real"),
    Sample("MatthewsCorrCoef", "distribution", CLASSED),
    Sample("MeanAbsoluteError", "real"),
    Sample("MeanAbsolutePercentageError", "positive"),
    Sample("MeanIoU", "classes", {**CLASSED, "sparse_y_pred": False}),
    Sample("MeanRelativeError", "positive", {"normalizer": [1.0, 2.0, 0.0]}),
    Sample("MeanSquaredError", "real"),
    Sample("MeanSquaredLogarithmicError", "positive"),
    Sample("OneHotIoU", "distribution", {**CLASSED, "target_class_ids": [1]}),
    Sample("OneHotMeanIoU", "distribution", CLASSED),
    Sample("PearsonCorrelation", "real"),
    Sample("Poisson", "positive"),
    Sample("Precision", "units"),
    Sample("Precision", "distribution", {"top_k": 2, "class_id": 1}, "top_2"),
    Sample("PrecisionAtRecall", "units", {"recall": 0.5, "num_thresholds": 20}),
    Sample("R2Score", "real"),
    Sample("Recall", "units", {"thresholds": [0.25, 0.75]}),
    Sample("RecallAtPrecision", "units", {"precision": 0.5, "num_thresholds": 20}),
    Sample("RootMeanSquaredError", "real"),
    Sample("SensitivityAtSpecificity", "units", {"specificity": 0.5}),
    Sample("SparseCategoricalAccuracy", "classes"),
    Sample("SparseCategoricalCrossentropy", "classes"),
    Sample("SparseTopKCategoricalAccuracy", "classes", {"k": 2}),
    Sample("SpecificityAtSensitivity", "units", {"sensitivity": 0.5}),
    Sample("SquaredHinge", "real"),
    Sample("TopKCategoricalAccuracy", "distribution", {"k": 2}),
    Sample("TrueNegatives", "units"),
    Sample("TruePositives", "units"),
    Sample("WeightedMeanAbsolutePercentageError", "positive"),
]
