"""`LeakyReLU` and `ELU`: activations with an argument, as layers."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.layer import Layer
from wubu.layers.old_spellings import OLD_SPELLINGS


class LeakyReLU(Layer):
    """x above 0, negative_slope * x below.

    Args:
        negative_slope: the derivative below 0, at least 0.
        options: name, dtype of every layer.

    Shapes:
        Any; the output has the input's.

    Raises:
        ArgumentError: a slope below 0.

    Source:
        Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic
        models", 2013, equation 3.

    Example:
        >>> LeakyReLU(0.5)([-2.0, 2.0]).tolist()
        [-1.0, 2.0]
    """

    supports_masking = True
    takes_more_axes = True
    renamed_arguments: ClassVar = {**OLD_SPELLINGS, "alpha": "negative_slope"}

    def __init__(self, negative_slope: float = 0.3, **options: Any) -> None:
        super().__init__(**options)
        if not isinstance(negative_slope, int | float | np.number) or not (
            negative_slope >= 0
        ):
            raise ArgumentError(
                "negative_slope is a number, at least 0", got=repr(negative_slope)
            )
        self.negative_slope = float(negative_slope)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.leaky_relu(inputs, self.negative_slope)


class ELU(Layer):
    """x above 0, alpha * (exp(x) - 1) below.

    Args:
        alpha: what it tends to far below 0, with the sign turned.
        options: name, dtype of every layer.

    Shapes:
        Any; the output has the input's.

    Source:
        Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by
        exponential linear units", 2016, equation 15.

    Example:
        >>> ELU(2.0)([0.0, 3.0]).tolist()
        [0.0, 3.0]
    """

    supports_masking = True
    takes_more_axes = True

    def __init__(self, alpha: float = 1.0, **options: Any) -> None:
        super().__init__(**options)
        self.alpha = float(alpha)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.elu(inputs, self.alpha)
