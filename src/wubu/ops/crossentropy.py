"""Cross-entropies, from logits (exact) and from probabilities (clipped).

From logits the loss is computed in one go, and no logit, however large, gives NaN. From
probabilities there is no way back from an exact 0; they are clipped to
[1e-7, 1 - 1e-7] as in Keras. All results are in nats.
"""

from __future__ import annotations

from typing import Any

from wubu.core.config import epsilon
from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ShapeError
from wubu.ops.comparison import where
from wubu.ops.functions import clip, exp, log, log1p
from wubu.ops.nn import log_softmax
from wubu.ops.prepare import normal_axis
from wubu.ops.reduction import sum
from wubu.ops.selection import one_hot


@located
def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """-sum(target * log(output)) over the classes.

    Args:
        target: probabilities of the classes, of the shape of the output.
        output: probabilities (divided by their sum first), or logits.
        from_logits: whether the output still lacks a softmax.
        axis: where the classes are.

    Returns:
        The loss in nats, without the axis of the classes.

    Raises:
        ShapeError: targets and outputs of different shapes.

    Example:
        >>> categorical_crossentropy([1.0, 0.0], [0.0, 1000.0], from_logits=True)
        Tensor(1000., shape=(), dtype=float32)
    """
    output = as_tensor(output)
    target = as_tensor(target, output.dtype)
    if target.shape != output.shape:
        raise ShapeError(
            "targets and outputs have different shapes",
            expected=f"targets {output.shape}, as the outputs",
            got=target.shape,
            fix="for class numbers use sparse_categorical_crossentropy",
        )
    return -sum(target * log_probabilities(output, from_logits, axis), axis)


@located
def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """-log(output[target]): the loss for class numbers instead of probabilities.

    Args:
        target: integers, of the shape of the output without its classes; a last axis of
            length 1 is dropped.
        output: probabilities (divided by their sum first), or logits.
        from_logits: whether the output still lacks a softmax.
        axis: where the classes are.

    Returns:
        The loss in nats, of the shape of the targets.

    Raises:
        ShapeError: not one class number for each output.

    Example:
        >>> sparse_categorical_crossentropy([0], [[0.0, 1000.0]], from_logits=True)
        Tensor([1000.], shape=(1,), dtype=float32)
    """
    output, target = as_tensor(output), as_tensor(target)
    axis = normal_axis(axis, output.ndim)
    expected = tuple(n for a, n in enumerate(output.shape) if a != axis)
    if target.shape == (*expected, 1):
        target = target.reshape(expected)
    if target.shape != expected:
        raise ShapeError(
            "there is not one class number for each output",
            expected=f"targets {expected}, for outputs {output.shape}",
            got=target.shape,
            fix="for one-hot targets use categorical_crossentropy",
        )
    chosen = one_hot(target, output.shape[axis], axis, output.dtype)
    # `where`, not a product: an infinite loss elsewhere must not turn into NaN.
    logs = where(chosen != 0, log_probabilities(output, from_logits, axis), 0)
    return -sum(logs, axis)


@located
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Tensor:
    """-(target log(output) + (1 - target) log(1 - output)), elementwise, in nats.

    Args:
        target: in [0, 1].
        output: probabilities, or logits; of a shape that broadcasts with the target.
        from_logits: whether the output still lacks a sigmoid.

    Example:
        >>> binary_crossentropy(1.0, 0.0, from_logits=True)
        Tensor(0.6931472, shape=(), dtype=float32)
    """
    output = as_tensor(output)
    target = as_tensor(target, output.dtype)
    if from_logits:
        # max(x, 0) - x t + log(1 + exp(-|x|)), which never overflows; not with |x|,
        # whose derivative at 0 is missing.
        positive = output > 0
        gap = where(positive, output, 0) - output * target
        return gap + log1p(exp(where(positive, -output, output)))
    p = clip(output, epsilon(), 1 - epsilon())
    return -(target * log(p) + (1 - target) * log(1 - p))


def log_probabilities(output: Tensor, from_logits: bool, axis: int) -> Tensor:
    """log(p) of classes: exact from logits, clipped from probabilities."""
    if from_logits:
        return log_softmax(output, axis)
    share = output / sum(output, axis, keepdims=True)
    return log(clip(share, epsilon(), 1 - epsilon()))
