"""Losses, by value and gradient, and metrics, by their result after each update."""

import itertools

import keras
import numpy as np

from .record import Record, array, draw, evaluate, probabilities

BATCH, TIME, CLASSES = 5, 3, 4
UPDATES = 3

REDUCTIONS = ["sum", "none", "mean_with_sample_weight"]  # beside the default

# Logits so large that exp overflows, and probabilities of exactly 0 and 1.
LARGE_LOGITS = np.array(
    [[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 999.0], [1000.0, 1000.0, -1000.0]]
)
SATURATED = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
UNNORMALIZED = np.array([[0.5, 0.25, 0.125], [2.0, 1.0, 1.0], [0.5, 0.5, 0.5]])
ROW_LABELS = np.array([0, 2, 2])


def one_hot(labels, classes):
    return np.eye(classes)[labels]


def labels_for(name, random, shape):
    """y_true for a shape of y_pred: class indices, one-hot rows, bits or numbers."""
    if name.startswith("Mean"):
        return draw(random, *shape)
    if name.startswith("Binary"):
        return random.integers(0, 2, shape).astype(float)
    classes = random.integers(0, shape[-1], shape[:-1])
    return classes if name.startswith("Sparse") else one_hot(classes, shape[-1])


def predictions_for(name, random, shape, from_logits=False):
    """y_pred of a shape: any numbers, or probabilities where the name asks for them."""
    if name.startswith("Mean") or from_logits:
        return draw(random, *shape)
    if name.startswith("Binary"):
        return draw(random, *shape, low=0.0, high=1.0)
    return probabilities(random, *shape)


def loss_record(name, label, arguments, inputs):
    """`inputs` are y_true, y_pred and, if weighted, sample_weight."""
    record = Record("loss", name, label, arguments)
    loss = getattr(keras.losses, name)(**arguments)
    evaluate(record, loss, inputs)
    kept = record.arrays["input_gradients"]
    record.arrays["input_gradients"] = {"y_pred": kept["y_pred"]}
    return record


def loss_inputs(name, label, arguments, shape, weighted=False):
    random = Record("loss", name, label).random
    inputs = {
        "y_true": labels_for(name, random, shape),
        "y_pred": predictions_for(name, random, shape, arguments.get("from_logits")),
    }
    if weighted:
        inputs["sample_weight"] = draw(random, *shape[:-1], low=0.0, high=2.0)
    return inputs


def argument_sets(name):
    """(label, arguments) for the ways to spell one loss."""
    if name.startswith("Mean"):
        return [("plain", {})]
    sets = [("probabilities", {}), ("logits", {"from_logits": True})]
    if name.startswith("Sparse"):
        return sets
    smooth = {"label_smoothing": 0.1}
    return sets + [(f"{label}_smoothed", {**made, **smooth}) for label, made in sets]


def common_losses(name):
    """Every argument set x shape x weighting, and every reduction of the first one."""
    shapes = [("", (BATCH, CLASSES)), ("_time", (BATCH, TIME, CLASSES))]
    weights = [("", False), ("_weighted", True)]
    for (spelt, arguments), (where, shape), (how, weighted) in itertools.product(
        argument_sets(name), shapes, weights
    ):
        yield spelt + where + how, arguments, shape, weighted
    spelt, arguments = argument_sets(name)[-1]
    for reduction, (how, weighted) in itertools.product(REDUCTIONS, weights):
        label = f"{spelt}_{reduction}{how}"
        yield label, {**arguments, "reduction": reduction}, (BATCH, CLASSES), weighted


def edge_losses():
    """Saturated probabilities, large logits, and labels in a column."""
    logits = {"from_logits": True}
    none = {"reduction": "none"}
    sparse, rows = ROW_LABELS, one_hot(ROW_LABELS, 3)
    for name, y_true in [
        ("SparseCategoricalCrossentropy", sparse),
        ("CategoricalCrossentropy", rows),
        ("BinaryCrossentropy", rows),
    ]:
        yield name, "large_logits", logits | none, y_true, LARGE_LOGITS
        yield name, "saturated", none, y_true, SATURATED
        yield name, "saturated_mean", {}, y_true, SATURATED
        if name != "BinaryCrossentropy":
            yield name, "unnormalized", none, y_true, UNNORMALIZED
    name = "SparseCategoricalCrossentropy"
    yield name, "label_column", none, sparse[:, None], UNNORMALIZED
    yield name, "label_column_logits", logits, sparse[:, None], UNNORMALIZED
    yield name, "float_labels", none, sparse.astype(float), UNNORMALIZED
    ignored = {"ignore_class": 2}
    yield name, "ignore_class", ignored | none, sparse, UNNORMALIZED
    column = np.array([[1.0], [0.0], [1.0]])
    yield "BinaryCrossentropy", "one_unit", {}, column, column * 0.5 + 0.125
    yield "BinaryCrossentropy", "label_vector", {}, column[:, 0], column * 0.5 + 0.125


