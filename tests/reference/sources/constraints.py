"""Constraints: what a weight becomes."""

import keras
import numpy as np

from .record import Record, array, draw

SHAPE = (4, 3)
FILTERS = (2, 2, 3, 4)  # (height, width, channels in, channels out)

ROWS = [
    ("NonNeg", "default", {}, SHAPE),
    ("MaxNorm", "default", {}, SHAPE),
    ("MaxNorm", "small", {"max_value": 0.5, "axis": 1}, SHAPE),
    ("MaxNorm", "filters", {"max_value": 1.5, "axis": [0, 1, 2]}, FILTERS),
    ("UnitNorm", "default", {}, SHAPE),
    ("UnitNorm", "filters", {"axis": [0, 1, 2]}, FILTERS),
    ("MinMaxNorm", "default", {}, SHAPE),
    (
        "MinMaxNorm",
        "slow",
        {"min_value": 2.5, "max_value": 3.0, "rate": 0.25, "axis": 1},
        SHAPE,
    ),
]


def constraint_record(name, label, arguments, w):
    record = Record("constraint", name, label, arguments)
    result = getattr(keras.constraints, name)(**arguments)(w)
    record.arrays = {"inputs": {"w": w}, "outputs": {"0": array(result)}}
    return record


def records():
    for name, label, arguments, shape in ROWS:
        w = draw(Record("constraint", name, label).random, *shape)
        yield constraint_record(name, label, arguments, w)
    for name in ("MaxNorm", "UnitNorm", "MinMaxNorm"):
        w = np.array([[0.0, 3.0], [0.0, -4.0]])  # a column without direction
        yield constraint_record(name, "zeros", {}, w)
