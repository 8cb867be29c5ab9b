"""`LocalResponseNormalization`: channels damped by their neighbours, as in AlexNet."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.arguments import image_format
from wubu.layers.layer import Layer


class LocalResponseNormalization(Layer):
    """Every channel divided by the strength of the channels beside it.

        y[c] = x[c] / (bias + alpha * sum of x[c']**2 for |c' - c| <= radius) ** beta

    Keras has no such layer; the formula and the defaults are those of TensorFlow. In
    the paper bias is 2, alpha 1e-4, beta 0.75 and the radius 2. Later networks use
    BatchNormalization.

    Args:
        depth_radius: how many channels on each side count.
        bias: keeps the divisor away from zero.
        alpha: weight of the sum of squares. PyTorch divides it by the number of
            channels that count, 2 * depth_radius + 1.
        beta: the exponent.
        data_format: "channels_last" (default) or "channels_first".
        options: name, dtype of every layer.

    Shapes:
        (batch, ..., channels), or channels first -> the same.

    Raises:
        ArgumentError: `depth_radius` is no integer of at least 0.

    Source:
        Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep
        convolutional neural networks", 2012, section 3.3.

    Example:
        >>> layer = LocalResponseNormalization(1, bias=0.0, beta=1.0)
        >>> [round(y, 2) for y in layer([[0.0, 3.0, 4.0]])[0].tolist()]
        [0.0, 0.12, 0.16]
    """

    supports_masking = True
    input_ndim = (2, None)

    def __init__(
        self,
        depth_radius: int = 5,
        bias: float = 1.0,
        alpha: float = 1.0,
        beta: float = 0.5,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        whole = isinstance(depth_radius, int | np.integer)
        if not whole or isinstance(depth_radius, bool) or depth_radius < 0:
            raise ArgumentError(
                "depth_radius is an integer, at least 0", got=repr(depth_radius)
            )
        self.depth_radius = int(depth_radius)
        self.bias = float(bias)
        self.alpha = float(alpha)
        self.beta = float(beta)
        self.data_format = image_format(data_format)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.local_response_normalization(
            inputs,
            self.depth_radius,
            self.bias,
            self.alpha,
            self.beta,
            axis=1 if self.data_format == "channels_first" else -1,
        )
