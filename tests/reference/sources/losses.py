"""The losses beyond those of `objectives.py`: values, and gradients by y_pred."""

import keras
import numpy as np

from .objectives import BATCH, CLASSES, LARGE_LOGITS, TIME, one_hot
from .record import Record, draw, evaluate, probabilities

WEIGHT = {"reduction": "mean_with_sample_weight"}
NONE = {"reduction": "none"}

# name: what targets and predictions are, then (label, arguments) beside the default.
KINDS = {
    "MeanAbsolutePercentageError": ("real", []),
    "MeanSquaredLogarithmicError": ("real", []),
    "LogCosh": ("real", []),
    "Huber": ("real", [("delta", {"delta": 0.25})]),
    "CosineSimilarity": ("real", [("axis_0", {"axis": 0})]),
    "Hinge": ("bits and numbers", []),
    "SquaredHinge": ("signs and numbers", []),
    "CategoricalHinge": ("rows and numbers", []),
    "Poisson": ("counts", []),
    "KLDivergence": ("distributions", []),
    "BinaryFocalCrossentropy": (
        "bits and shares",
        [
            ("balanced", {"apply_class_balancing": True, "alpha": 0.75, "gamma": 1.5}),
            ("logits", {"from_logits": True, "label_smoothing": 0.1}),
        ],
    ),
    "CategoricalFocalCrossentropy": (
        "rows and distributions",
        [
            ("alphas", {"alpha": [0.1, 0.2, 0.3, 0.4], "gamma": 1.5}),
            ("logits", {"from_logits": True, "label_smoothing": 0.1}),
        ],
    ),
    "CategoricalGeneralizedCrossEntropy": (
        "classes and distributions",
        [("q", {"q": 0.8})],
    ),
    "Dice": ("bits and shares", [("axis", {"axis": [1]})]),
    "Tversky": (
        "bits and shares",
        [("axis", {"alpha": 0.2, "beta": 0.7, "axis": [1]})],
    ),
}
WHOLE = ("Dice", "Tversky")  # by default they give one number for a whole batch


def targets(kind, random, shape):
    what = kind.split(" and ")[0]
    if what in ("bits", "signs"):
        bits = random.integers(0, 2, shape).astype(float)
        return bits if what == "bits" else 2 * bits - 1
    if what == "counts":
        return random.integers(0, 4, shape).astype(float)
    if what == "distributions":
        return probabilities(random, *shape)
    if what in ("rows", "classes"):
        classes = random.integers(0, shape[-1], shape[:-1])
        return classes if what == "classes" else one_hot(classes, shape[-1])
    return draw(random, *shape)


def predictions(kind, random, shape, from_logits):
    what = kind.split(" and ")[-1]
    if from_logits or what in ("real", "numbers"):
        return draw(random, *shape)
    if what == "distributions":
        return probabilities(random, *shape)
    return draw(random, *shape, low=0.0, high=1.0 if what == "shares" else 3.0)


def inputs(name, label, arguments, shape, weighted=False):
    random = Record("loss", name, label).random
    kind = KINDS[name][0]
    made = {
        "y_true": targets(kind, random, shape),
        "y_pred": predictions(kind, random, shape, arguments.get("from_logits")),
    }
    if weighted:
        made["sample_weight"] = draw(random, *shape[:-1], low=0.0, high=2.0)
    return made


def cases(name):
    """(label, arguments, shape, weighted): the default over time, weighted and not
    reduced; then every other set of arguments."""
    rows, time = (BATCH, CLASSES), (BATCH, TIME, CLASSES)
    yield "default", {}, rows, False
    if name not in WHOLE:
        yield "time_weighted", {}, time, True
        yield "none_weighted", NONE, rows, True
    yield "sum_weighted", {"reduction": "sum"}, rows, name not in WHOLE
    for label, arguments in KINDS[name][1]:
        yield label, arguments, rows, False
        per_sample = arguments.get("axis") != 0
        yield f"{label}_weighted", arguments | WEIGHT, rows, per_sample


