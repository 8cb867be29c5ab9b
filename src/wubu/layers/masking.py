"""`Masking`: places that hold one certain number are padding."""

from __future__ import annotations

from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.layer import Layer


class Masking(Layer):
    """Masks every time at which all features are `mask_value`, and sets them to 0.

        mask[b, t] = any(x[b, t, :] != mask_value)

    Layers that follow leave such times out, and so do losses and metrics where the
    mask reaches the output; see `core/masks.py`.

    Args:
        mask_value: the number that stands for padding.
        options: name, dtype of every layer.

    Shapes:
        (batch, time, ..., features) -> the same; the mask is (batch, time, ...).

    Example:
        >>> from wubu.layers import LSTM
        >>> x = Masking(9.0)([[[1.0, 2.0], [9.0, 9.0]]])
        >>> x.tolist()
        [[[1.0, 2.0], [0.0, 0.0]]]
        >>> lstm = LSTM(4)
        >>> bool((lstm(x) == lstm(x[:, :1])).all())  # the second time is left out
        True
    """

    input_ndim = (2, None)

    def __init__(self, mask_value: float = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.mask_value = mask_value

    def call(self, inputs: Tensor) -> Tensor:
        return ops.where(ops.expand_dims(self._kept(inputs), -1), inputs, 0)

    def compute_mask(self, inputs: Tensor, mask: Any = None) -> Tensor:
        """True where there is another number than `mask_value`, whatever mask came."""
        return self._kept(inputs)

    def _kept(self, inputs: Tensor) -> Tensor:
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)
