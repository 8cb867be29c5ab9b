"""Metrics other than means of common losses: by their result after each update."""

import numpy as np

from .objectives import metric_record, stacked
from .record import Record, draw, probabilities

BATCH, TIME, CLASSES = 5, 3, 4

# Keras adds 1e-7 to denominators of these, or computes them in single precision.
ROUGH = {
    "F1Score",
    "FBetaScore",
    "IoU",
    "MeanIoU",
    "BinaryIoU",
    "ConcordanceCorrelation",
}
ROUGH |= {"OneHotIoU", "OneHotMeanIoU"}
TOLERANCE = 1e-6


def bits(random, *shape):
    """0 and 1, both of them in every column."""
    found = random.integers(0, 2, shape).astype(float)
    found[0], found[1] = 0, 1
    return found


def units(random, *shape):
    return draw(random, *shape, low=0.0, high=1.0)


def numbers(random, *shape):
    return draw(random, *shape)


def positive(random, *shape):
    return draw(random, *shape, low=0.0, high=2.0)


def classes(random, *shape):
    return random.integers(0, CLASSES, shape[:-1])


def one_hot(random, *shape):
    return np.eye(shape[-1])[random.integers(0, shape[-1], shape[:-1])]


def ranked(random, *shape):
    """Class numbers, each once in a row."""
    return random.permuted(np.broadcast_to(np.arange(shape[-1]), shape), axis=-1)


# How y_true and y_pred are drawn, by the kind of a case.
KINDS = {
    "bits": (bits, units),
    "logits": (bits, numbers),
    "real": (numbers, numbers),
    "positive": (positive, positive),
    "distributions": (probabilities, probabilities),
    "signs": (lambda random, *shape: 2 * bits(random, *shape) - 1, numbers),
    "one_hot": (one_hot, probabilities),
    "sparse": (classes, probabilities),
    "classes": (classes, classes),
    "ranked": (classes, ranked),
}

ROW, COLUMN, SERIES = (BATCH, CLASSES), (BATCH, 1), (BATCH, TIME, CLASSES)

COUNTS = ["TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"]
RATES = ["Precision", "Recall"]
THREE = {"thresholds": [0.25, 0.4, 0.9]}
EVEN = {"thresholds": [0.0, 0.5, 1.0]}
POINTS = {
    "SensitivityAtSpecificity": "specificity",
    "SpecificityAtSensitivity": "sensitivity",
    "PrecisionAtRecall": "recall",
    "RecallAtPrecision": "precision",
}
AUCS = {
    "default": {},
    "few": {"num_thresholds": 5},
    "minoring": {"summation_method": "minoring"},
    "majoring": {"summation_method": "majoring"},
    "pr": {"curve": "PR"},
    "pr_minoring": {"curve": "PR", "summation_method": "minoring"},
    "pr_majoring": {"curve": "PR", "summation_method": "majoring"},
    "gain": {"curve": "PRGAIN", "num_thresholds": 9},
    "thresholds": {"thresholds": [0.7, 0.1, 0.35]},
    "label_weights": {"label_weights": [1.0, 0.5, 2.0, 0.25]},
    "multi_label": {"multi_label": True, "num_labels": CLASSES},
    "multi_label_pr": {"multi_label": True, "curve": "PR"},
    "multi_label_weights": {"multi_label": True, "label_weights": [1.0, 0.5, 2.0, 0.0]},
    "multi_label_thresholds": {"multi_label": True, "thresholds": [0.25, 0.6]},
}
IGNORE = {"ignore_class": 1}