def edges():
    """Errors far off, vectors of zeros, saturated probabilities, masks all empty."""
    far = np.array([[1e4, -1e4, 0.5], [-300.0, 300.0, -0.5]])
    zeros = np.zeros((2, 3))
    for name in ("LogCosh", "Huber", "Hinge", "SquaredHinge"):
        yield name, "far", NONE, one_hot([0, 2], 3), far
    yield "MeanAbsolutePercentageError", "zero_targets", NONE, zeros, far
    yield "MeanSquaredLogarithmicError", "below_zero", NONE, zeros, far
    yield "CosineSimilarity", "zero_targets", NONE, zeros, far
    yield "Dice", "nothing", {}, zeros, zeros
    yield "Tversky", "nothing", {}, zeros, zeros
    rows, sure = one_hot([0, 2], 3), one_hot([0, 1], 3)
    for name in ("KLDivergence", "CategoricalFocalCrossentropy"):
        yield name, "saturated", NONE, rows, sure
    yield "BinaryFocalCrossentropy", "saturated", NONE, rows, sure
    yield "CategoricalGeneralizedCrossEntropy", "sure", NONE, np.array([0, 2]), sure
    large = NONE | {"from_logits": True}
    yield "BinaryFocalCrossentropy", "right_logits", large, sure, (sure - 0.5) * 12
    yield "CategoricalFocalCrossentropy", "right_logits", large, sure, sure * 12
    column = np.array([[1.0], [0.0], [1.0]])
    yield "Hinge", "label_vector", {}, column[:, 0], column - 0.25
    yield "Huber", "label_vector", {}, column[:, 0], column - 0.25
    yield "CategoricalHinge", "large", NONE, one_hot([0, 2, 1], 3), LARGE_LOGITS


def ignored():
    """A class that does not count, with every reduction, weighted and not."""
    name = "SparseCategoricalCrossentropy"
    for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight", "none"):
        for how in ("", "_weighted"):
            label = f"ignored_{reduction}{how}"
            random = Record("loss", name, label).random
            labels = random.integers(0, CLASSES, (BATCH, TIME))
            labels[0, 0] = 2
            given = {
                "y_true": labels,
                "y_pred": draw(random, BATCH, TIME, CLASSES),
            }
            if how:
                given["sample_weight"] = draw(random, BATCH, TIME, low=0.0)
            arguments = {"ignore_class": 2, "from_logits": True, "reduction": reduction}
            yield loss_record(name, label, arguments, given)


def circles():
    """Embeddings of length 1, of which the last class has a single one."""
    labels = np.array([0, 1, 1, 0, 2, 1, 0, 2])
    for label, arguments, classes in [
        ("default", {}, labels),
        ("soft", {"gamma": 4.0, "margin": 0.25}, labels),
        ("with_itself", {"gamma": 4.0, "remove_diagonal": False}, labels),
        ("column_none", {"gamma": 4.0} | NONE, labels[:, None]),
        ("alone", {"gamma": 4.0}, np.array([0, 1, 1, 0, 2, 1, 0, 0])),
    ]:
        random = Record("loss", "Circle", label).random
        embeddings = draw(random, 8, 3)
        embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
        yield label, arguments, classes, embeddings


def label_rows():
    """Labels for CTC: of several lengths, with repetitions, and none at all."""
    rows = np.array([[1, 2, 3], [2, 2, 0], [3, 0, 0], [1, 3, 1], [0, 0, 0]])
    for label, arguments, time in [
        ("default", {}, 6),
        ("none", NONE, 6),
        ("just_enough", NONE, 3),
    ]:
        random = Record("loss", "CTC", label).random
        yield label, arguments, rows, draw(random, len(rows), time, CLASSES)


def loss_record(name, label, arguments, given):
    """`given` are y_true, y_pred and, if weighted, sample_weight."""
    record = Record("loss", name, label, arguments)
    loss = getattr(keras.losses, name)(**arguments)

    def of_predictions(y_pred):
        return loss(given["y_true"], y_pred, given.get("sample_weight"))

    evaluate(record, of_predictions, {"y_pred": given["y_pred"]})
    record.arrays["inputs"] = given
    return record


def records():
    for name in KINDS:
        for label, arguments, shape, weighted in cases(name):
            given = inputs(name, label, arguments, shape, weighted)
            yield loss_record(name, label, arguments, given)
    yield from ignored()
    others = [*edges(), *(("Circle", *row) for row in circles())]
    others += [("CTC", *row) for row in label_rows()]
    for name, label, arguments, y_true, y_pred in others:
        given = {"y_true": y_true, "y_pred": y_pred}
        yield loss_record(name, label, arguments, given)