LOSSES = [
    "SparseCategoricalCrossentropy",
    "CategoricalCrossentropy",
    "BinaryCrossentropy",
    "MeanSquaredError",
    "MeanAbsoluteError",
]


def loss_records():
    for name in LOSSES:
        for label, arguments, shape, weighted in common_losses(name):
            inputs = loss_inputs(name, label, arguments, shape, weighted)
            yield loss_record(name, label, arguments, inputs)
    for name, label, arguments, y_true, y_pred in edge_losses():
        yield loss_record(name, label, arguments, {"y_true": y_true, "y_pred": y_pred})


METRICS = [
    ("BinaryAccuracy", "default", {}, (BATCH, CLASSES)),
    ("BinaryAccuracy", "threshold", {"threshold": 0.7}, (BATCH, CLASSES)),
    ("BinaryAccuracy", "one_unit", {}, (BATCH, 1)),
    ("CategoricalAccuracy", "default", {}, (BATCH, CLASSES)),
    ("CategoricalAccuracy", "time", {}, (BATCH, TIME, CLASSES)),
    ("SparseCategoricalAccuracy", "default", {}, (BATCH, CLASSES)),
    ("SparseCategoricalAccuracy", "time", {}, (BATCH, TIME, CLASSES)),
    ("MeanSquaredError", "default", {}, (BATCH, CLASSES)),
    ("MeanAbsoluteError", "default", {}, (BATCH, CLASSES)),
    ("SparseCategoricalCrossentropy", "probabilities", {}, (BATCH, CLASSES)),
    (
        "SparseCategoricalCrossentropy",
        "logits",
        {"from_logits": True},
        (BATCH, CLASSES),
    ),
    ("CategoricalCrossentropy", "probabilities", {}, (BATCH, CLASSES)),
    (
        "CategoricalCrossentropy",
        "smoothed",
        {"from_logits": True, "label_smoothing": 0.1},
        (BATCH, CLASSES),
    ),
    ("BinaryCrossentropy", "probabilities", {}, (BATCH, CLASSES)),
    (
        "BinaryCrossentropy",
        "smoothed",
        {"from_logits": True, "label_smoothing": 0.1},
        (BATCH, CLASSES),
    ),
]


def stacked(make):
    """One array for each update, stacked along a new first axis."""
    return np.stack([make() for _ in range(UPDATES)])


def metric_record(name, label, arguments, inputs):
    """Each input is stacked (update, batch, ...); so are the results (update,)."""
    record = Record("metric", name, label, arguments)
    metric = getattr(keras.metrics, name)(**arguments)
    results = []
    for update in range(UPDATES):
        metric.update_state(**{key: value[update] for key, value in inputs.items()})
        results.append(array(metric.result()))
    record.arrays = {"inputs": inputs, "outputs": {"result": np.stack(results)}}
    return record


def metric_inputs(name, label, arguments, shape):
    """Inputs of a metric that judges predictions of a shape."""
    random = Record("metric", name, label).random
    logits = arguments.get("from_logits")
    return {
        "y_true": stacked(lambda: labels_for(name, random, shape)),
        "y_pred": stacked(lambda: predictions_for(name, random, shape, logits)),
        "sample_weight": stacked(lambda: draw(random, *shape[:-1], low=0, high=2)),
    }


def special_metrics():
    """Metrics whose inputs are not predictions, labels in a column, and ties."""
    random = Record("metric", "Mean", "default").random
    values = stacked(lambda: draw(random, BATCH))
    weights = stacked(lambda: draw(random, BATCH, low=0, high=2))
    yield "Mean", "default", {"values": values, "sample_weight": weights}
    yield "Mean", "scalar", {"values": values[:, 0], "sample_weight": weights[:, 0]}
    yield "Mean", "rank_2", {"values": values[:, :, None], "sample_weight": weights}
    classes = random.integers(0, 3, (2, UPDATES, BATCH, 1))
    names = dict(zip(["y_true", "y_pred"], classes, strict=True))
    yield "Accuracy", "default", names | {"sample_weight": weights}
    rows = np.tile(UNNORMALIZED, (UPDATES, 1, 1))
    column = np.tile(ROW_LABELS[:, None], (UPDATES, 1, 1))
    ties = {"y_true": column, "y_pred": rows, "sample_weight": weights[:, :3]}
    yield "SparseCategoricalAccuracy", "column_and_ties", ties
    yield "BinaryAccuracy", "at_threshold", ties | {"y_true": np.ones_like(rows)}


def metric_records():
    cases = [
        (name, label, arguments, metric_inputs(name, label, arguments, shape))
        for name, label, arguments, shape in METRICS
    ]
    cases += [(name, label, {}, inputs) for name, label, inputs in special_metrics()]
    for name, label, arguments, inputs in cases:
        yield metric_record(name, f"{label}_weighted", arguments, inputs)
        plain = {key: inputs[key] for key in inputs if key != "sample_weight"}
        yield metric_record(name, label, arguments, plain)


def records():
    yield from loss_records()
    yield from metric_records()
