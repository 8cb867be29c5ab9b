"""Class weights, made into sample weights before training."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.errors import ArgumentError, DataError


def check_class_weight(class_weight: Any) -> None:
    """Refuses what is no dictionary from class number to a weight of at least 0."""
    if class_weight is None:
        return
    if not isinstance(class_weight, dict) or any(
        not np.isreal(w) or not w >= 0 for w in class_weight.values()
    ):
        raise ArgumentError(
            "class_weight is a dictionary from class number to a weight of at least 0",
            got=repr(class_weight)[:60],
        )


def class_weighted(y: Any, given: Any, class_weight: dict[int, float]) -> Any:
    """Sample weights by class, times those that were given.

    Args:
        y: targets of a single output, as an array.
        given: sample weights, or None.
        class_weight: weights by class number; classes not named count 1.

    Raises:
        ArgumentError: there are several outputs.
        DataError: there are no targets.
    """
    if isinstance(y, list | dict | tuple):
        raise ArgumentError(
            "class_weight needs a model with one output", fix="pass sample_weight"
        )
    if y is None:
        raise DataError("class_weight needs targets", fix="pass y")
    weights = sample_weights(np.asarray(y), class_weight)
    return weights if given is None else weights * given


def sample_weights(y: np.ndarray, class_weight: dict[int, float]) -> np.ndarray:
    """The weight of each sample, by its class: a number, or the largest of a row.

    Example:
        >>> sample_weights(np.array([0, 1, 1]), {1: 3.0}).tolist()
        [1.0, 3.0, 3.0]
    """
    classes = y
    if y.ndim > 1:
        classes = np.argmax(y, axis=-1) if y.shape[-1] > 1 else y[..., 0]
    weights = np.ones(classes.shape, np.float32)
    for number, weight in class_weight.items():
        weights[classes == int(number)] = weight
    return weights
