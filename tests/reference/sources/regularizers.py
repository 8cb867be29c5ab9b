"""Regularizers beyond those of `functions.py`."""

import keras

from .record import Record, draw, evaluate

ROWS = [
    ("rows", {}, (4, 3)),
    ("columns", {"factor": 0.5, "mode": "columns"}, (4, 3)),
    ("square", {"factor": 2.0}, (3, 3)),
]


def records():
    for label, arguments, shape in ROWS:
        record = Record("regularizer", "OrthogonalRegularizer", label, arguments)
        penalty = keras.regularizers.OrthogonalRegularizer(**arguments)
        yield evaluate(record, penalty, {"x": draw(record.random, *shape)})
