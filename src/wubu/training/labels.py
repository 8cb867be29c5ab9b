"""Labels that a loss could not make sense of, found before training.

Inside a compiled step a label out of range would pass silently: its one-hot row is all
zeros. So all of them are looked at first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu import losses
from wubu.errors import DataError


def check_labels(loss: Any, target: Any, output: Any, name: str = "y") -> None:
    """Refuses class numbers that the output has no place for, and targets of a binary
    cross-entropy outside [0, 1].

    Args:
        loss: of this output.
        target: an array.
        output: anything with the shape of the output.
        name: of the target, for messages.

    Raises:
        DataError: names the first sample at fault.
    """
    if isinstance(loss, _OF_CLASSES):
        classes = output.shape[loss.axis]
        ignored = getattr(loss, "ignore_class", None)
        _check_class_numbers(np.asarray(target), name, classes, ignored)
    elif isinstance(loss, _OF_PROBABILITIES):
        _check_probabilities(np.asarray(target), name)


_OF_CLASSES = (
    losses.SparseCategoricalCrossentropy,
    losses.CategoricalGeneralizedCrossEntropy,
    losses.CTC,
)
_OF_PROBABILITIES = losses.BinaryCrossentropy, losses.BinaryFocalCrossentropy


def _check_class_numbers(
    labels: np.ndarray, name: str, classes: int, ignored: int | None
) -> None:
    bad = (labels < 0) | (labels >= classes)
    if labels.dtype.kind == "f":
        bad |= labels != np.floor(labels)
    if ignored is not None:
        bad &= labels != ignored
    if not bad.any():
        return
    place = tuple(int(i) for i in np.argwhere(bad)[0])
    fix = f"give the last layer {int(labels.max()) + 1} units, or correct the labels"
    if labels[place] != np.floor(labels[place]) or labels.min() < 0:
        fix = (
            "number the classes from 0: classes, y = np.unique(y, return_inverse=True)"
        )
    elif labels.min() >= 1 and labels.max() == classes:
        fix = "labels count from 0: subtract 1 from them"
    raise DataError(
        "a label has no place in the network's output",
        where=f"{name}, sample {place[0]}",
        expected=f"class numbers 0 to {classes - 1}, for {classes} outputs",
        got=labels[place],
        fix=fix,
    )


# What the smallest and largest target say about their scale.
_SCALES = {
    (1, 2): "subtract 1 from them",
    (-1, 1): "write (y + 1) / 2",
    (0, 255): "divide them by 255",
}


def _check_probabilities(targets: np.ndarray, name: str) -> None:
    bad = (targets < 0) | (targets > 1)
    if not bad.any():
        return
    place = tuple(int(i) for i in np.argwhere(bad)[0])
    raise DataError(
        "a target of a binary cross-entropy is no probability",
        where=f"{name}, sample {place[0]}",
        expected="0, 1 or between",
        got=targets[place],
        fix=_SCALES.get(
            (targets.min(), targets.max()), "use classes 0 and 1, or another loss"
        ),
    )