def table():
    """(name, label, arguments, kind, shape) of every case."""
    for name in COUNTS:
        yield name, "default", {}, "bits", ROW
        yield name, "thresholds", THREE, "bits", ROW
    for name in RATES:
        yield name, "default", {}, "bits", ROW
        yield name, "column", {}, "bits", COLUMN
        yield name, "series", {}, "bits", SERIES
        yield name, "thresholds", THREE, "bits", ROW
        yield name, "even_thresholds", EVEN, "logits", ROW
        yield name, "top_k", {"top_k": 2}, "one_hot", ROW
        yield name, "class_id", {"class_id": 1}, "bits", ROW
        both = {"top_k": 3, "class_id": 2, "thresholds": 0.2}
        yield name, "top_k_class_id", both, "one_hot", ROW
    for name, rate in POINTS.items():
        yield name, "half", {rate: 0.5}, "bits", ROW
        yield name, "few", {rate: 0.7, "num_thresholds": 6}, "bits", ROW
        yield name, "one", {rate: 0.3, "num_thresholds": 1}, "bits", ROW
        yield name, "class_id", {rate: 0.4, "class_id": 2}, "bits", ROW
    for label, arguments in AUCS.items():
        yield "AUC", label, arguments, "bits", ROW
    yield "AUC", "logits", {"from_logits": True}, "logits", COLUMN
    yield "AUC", "out_of_range", {"num_thresholds": 7}, "logits", ROW
    for average in (None, "micro", "macro", "weighted"):
        yield "F1Score", str(average), {"average": average}, "one_hot", ROW
        several = {"average": average, "beta": 0.5, "threshold": 0.4}
        yield "FBetaScore", str(average), several, "bits", ROW
    yield "TopKCategoricalAccuracy", "two", {"k": 2}, "one_hot", ROW
    yield "TopKCategoricalAccuracy", "series", {"k": 3}, "one_hot", SERIES
    name = "SparseTopKCategoricalAccuracy"
    yield name, "two", {"k": 2}, "sparse", ROW
    yield name, "series", {"k": 3}, "sparse", SERIES
    yield name, "sorted", {"k": 2, "from_sorted_ids": True}, "ranked", ROW
    yield from overlaps()
    yield from means()


def overlaps():
    size = {"num_classes": CLASSES}
    some = {"target_class_ids": [0, 2]}
    yield "IoU", "some", size | some, "classes", ROW
    yield "IoU", "ignore", size | some | IGNORE, "classes", SERIES
    yield "MeanIoU", "default", size, "classes", SERIES
    yield "MeanIoU", "rows", size | {"sparse_y_pred": False}, "sparse", SERIES
    yield "OneHotIoU", "some", size | some, "one_hot", SERIES
    yield "OneHotMeanIoU", "default", size, "one_hot", ROW
    yield "OneHotMeanIoU", "ignore", size | IGNORE, "one_hot", ROW
    yield "BinaryIoU", "default", {}, "bits", ROW
    yield "BinaryIoU", "one", {"target_class_ids": [1], "threshold": 0.3}, "bits", ROW


def means():
    for name in ("RootMeanSquaredError", "LogCoshError"):
        yield name, "default", {}, "real", ROW
    for name in ("CosineSimilarity", "PearsonCorrelation", "ConcordanceCorrelation"):
        yield name, "default", {}, "real", ROW
        yield name, "axis", {"axis": 1}, "real", SERIES
    for name in ("MeanAbsolutePercentageError", "MeanSquaredLogarithmicError"):
        yield name, "default", {}, "positive", ROW
    yield "Poisson", "default", {}, "positive", ROW
    yield "KLDivergence", "default", {}, "distributions", ROW
    for name in ("Hinge", "SquaredHinge"):
        yield name, "default", {}, "signs", ROW
        yield name, "bits", {}, "logits", ROW
    yield "CategoricalHinge", "default", {}, "one_hot", ROW
    for way in (None, "uniform_average", "variance_weighted_average"):
        yield "R2Score", str(way), {"class_aggregation": way}, "real", ROW
    yield "R2Score", "column", {}, "real", COLUMN
    yield "R2Score", "adjusted", {"num_regressors": 2}, "real", ROW


def inputs_of(name, label, arguments, kind, shape):
    """All updates of a case, with weights for its samples."""
    random = Record("metric", name, label).random
    make_true, make_pred = KINDS[kind]
    if name.endswith("IoU"):
        # A whole number for each element: Keras cuts off fractions, as it counts in
        # integers, and does not spread weights of samples.
        elements = shape if kind == "bits" else shape[:-1]
        weights = stacked(lambda: random.integers(0, 4, elements))
    else:
        rows = shape[:1] if "axis" in arguments else shape[:-1]
        weights = stacked(lambda: draw(random, *rows, low=0, high=2))
    return {
        "y_true": stacked(lambda: make_true(random, *shape)),
        "y_pred": stacked(lambda: make_pred(random, *shape)),
        "sample_weight": weights,
    }


def records():
    for name, label, arguments, kind, shape in table():
        inputs = inputs_of(name, label, arguments, kind, shape)
        plain = {key: inputs[key] for key in inputs if key != "sample_weight"}
        for suffix, given in (("_weighted", inputs), ("", plain)):
            record = metric_record(name, label + suffix, arguments, given)
            record.properties = {"tolerance": TOLERANCE} if name in ROUGH else {}
            yield record
