"""`TimeDistributed`: a layer applied to every time of a sequence."""

from __future__ import annotations

from typing import Any

from wubu import ops
from wubu.core import tree
from wubu.core.tensor import Tensor
from wubu.errors import ShapeError
from wubu.layers.layer import Layer
from wubu.layers.masks import masked
from wubu.layers.wrapper import Wrapper


class TimeDistributed(Wrapper):
    """y[:, t] = layer(x[:, t]), the same layer with the same weights at every time.

    All times go through the layer at once: as they are, if it takes more axes, as Dense
    does, else as a batch of batch * time samples. Where samples of a batch touch each
    other in the layer, as in BatchNormalization, this would not be the same: there one
    time comes after the other.

    Args:
        layer: what is applied.
        options: name, trainable, dtype of every layer.

    Shapes:
        (batch, time, ...) -> (batch, time, *what the layer makes of ...). A mask is
        (batch, time, ...) and passed on; what it says behind (batch, time) is told to
        the layer.

    Raises:
        ArgumentError: `layer` is no layer.
        ShapeError: an input without time; a mask of other lengths.

    Example:
        >>> import wubu
        >>> from wubu.layers import Conv2D
        >>> frames = wubu.zeros((2, 10, 8, 8, 3))
        >>> TimeDistributed(Conv2D(4, 3))(frames).shape
        (2, 10, 6, 6, 4)
    """

    supports_masking = True
    input_ndim = (3, None)

    def __init__(self, layer: Layer, **options: Any) -> None:
        super().__init__(layer, **options)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build((input_shape[0], *input_shape[2:]))

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Any:
        if self.layer.takes_more_axes:
            return self.layer(inputs)
        batch, time = inputs.shape[:2]
        if mask is not None and mask.shape[:2] != (batch, time):
            raise ShapeError(
                "its mask does not fit the input",
                expected=f"({batch}, {time}, ...), as the input",
                got=mask.shape,
            )
        if _samples_touch(self.layer):
            steps = [
                self.layer(masked(inputs[:, t], None if mask is None else mask[:, t]))
                for t in range(time)
            ]
            return tree.map_structure(lambda *y: ops.stack(y, axis=1), *steps)
        joined = ops.reshape(inputs, (batch * time, *inputs.shape[2:]))
        if mask is not None and mask.ndim > 2:
            mask = ops.reshape(mask, (batch * time, *mask.shape[2:]))
            joined = masked(joined, mask)
        return tree.map_structure(
            lambda y: ops.reshape(y, (batch, time, *y.shape[1:])), self.layer(joined)
        )


def _samples_touch(layer: Layer) -> bool:
    """Whether it, or a layer inside, computes with several samples at once."""
    return layer.samples_touch or any(map(_samples_touch, layer.sublayers))
