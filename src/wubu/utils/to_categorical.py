"""Class numbers as one-hot rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.location import user_location
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, DataError
from wubu.ops.selection import one_hot


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """One-hot rows: 1 at the place of the class, 0 elsewhere.

    Args:
        x: class numbers from 0, as an array or anything NumPy takes; a last axis of
            length 1 is dropped, as in Keras.
        num_classes: the length of a row; the largest class number plus 1 if None.

    Shapes:
        (batch, ...) or (batch, ..., 1) -> (batch, ..., num_classes).

    Returns:
        A float32 array; a tensor if x is one.

    Raises:
        DataError: a number that is no class; names its place.
        ArgumentError: num_classes is needed, inside a compiled function.

    Example:
        >>> to_categorical([2, 0]).tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    if isinstance(x, Tensor) and x.is_traced:
        if num_classes is None:
            raise ArgumentError(
                "the number of classes cannot be read off values that are not known",
                where=user_location(),
                fix="pass num_classes",
            )
        x = x[..., 0] if x.ndim > 1 and x.shape[-1] == 1 else x
        return one_hot(x, num_classes)
    labels = np.asarray(x.detach().numpy() if isinstance(x, Tensor) else x)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if num_classes is None:
        num_classes = _largest(labels) + 1
    _check(labels, num_classes)
    rows = np.eye(num_classes, dtype=np.float32)[labels.astype(np.int64)]
    return Tensor(rows) if isinstance(x, Tensor) else rows


def _largest(labels: np.ndarray) -> int:
    known = labels[np.isfinite(labels)] if labels.dtype.kind in "biuf" else labels[:0]
    return int(known.max()) if known.size else -1


def _check(labels: np.ndarray, num_classes: int) -> None:
    if labels.dtype.kind not in "biuf":
        raise DataError(
            "classes are numbers",
            where=user_location(),
            got=f"an array of {labels.dtype}",
            fix="number them: classes, y = np.unique(y, return_inverse=True)",
        )
    good = (labels >= 0) & (labels < num_classes) & (labels == np.floor(labels))
    if good.all():
        return
    place = tuple(int(i) for i in np.argwhere(~good)[0])
    raise DataError(
        "a number is no class",
        where=user_location(),
        expected=f"whole numbers from 0 to {num_classes - 1}",
        got=f"{labels[place]} at place {place}",
        fix="number the classes from 0: classes, y = np.unique(y, return_inverse=True)",
    )
