"""`Rescaling`: brings raw values, such as pixels, to a range that trains well."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.layer import Layer


class Rescaling(Layer):
    """y = x * scale + offset

    Args:
        scale: a number, or an array that broadcasts against the input; 1/255 takes
            pixels to [0, 1], 1/127.5 with an offset of -1 to [-1, 1].
        offset: like scale.
        options: name, dtype of every layer.

    Shapes:
        Any; the output has the input's. Integers become floats.

    Example:
        >>> import numpy as np
        >>> Rescaling(1 / 255)(np.array([[0, 255]], "uint8")).tolist()
        [[0.0, 1.0]]
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.scale = self._number("scale", scale)
        self.offset = self._number("offset", offset)

    def _number(self, name: str, value: Any) -> np.ndarray:
        try:
            return np.asarray(value, self.dtype)
        except (TypeError, ValueError):
            raise ArgumentError(
                f"{name} is a number or an array of numbers", got=repr(value)
            ) from None

    def call(self, inputs: Tensor) -> Tensor:
        return inputs.astype(self.dtype) * self.scale + self.offset
