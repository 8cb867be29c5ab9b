"""`UnitNormalization` and `RMSNormalization`: vectors of a certain length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.arguments import known_length
from wubu.layers.layer import Layer, Shape
from wubu.ops.prepare import normal_axes


class UnitNormalization(Layer):
    """y = x / max(|x|, 1e-12), with the Euclidean length |x| over `axis`.

    Args:
        axis: what is one vector: an axis or several.
        options: name, dtype of every layer.

    Shapes:
        Any; the output has the input's.

    Example:
        >>> UnitNormalization()([[3.0, 4.0]]).tolist()
        [[0.6000000238418579, 0.800000011920929]]
    """

    supports_masking = True

    def __init__(self, axis: int | Sequence[int] = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = tuple(axis) if isinstance(axis, list | tuple) else axis

    def call(self, inputs: Tensor) -> Tensor:
        return ops.normalize(inputs, self.axis, 2, 1e-12)


class RMSNormalization(Layer):
    """y = scale * x / sqrt(mean(x**2) + epsilon), the mean over `axis`.

    LayerNormalization without the mean.

    Args:
        axis: what is normalised together: an axis or several.
        epsilon: keeps the root away from zero.
        options: name, trainable, dtype of every layer.

    Shapes:
        (batch, ..., features) -> the same; scale has the lengths of `axis`.

    Source:
        Zhang and Sennrich, "Root mean square layer normalization", 2019, equation 4.

    Example:
        >>> RMSNormalization(epsilon=0.0)([[1.0, 7.0]]).tolist()
        [[0.20000000298023224, 1.399999976158142]]
    """

    supports_masking = True
    input_ndim: int | tuple[int, None] = (2, None)

    def __init__(
        self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **options: Any
    ) -> None:
        super().__init__(**options)
        self.axis = tuple(axis) if isinstance(axis, list | tuple) else axis
        self.epsilon = float(epsilon)

    def build(self, input_shape: Shape) -> None:
        axes = normal_axes(self.axis, len(input_shape))
        shape = tuple(known_length(input_shape, axis, "features") for axis in axes)
        self.scale = self.add_weight(shape, "ones", name="scale")
        self.input_axes = dict(zip(axes, shape, strict=True))
        self.input_ndim = len(input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.rms_normalization(inputs, self.scale, self.axis, self.epsilon)
