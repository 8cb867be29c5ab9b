"""Circle loss: samples of one class are to be near each other, of different ones far.

Source: Sun et al. 2020, equation 6.
"""

from __future__ import annotations

from typing import Any

from wubu.core import dtypes
from wubu.core.configurable import register
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ShapeError
from wubu.ops.comparison import equal, logical_not, where
from wubu.ops.contraction import matmul
from wubu.ops.creation import eye
from wubu.ops.movement import expand_dims, reshape
from wubu.ops.nn import softplus
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import any, logsumexp
from wubu.ops.targets import as_float


@register("losses")
def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Tensor:
    """log(1 + sum(exp(gamma (m + d) (d - m))) sum(exp(gamma (1 + m - e) (1 - m - e)))),
    where d are the cosine distances of a sample to others of its class, e to those of
    other classes, and m is the margin. Weights (m + d) and (1 + m - e) are at least 0.

    Args:
        y_true: class numbers, (batch,) or (batch, 1).
        y_pred: embeddings of length 1, (batch, features).
        ref_labels: of what samples are compared with; by default each other.
        ref_embeddings: see `ref_labels`.
        remove_diagonal: leave out the pairs of a sample with the reference of its own
            number, which is itself where they are compared with each other.
        gamma: how much the hardest pairs count before others.
        margin: m.

    Returns:
        A loss for each sample; 0 for one without another of its class, or without one
        of another class.

    Raises:
        ShapeError: not one label for each embedding.

    Example:
        >>> circle([0, 0, 1], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], gamma=1).shape
        (3,)
    """
    y_pred = as_float(y_pred)
    labels = _labels(y_true, y_pred)
    others = (
        y_pred if ref_embeddings is None else as_tensor(ref_embeddings, y_pred.dtype)
    )
    other_labels = labels if ref_labels is None else _labels(ref_labels, others)
    alike = equal(expand_dims(labels, 1), expand_dims(other_labels, 0))
    different = logical_not(alike)
    if remove_diagonal:
        alike = alike & logical_not(cast_to(eye(*alike.shape), dtypes.BOOL))
    distance = _above_0(1 - matmul(y_pred, others.T))
    near = gamma * _above_0(margin + distance) * (distance - margin)
    far = gamma * _above_0(1 + margin - distance) * (1 - margin - distance)
    (p, has_p), (n, has_n) = _log_sum(near, alike), _log_sum(far, different)
    return where(has_p & has_n, softplus(p + n), 0)


def _labels(labels: Any, embeddings: Tensor) -> Tensor:
    labels = as_tensor(labels)
    count = embeddings.shape[:1]
    if embeddings.ndim != 2 or labels.shape not in (count, (*count, 1)):
        raise ShapeError(
            "there is not one class number for each embedding",
            expected="labels (batch,) and embeddings (batch, features)",
            got=f"labels {labels.shape} and embeddings {embeddings.shape}",
        )
    return cast_to(reshape(labels, count), dtypes.INT64)


def _log_sum(x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """log(sum(exp(x))) of each row where the mask is True, and whether it is anywhere;
    if not, some number."""
    found = any(mask, 1, keepdims=True)
    masked = where(mask, x, where(found, -float("inf"), 0.0))
    return logsumexp(masked, 1), reshape(found, found.shape[:1])


def _above_0(x: Tensor) -> Tensor:
    return where(x > 0, x, 0)
