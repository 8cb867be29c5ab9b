"""`Softmax`: shares that sum to 1, as a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu import ops
from wubu.core import dtypes
from wubu.core.masks import mask_of
from wubu.core.tensor import Tensor
from wubu.errors import ShapeError
from wubu.layers.layer import Layer
from wubu.ops.prepare import normal_axes


class Softmax(Layer):
    """exp(x) / sum(exp(x)) over an axis.

    Called with a mask, places where it is False (or not above 0.5) get no share: they
    are 0, also where nothing else is left. So do times that are masked by layers
    before, if `axis` is that of time; over features such a mask is only passed on.

    Args:
        axis: over which the outputs sum to 1, one axis or several.
        options: name, dtype of every layer.

    Shapes:
        (batch, ...) -> the same. A mask broadcasts against the input.

    Raises:
        ShapeError: a mask that does not.

    Example:
        >>> Softmax()([[0.0, 0.0]]).tolist()
        [[0.5, 0.5]]
    """

    supports_masking = True

    def __init__(self, axis: int | Sequence[int] = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = tuple(axis) if isinstance(axis, list | tuple) else axis

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is not None and mask is mask_of(inputs):
            mask = self._of_places(mask, inputs.ndim)
        return masked_softmax(inputs, mask, self.axis)

    def _of_places(self, mask: Tensor, ndim: int) -> Tensor | None:
        """A mask that came with the input, whose first axes it has; None if shares are
        not of its places, as those of features at each time."""
        if min(normal_axes(self.axis, ndim)) >= mask.ndim:
            return None
        return ops.reshape(mask, (*mask.shape, *[1] * (ndim - mask.ndim)))


def masked_softmax(
    inputs: Tensor, mask: Tensor | None, axis: int | Sequence[int]
) -> Tensor:
    """Shares over an axis or several, 0 where the mask is False.

    Raises:
        ShapeError: the mask does not broadcast against the input.

    Example:
        >>> from wubu.core.tensor import Tensor
        >>> masked_softmax(Tensor([1.0, 1.0, 9.0]), Tensor([True, True, False]), -1)
        Tensor([0.5 0.5 0. ], shape=(3,), dtype=float32)
    """
    if mask is None:
        return ops.softmax(inputs, axis)
    kept = _kept(mask, inputs.shape)
    # Not -inf, of which nothing but NaN is left where all places are masked.
    lowest = float(np.finfo(inputs.dtype).min) / 2
    shares = ops.softmax(ops.where(kept, inputs, lowest), axis)
    return ops.where(kept, shares, 0.0)


def _kept(mask: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The mask as bools, of the shape of the input."""
    pairs = zip(mask.shape[::-1], shape[::-1], strict=False)
    if mask.ndim > len(shape) or any(m not in (1, n) for m, n in pairs):
        raise ShapeError(
            "its mask does not fit the input",
            expected=f"a shape that broadcasts to {shape}",
            got=mask.shape,
            fix="add axes of length 1 to the mask",
        )
    kept = mask if mask.dtype == dtypes.BOOL else mask > 0.5
    return ops.broadcast_to(kept, shape)
