"""Targets brought to predictions: shapes, class numbers, sample weights.

Targets may be a vector where predictions are a column, and vice versa. Anything else
that does not fit is an error: a (batch,) against a (batch, 1) would otherwise silently
broadcast to (batch, batch). Losses and metrics share this; read `objectives.py` next.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.location import user_location
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import DataError, ShapeError
from wubu.ops.comparison import not_equal
from wubu.ops.movement import expand_dims, reshape, squeeze
from wubu.ops.prepare import cast_to, normal_axis

Pair = tuple[Tensor, Tensor]


# -- shapes ---------------------------------------------------------------------------


def same_rank(a: Any, b: Any) -> Pair:
    """Two tensors whose ranks differ by a last axis of length 1, with the same rank.

    A vector becomes a column; of higher ranks the longer loses its last axis.

    Example:
        >>> a, b = same_rank(np.zeros(3), np.zeros((3, 1)))
        >>> a.shape, b.shape
        ((3, 1), (3, 1))
    """
    a, b = as_tensor(a), as_tensor(b)
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        return (a, expand_dims(b, -1)) if b.ndim == 1 else (squeeze(a, -1), b)
    if b.ndim == a.ndim + 1 and b.shape[-1] == 1:
        return (expand_dims(a, -1), b) if a.ndim == 1 else (a, squeeze(b, -1))
    return a, b


def columns(y_true: Any, y_pred: Any) -> Pair:
    """Targets and predictions; if both are vectors they become columns, so that a mean
    over the last axis leaves one number for each sample."""
    y_true, y_pred = as_tensor(y_true), as_tensor(y_pred)
    if y_true.ndim == y_pred.ndim == 1:
        return expand_dims(y_true, -1), expand_dims(y_pred, -1)
    return y_true, y_pred


def matched(y_true: Any, y_pred: Any) -> Pair:
    """Targets and predictions as floats of one dtype and one shape.

    Raises:
        ShapeError: they have different shapes, even when a last axis of length 1 is
            added or dropped.
    """
    y_pred = as_float(y_pred)
    y_true, y_pred = same_rank(cast_to(as_tensor(y_true), y_pred.dtype), y_pred)
    if y_true.shape != y_pred.shape:
        raise ShapeError(
            "targets and predictions have different shapes",
            where=user_location(),
            expected=f"y_true of shape {y_pred.shape}, as y_pred",
            got=y_true.shape,
            fix=_advice(y_true, y_pred),
        )
    return y_true, y_pred


def _advice(y_true: Tensor, y_pred: Tensor) -> str:
    if y_true.shape[:1] != y_pred.shape[:1]:
        return "give as many targets as samples"
    if y_true.ndim < y_pred.ndim or y_true.shape[-1] == 1:
        return (
            "for class numbers use a sparse_categorical loss or metric, or make them "
            "one-hot: wubu.utils.to_categorical(y, num_classes)"
        )
    return f"give the last layer {y_true.shape[-1]} units, or reshape the targets"


def as_float(x: Any) -> Tensor:
    """The tensor itself if it is of floats, else as float32."""
    x = as_tensor(x)
    return cast_to(x, dtypes.float_dtype(x.dtype))


# -- class numbers --------------------------------------------------------------------


def class_numbers(y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
    """Class numbers in the shape of y_pred without its classes."""
    expected = tuple(n for a, n in enumerate(y_pred.shape) if a != axis)
    if y_true.shape == (*expected, 1):
        y_true = reshape(y_true, expected)
    if y_true.shape != expected:
        one_hot = y_true.shape == y_pred.shape
        raise ShapeError(
            "there is not one class number for each prediction",
            where=user_location(),
            expected=f"y_true of shape {expected}, for y_pred {y_pred.shape}",
            got=y_true.shape,
            fix="for one-hot targets use the categorical loss or metric, not the "
            "sparse one; or y_true.argmax(-1)"
            if one_hot
            else "give one label for each sample",
        )
    return y_true


def check_labels(labels: Tensor, classes: int, ignored: int | None = None) -> None:
    """Refuses class numbers outside 0 to classes - 1, where they are known.

    Raises:
        DataError: names the first label that is no class.
    """
    if labels.is_traced or not labels.size:
        return
    known = labels.detach().numpy()
    bad = ~((known >= 0) & (known < classes))
    if known.dtype.kind == "f":
        bad |= known != np.floor(known)
    if ignored is not None:
        bad &= known != ignored
    if not bad.any():
        return
    place = tuple(int(i) for i in np.argwhere(bad)[0])
    label = known[place]
    raise DataError(
        f"a label is no class: {label} of sample {place[0] if place else 0}",
        where=user_location(),
        expected=f"whole numbers from 0 to {classes - 1}, for {classes} outputs",
        got=f"{label} at y_true{list(place)}, {bad.sum()} such labels in all",
        fix=_label_advice(known, classes),
    )


def _label_advice(known: np.ndarray, classes: int) -> str:
    finite = known[np.isfinite(known)]
    if finite.size and finite.min() == 1 and finite.max() == classes:
        return "labels start at 0: subtract 1"
    if finite.size and finite.max() >= classes and finite.min() >= 0:
        return f"give the last layer {int(finite.max()) + 1} units, or mend the labels"
    return "mend the labels"


def is_valid(y_true: Tensor, y_pred: Tensor, ignored: int, axis: int = -1) -> Tensor:
    """1 for labels that count, 0 for those of the ignored class."""
    labels = class_numbers(y_true, y_pred, normal_axis(axis, y_pred.ndim))
    return cast_to(not_equal(labels, ignored), y_pred.dtype)


# -- weights --------------------------------------------------------------------------


def weighted(values: Tensor, sample_weight: Any) -> Pair:
    """Values times their weights, and the weights in the values' shape.

    Args:
        values: (batch, ...).
        sample_weight: (batch,) for whole samples, or more axes, in front, for parts.

    Raises:
        ShapeError: the weights are not those of the values' first axes.
    """
    weights = cast_to(as_tensor(sample_weight), values.dtype)
    values, weights = same_rank(values, weights)
    if values.ndim and weights.ndim > values.ndim:
        raise _weights_do_not_fit(values, weights)
    spread = reshape(weights, weights.shape + (1,) * (values.ndim - weights.ndim))
    fits = [n in (1, m) for n, m in zip(spread.shape, values.shape, strict=False)]
    if not all(fits):
        raise _weights_do_not_fit(values, weights)
    values = values * spread
    return values, spread.broadcast_to(values.shape)


def masked_weights(sample_weight: Any, mask: Tensor | None) -> Any:
    """Weights that are 0 where a mask is False; what is given, if there is no mask.

    Example:
        >>> mask = as_tensor([[True, False], [True, True]])
        >>> masked_weights(np.array([2.0, 3.0], "float32"), mask).tolist()
        [[2.0, 0.0], [3.0, 3.0]]
    """
    if mask is None:
        return sample_weight
    if sample_weight is None:
        return cast_to(mask, dtypes.FLOAT32)
    weights = as_tensor(sample_weight)
    kept = cast_to(mask, dtypes.float_dtype(weights.dtype))
    long, short = (weights, kept) if weights.ndim > kept.ndim else (kept, weights)
    return weighted(long, short)[0]


def _weights_do_not_fit(values: Tensor, weights: Tensor) -> ShapeError:
    return ShapeError(
        "there is not one sample weight for each value",
        where=user_location(),
        expected=f"{values.shape[:1]}, one for each sample, or {values.shape}",
        got=weights.shape,
    )
