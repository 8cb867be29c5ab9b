"""`ActivityRegularization`: a penalty on what passes through."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.layers.layer import Layer
from wubu.regularizers import L1L2


class ActivityRegularization(Layer):
    """The input itself; the loss grows by l1 * sum(|x|) + l2 * sum(x**2).

    Args:
        l1: weight of the sum of absolute values.
        l2: weight of the sum of squares.
        options: name, dtype of every layer.

    Shapes:
        Any; the output has the input's.

    Example:
        >>> layer = ActivityRegularization(l1=0.5)
        >>> y = layer([[1.0, -3.0]])
        >>> [float(loss) for loss in layer.losses]
        [2.0]
    """

    supports_masking = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **options: Any) -> None:
        super().__init__(activity_regularizer=L1L2(l1=l1, l2=l2), **options)
        self.l1 = float(l1)
        self.l2 = float(l2)

    def call(self, inputs: Tensor) -> Tensor:
        return inputs
