"""`Activation`: a function of every element, or of the last axis, as a layer."""

from __future__ import annotations

from typing import Any

from wubu import activations
from wubu.core.tensor import Tensor
from wubu.layers.layer import Layer


class Activation(Layer):
    """y = activation(x)

    Args:
        activation: a name such as "relu", or a function of a tensor.
        options: name, dtype of every layer.

    Shapes:
        Any; the output has the input's.

    Raises:
        UnknownNameError: no activation has this name; suggests the nearest.

    Example:
        >>> Activation("relu")([[-1.0, 2.0]]).tolist()
        [[0.0, 2.0]]
    """

    supports_masking = True
    takes_more_axes = True

    def __init__(self, activation: Any, **options: Any) -> None:
        super().__init__(**options)
        self.activation = activations.get(activation)

    def call(self, inputs: Tensor) -> Tensor:
        return self.activation(inputs)
