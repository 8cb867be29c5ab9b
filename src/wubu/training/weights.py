"""Class weights, made into sample weights before training."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.data import ArrayDataset
from wubu.errors import ArgumentError, DataError
from wubu.training.feeds import ArrayFeed, Feed


def with_class_weight(feed: Feed, class_weight: dict[int, float]) -> Feed:
    """The same feed with sample weights by class; classes not named count 1.

    Raises:
        ArgumentError: the data are batches from a stream, have several outputs, or the
            weights are no dictionary from class number to a weight of at least 0.
    """
    if not isinstance(feed, ArrayFeed) or isinstance(
        feed.dataset.y, list | dict | tuple
    ):
        raise ArgumentError(
            "class_weight needs arrays with one output",
            fix="yield sample weights, or pass sample_weight",
        )
    if feed.dataset.y is None:
        raise DataError("class_weight needs targets", fix="pass y")
    weights = sample_weights(np.asarray(feed.dataset.y), class_weight)
    given: Any = feed.dataset.sample_weight
    if given is not None:
        weights = weights * given
    data = feed.dataset
    weighted = ArrayDataset(data.x, data.y, weights, check_values=False)
    return ArrayFeed(weighted, feed.batches, feed.num_steps)


def sample_weights(y: np.ndarray, class_weight: dict[int, float]) -> np.ndarray:
    """The weight of each sample, by its class: a number, or the largest of a row.

    Example:
        >>> sample_weights(np.array([0, 1, 1]), {1: 3.0}).tolist()
        [1.0, 3.0, 3.0]
    """
    if not isinstance(class_weight, dict) or any(w < 0 for w in class_weight.values()):
        raise ArgumentError(
            "class_weight is a dictionary from class number to a weight of at least 0",
            got=repr(class_weight)[:60],
        )
    classes = y
    if y.ndim > 1:
        classes = np.argmax(y, axis=-1) if y.shape[-1] > 1 else y[..., 0]
    weights = np.ones(classes.shape, np.float32)
    for number, weight in class_weight.items():
        weights[classes == int(number)] = weight
    return weights
